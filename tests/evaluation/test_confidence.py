"""Measures of confidence, of ranking and of agreement, worked by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from aiqa.errors import SettingsError
from aiqa.evaluation import EvalExample, Figures, Row
from aiqa.evaluation.metrics.answers import set_f1
from aiqa.evaluation.metrics.bootstrap import draws, interval
from aiqa.evaluation.metrics.confidence import (
    Reliability,
    RiskCoverage,
    auroc,
    average_precision,
)
from aiqa.evaluation.metrics.descriptions import GLOSSARY
from aiqa.evaluation.thresholds import missed_limits, read_limits, regressions
from aiqa.types import Answer

CONFIDENCES = [0.9, 0.8, 0.8, 0.1]
RIGHT = [True, False, True, False]


def test_auroc_by_hand() -> None:
    # Pairs (right, wrong): .9>.4, .9>.6, .5>.4, .5<.6: three of four.
    assert auroc([0.9, 0.5, 0.4, 0.6], [True, True, False, False]) == 0.75
    assert auroc([0.5, 0.5], [True, False]) == 0.5
    assert auroc([0.5, 0.7], [True, True]) is None


def test_average_precision_by_hand() -> None:
    # Recall rises by 1/2 at rank 1, with precision 1, and at rank 3, with precision 2/3.
    assert average_precision([0.9, 0.8, 0.7], [True, False, True]) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision([0.9], [True]) is None


def test_risk_and_coverage_by_hand() -> None:
    curve = RiskCoverage.of(CONFIDENCES, RIGHT)
    # No threshold parts the two at .8: 1 of 4 answered, then 3 with one wrong, then all.
    assert curve.threshold.tolist() == [0.9, 0.8, 0.1]
    assert curve.coverage.tolist() == [0.25, 0.75, 1.0]
    assert curve.risk.tolist() == pytest.approx([0, 1 / 3, 1 / 2])
    assert curve.area == pytest.approx((1 * 0 + 2 * 1 / 3 + 1 * 1 / 2) / 4)
    assert curve.coverage_at(0.1) == 0.25
    assert curve.coverage_at(0.34) == 0.75
    assert curve.risk_at(0.25) == 0
    assert curve.risk_at(0.5) == pytest.approx(1 / 3)
    assert RiskCoverage.of([0.9, 0.2], [False, True]).coverage_at(0.1) == 0


def test_a_lower_risk_further_on_counts_for_coverage() -> None:
    # The most confident is wrong, the nine after it are right: at 10 % all can be answered.
    confidences = np.linspace(1, 0.1, 10)
    assert RiskCoverage.of(confidences, [False] + [True] * 9).coverage_at(0.1) == 1


def test_reliability_by_hand() -> None:
    diagram = Reliability.of(CONFIDENCES, RIGHT)
    # Bins at .1, .8 (two questions, one of them right) and .9.
    assert diagram.count.tolist() == [1, 2, 1]
    assert diagram.confidence.tolist() == pytest.approx([0.1, 0.8, 0.9])
    assert diagram.accuracy.tolist() == [0, 0.5, 1]
    assert diagram.error == pytest.approx((0.1 + 2 * 0.3 + 0.1) / 4)
    assert Reliability.of([1.0, 0.0], [True, False]).error == 0


@given(st.lists(st.tuples(st.sampled_from([0, 0.2, 0.3, 0.7, 1]), st.booleans()), max_size=30))
def test_areas_are_those_of_scikit_learn(cases: list[tuple[float, bool]]) -> None:
    cases += [(0.5, True), (0.5, False)]
    confidences, positive = zip(*cases, strict=True)
    assert auroc(confidences, positive) == pytest.approx(roc_auc_score(positive, confidences))
    assert average_precision(confidences, positive) == pytest.approx(
        average_precision_score(positive, confidences)
    )


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=50))
def test_the_curves_keep_within_their_bounds(cases: list[tuple[float, bool]]) -> None:
    confidences, right = zip(*cases, strict=True)
    curve = RiskCoverage.of(confidences, right)
    assert curve.coverage[-1] == 1
    assert curve.risk[-1] == pytest.approx(1 - np.mean(right))
    assert np.all(np.diff(curve.coverage) > 0)
    assert 0 <= curve.area <= 1
    assert 0 <= Reliability.of(confidences, right).error <= 1


def test_the_f1_of_sentences_by_hand() -> None:
    # Two of three given are gold, of four: precision 2/3, recall 1/2.
    assert set_f1({1, 2, 3}, {2, 3, 4, 5}) == pytest.approx(2 * (2 / 3) / 2 / (2 / 3 + 1 / 2))
    assert set_f1(set(), {1}) == 0


def test_the_bootstrap_interval_is_about_what_theory_gives() -> None:
    values = np.array([0.0, 1.0] * 200)
    low, high = interval([float(values[indices].mean()) for indices in draws(len(values))])
    half_width = 1.96 * 0.5 / math.sqrt(400)
    assert low == pytest.approx(0.5 - half_width, abs=0.01)
    assert high == pytest.approx(0.5 + half_width, abs=0.01)
    assert (low, high) == interval([float(values[i].mean()) for i in draws(len(values))])


FIGURES = {"f1": 0.7, "ece": 0.05, "auroc": None}


def test_limits_and_drops() -> None:
    assert missed_limits(FIGURES, {"f1": 0.7, "ece": 0.05}) == []
    assert missed_limits(FIGURES, {"f1": 0.71}) == ["f1 is 0.700; it must be at least 0.71."]
    assert missed_limits(FIGURES, {"ece": 0.04}) == ["ece is 0.050; it must be at most 0.04."]
    assert missed_limits(FIGURES, {"auroc": 0.5}) == ["auroc is missing; it must be at least 0.5."]
    before = {"f1": 0.72, "ece": 0.04, "auroc": None}
    assert regressions(FIGURES, before, {"f1": 0.02, "ece": 0.01, "auroc": 0.0}) == []
    assert regressions(FIGURES, before, {"f1": 0.01}) == [
        "f1 went from 0.720 to 0.700; it may get worse by 0.01 at most."
    ]
    assert len(regressions(FIGURES, before, {"ece": 0.005})) == 1
    assert len(regressions({"auroc": None}, {"auroc": 0.9}, {"auroc": 0.5})) == 1


def test_limits_are_read_and_mistakes_in_them_explained() -> None:
    assert read_limits("f1=0.70, recall@5=0.9", "--fail-under") == {"f1": 0.7, "recall@5": 0.9}
    with pytest.raises(SettingsError, match="--fail-under has 'f1'"):
        read_limits("f1", "--fail-under")
    with pytest.raises(SettingsError, match=r"no figure 'f2'.*em, f1, recall@1"):
        read_limits("f2=0.7", "--fail-under")


def test_every_figure_is_explained() -> None:
    question = EvalExample(id="q", question="x")
    answer = Answer("x", None, 0.0, "abstention")
    row = Row(
        question=question,
        answer=answer,
        outcome="not found",
        candidate_right=False,
        format=None,
        em=None,
        f1=None,
        sentence_f1=None,
        right=False,
        verbatim=(),
        supported=(),
        in_passage=(),
        evidence_cited=(),
        ranking=None,
        stage=None,
    )
    figures = Figures.of([row], [{"total": 2.0}])
    assert set(figures.values) == set(GLOSSARY)
    assert figures.headline() | {"n": 1, "abstained": 1.0, "latency_ms": 2.0} == figures.headline()
    assert set(figures.intervals) == {
        name for name, value in figures.values.items() if value is not None
    }
