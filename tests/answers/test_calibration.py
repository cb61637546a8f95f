"""Confidence: worked by hand, what caution costs, and fitting it to one's own documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiqa import Assistant, Settings
from aiqa.answers.calibration import (
    RISKS,
    Calibration,
    Strictness,
    fit,
    in_percent,
    risk_levels,
)
from aiqa.calibrated_reader import CalibratedReader
from aiqa.embedders import Vectors
from aiqa.errors import GoldError
from aiqa.evaluation.loaders import load_dataset
from aiqa.evaluation.recalibrate import calibrate
from aiqa.reader.factory import LoadedReader
from aiqa.types import Document, Reading, RiskLevel, ScoredChunk, ScoredSpan
from tests.conftest import GOLD

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


def test_calibrating_on_a_gold_set_is_kept_with_the_index(
    harbour: Path, open_assistant: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant = open_assistant(harbour.parent / "index")
    assistant.ingest(harbour)
    question = "When was the lighthouse lit?"
    before = assistant.ask(question, min_confidence=0)
    facts = [
        ("Who kept the lighthouse from 1887?", "Ada Moor", "Ada Moor kept it from 1887."),
        ("What does the lamp burn?", "rapeseed oil", "Its lamp burns rapeseed oil."),
        ("When was the lighthouse lit?", "1887", "was lit in 1887"),
        ("Who followed Ada Moor?", "Tom Reed", "Tom Reed followed her."),
    ]
    rows = [
        {
            "id": f"{copy}-{number}",
            "question": asked,
            "answers": [words],
            "evidence": [{"source": "docs/lighthouse.md", "quote": quote}],
        }
        for copy in range(4)
        for number, (asked, words, quote) in enumerate(facts)
    ]
    gold = harbour.parent / "own.jsonl"
    gold.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    result = calibrate(assistant, load_dataset(gold))
    assert (result.outcomes, result.held_back) == (32, 16)
    assert result.right >= 10
    assert result.ece_after < result.ece_before
    again = open_assistant(harbour.parent / "index")
    after = again.ask(question, min_confidence=0)
    assert after.text == before.text
    assert after.confidence != before.confidence
    assert again.calibration.source == "own"
    # Another reader's confidence is its own.
    sentences = open_assistant(harbour.parent / "index", reader="sentences")
    assert sentences.calibration == sentences.reader_calibration
    # So is that of a release that weighs other evidence.
    monkeypatch.setattr(CalibratedReader, "own_calibration", PLAIN)
    assert open_assistant(harbour.parent / "index").calibration == PLAIN


def test_too_few_questions_to_calibrate_by_are_told(harbour: Path, open_assistant: Open) -> None:
    assistant = open_assistant(harbour.parent / "index")
    assistant.ingest(harbour)
    gold = harbour.parent / "few.jsonl"
    gold.write_text(json.dumps({"id": "1", "question": "Who is the mayor?"}) + "\n", "utf-8")
    with pytest.raises(GoldError, match="at least 10 right and 10 wrong"):
        calibrate(assistant, load_dataset(gold))


def test_a_gold_set_about_other_documents_is_refused(harbour: Path, open_assistant: Open) -> None:
    assistant = open_assistant(harbour.parent / "index")
    assistant.ingest(harbour)
    with pytest.raises(GoldError, match="is not in the index"):
        calibrate(assistant, load_dataset(GOLD, "dev"))


def test_one_document_read_alone_has_the_same_calibration_as_all(
    harbour: Path, open_assistant: Open
) -> None:
    assistant = open_assistant(harbour.parent / "index")
    assistant.ingest(harbour)
    known = assistant.reader_calibration
    document = assistant.document_at("docs/lighthouse.md")
    assert document
    question = "When was the lighthouse lit?"
    for offset, confidence in ((1000.0, 1), (-1000.0, 0)):
        assistant.keep_calibration(replace(known, offset=offset))
        alone = assistant.ask_document(question, document, min_confidence=0)
        assert alone.text == "1887"
        every = assistant.ask(question, min_confidence=0)
        assert alone.confidence == pytest.approx(confidence, abs=1e-6)
        assert every.confidence == pytest.approx(confidence, abs=1e-6)


@given(
    confidence=st.one_of(st.floats(0, 1), st.sampled_from([level / 10 for level in range(11)])),
    min_confidence=st.sampled_from([0.0, 0.3, 0.5, 1.0]),
    max_risk=st.one_of(st.none(), st.sampled_from([0.001, *RISKS])),
)
def test_what_would_be_shown_is_what_is_answered(
    tmp_path_factory: pytest.TempPathFactory,
    confidence: float,
    min_confidence: float,
    max_risk: float | None,
) -> None:
    levels = tuple(RiskLevel(risk, 1 - 3 * risk, 0.5) for risk in RISKS)
    # So that its confidence is this one, or all but.
    inside = min(max(confidence, 1e-12), 1 - 1e-12)
    evidence = float(np.log(inside) - np.log1p(-inside))
    calibration = Calibration(("a",), (0.0,), (1.0,), (1.0,), 0.0, levels)
    settings = Settings.load(min_confidence=min_confidence, max_risk=max_risk)
    assistant = Assistant(tmp_path_factory.getbasetemp() / "none", settings, Told((evidence,)))
    loaded = LoadedReader(Told((evidence,)), calibration, None, is_borrowed=False)
    assistant.__dict__["_reader"] = CalibratedReader(
        loaded, assistant.store, settings, assistant.embedder
    )
    document = Document("d", "d.txt", "text", "Lamp", "It was lit in 1887.")
    shown = assistant.ask_document("When?", document)
    asked_anyway = assistant.ask_document("When?", document, min_confidence=0)
    assert asked_anyway.confidence == shown.confidence == calibration.confidence((evidence,))
    assert assistant.outcome_of(asked_anyway) == shown.outcome
    assert assistant.outcome_of(shown) == shown.outcome


class Told:
    """A reader that finds the whole chunk, with this evidence; and an embedder."""

    identity, dimensions, max_tokens = "told", 2, 256

    def __init__(self, evidence: tuple[float, ...]) -> None:
        self._evidence = evidence

    def read(self, question: str, chunks: Sequence[ScoredChunk]) -> Reading:  # noqa: ARG002
        chunk = chunks[0].chunk
        return Reading((ScoredSpan(chunk, chunk.span, 0.0, "sentence", self._evidence),))

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def encode(
        self,
        texts: Sequence[str],
        on_progress: Callable[[int], None] | None = None,  # noqa: ARG002
    ) -> Vectors:
        return np.tile(np.array([1, 0], np.float32), (len(texts), 1))


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
