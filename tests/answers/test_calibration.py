"""Confidence: worked by hand, what caution costs, and fitting it to one's own documents."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from aiqa import Assistant
from aiqa.answers.calibration import (
    RISKS,
    Calibration,
    Strictness,
    fit,
    in_percent,
    risk_levels,
)

Open = Callable[..., Assistant]

PLAIN = Calibration(("a", "b"), (1.0, 0.0), (2.0, 1.0), (1.0, -1.0), 0.5)


def test_confidence_is_the_logistic_of_weighed_evidence_and_never_overflows() -> None:
    # 0.5 + 1 * (3 - 1) / 2 - 1 * 1 = 0.5
    assert PLAIN.confidence((3.0, 1.0)) == pytest.approx(0.6224593)
    assert PLAIN.confidence((1e9, 0.0)) == pytest.approx(1)
    assert PLAIN.confidence((-1e9, 0.0)) == pytest.approx(0)
    # The pair adds 0.25 * (3 - 1) / 2 * 1, and what is far out counts as 3 in it.
    paired = replace(PLAIN, pairs=(0.25,))
    assert paired.confidence((3.0, 1.0)) == pytest.approx(1 / (1 + np.exp(-0.75)))
    assert paired.confidence((3.0, 50.0)) == pytest.approx(
        1 / (1 + np.exp(-(0.5 + 1 - 50 + 0.25 * 3)))
    )


@pytest.mark.parametrize(
    ("confidence", "told"),
    [(0.4999, "49%"), (0.5, "50%"), (0.29, "29%"), (0.0, "0%"), (1.0, "100%")],
)
def test_confidence_below_a_threshold_never_reads_as_if_it_met_it(
    confidence: float, told: str
) -> None:
    assert in_percent(confidence) == told


def test_a_calibration_survives_json() -> None:
    x = np.array([[c] for c in np.linspace(0, 1, 100)])
    levels = risk_levels(x[:, 0], x[:, 0] > 0.3, np.ones(100, bool))
    whole = Calibration(("a",), (0.0,), (1.0,), (1.0,), 0.0, levels, "here", 100, (0.5,))
    assert Calibration.of(json.loads(json.dumps(whole.as_dict()))) == whole


def test_a_promised_risk_is_kept_with_the_margin_that_the_number_of_outcomes_allows() -> None:
    # 100 answers, of which the 60 surest are right and the others wrong.
    confidence = np.linspace(0.99, 0.0, 100)
    right = np.arange(100) < 60
    levels = {level.risk: level for level in risk_levels(confidence, right, right)}
    # No wrong one among n leaves, at 90 %, a risk of 1 - 0.1 ** (1 / n): 0.0376 for n = 60.
    assert levels[0.02].coverage == 0
    assert levels[0.02].min_confidence == 1
    # 0.05 takes 60 answers and no wrong one; with one wrong among 61 the bound is 0.062.
    assert levels[0.05].coverage == 1.0
    assert levels[0.05].min_confidence == pytest.approx(confidence[59])
    assert levels[0.3].min_confidence < levels[0.1].min_confidence < confidence[59]


def test_caution_is_asked_for_as_confidence_or_as_risk() -> None:
    right = np.arange(100) < 60
    levels = risk_levels(np.linspace(0.99, 0.0, 100), right, right)
    calibration = Calibration(("a",), (0.0,), (1.0,), (1.0,), 0.0, levels)
    assert Strictness(0.4).least(calibration) == 0.4
    assert Strictness(0.4, max_risk=0.05).least(calibration) == levels[2].min_confidence
    assert Strictness(max_risk=0.06).least(calibration) == levels[2].min_confidence
    assert Strictness(max_risk=0.001).least(calibration) == 1.0
    assert [level.risk for level in levels] == list(RISKS)


def test_fitting_finds_what_made_the_outcomes_and_few_outcomes_move_it_little() -> None:
    chance = np.random.default_rng(0)
    x = chance.normal(size=(4000, 2))
    right = chance.random(4000) < 1 / (1 + np.exp(-(2 * x[:, 0] - 1)))
    fitted = fit(("a", "b"), x, right, None, "made up")
    assert fitted.confidence((0.5, 0.0)) == pytest.approx(0.5, abs=0.03)
    assert abs(fitted.weights[1]) < 0.1
    assert fitted.confidence((1.0, 0.0)) == pytest.approx(0.731, abs=0.03)
    together = chance.random(4000) < 1 / (1 + np.exp(-2 * np.clip(x[:, 0] * x[:, 1], -9, 9)))
    paired = fit(("a", "b"), x, together, None, "made up")
    assert paired.confidence((1.0, 1.0)) > 0.75
    assert paired.confidence((1.0, -1.0)) < 0.25
    few = fit(("a", "b"), x[:2], right[:2], PLAIN, "two")
    assert np.allclose(few.weights, PLAIN.weights, atol=0.5)


def test_an_outcome_that_counts_twice_is_as_good_as_two() -> None:
    chance = np.random.default_rng(0)
    x = chance.normal(size=(200, 2))
    right = chance.random(200) < 1 / (1 + np.exp(-2 * x[:, 0]))
    counts = np.where(np.arange(200) < 60, 2.0, 1.0)
    counted = fit(("a", "b"), x, right, PLAIN, "made up", counts)
    twice = fit(("a", "b"), np.vstack([x, x[:60]]), np.append(right, right[:60]), PLAIN, "made up")
    assert counted.weights == pytest.approx(twice.weights, abs=1e-3)
    assert counted.pairs == pytest.approx(twice.pairs, abs=1e-3)
    assert counted.offset == pytest.approx(twice.offset, abs=1e-3)
    once = fit(("a", "b"), x, right, PLAIN, "made up")
    assert fit(("a", "b"), x, right, PLAIN, "made up", np.ones(200)) == once
    assert counted.weights != pytest.approx(once.weights, abs=1e-3)


def test_an_outcome_that_counts_nothing_is_as_good_as_none() -> None:
    x = np.array([[0.0], [1.0], [2.0], [3.0], [9.0]])
    right = np.array([False, True, False, True, False])
    prior = Calibration(("a",), (0.0,), (1.0,), (1.0,), 0.5)
    counted = fit(("a",), x, right, prior, "", np.array([1.0, 1, 1, 1, 0]))
    without = fit(("a",), x[:4], right[:4], prior, "")
    assert counted.weights == pytest.approx(without.weights, abs=1e-3)
    assert counted.offset == pytest.approx(without.offset, abs=1e-3)
