"""Calibrating on a gold set."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aiqa.answers.calibration import (
    Calibration,
)
from aiqa.calibrated_reader import CalibratedReader
from aiqa.errors import GoldError
from aiqa.evaluation.loaders import load_dataset
from aiqa.evaluation.recalibrate import calibrate
from tests.conftest import GOLD, Open

PLAIN = Calibration(("a", "b"), (1.0, 0.0), (2.0, 1.0), (1.0, -1.0), 0.5)


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
