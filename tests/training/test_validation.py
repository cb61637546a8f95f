"""Validation tells a model that has learned its questions from one that has not."""

from __future__ import annotations

from pathlib import Path

from aiqa.reader.windows import Windows
from aiqa.training.data.evidence import with_evidence
from aiqa.training.data.examples import Example, Passage
from aiqa.training.recipe import TrainingConfig
from aiqa.training.trainer import Trainer
from aiqa.training.validation import validate
from tests.training.samples import asked, tiny_model

LAMPS = [
    ("Who lit it?", "It was lit by Ada Moor.", "Ada Moor"),
    ("When was it lit?", "In 1887 it was lit.", "1887"),
    ("What did it burn?", "Oil burned in it.", "Oil"),
]
EXAMPLES = [
    *(with_evidence(asked(*lamp)) for lamp in LAMPS),
    asked("Who lit it?", "Boats are painted in May."),
    asked("What did it burn?", "Nobody went to sea."),
    Example("y", "is it lit", (Passage("It is lit daily.", is_answering=True),), polarity="yes"),
    Example("n", "is it red", (Passage("It is quite blue.", is_answering=True),), polarity="no"),
]


def test_a_model_that_knows_its_questions_gets_them_right(tmp_path: Path, windows: Windows) -> None:
    model = tiny_model()
    before = validate(model, windows, EXAMPLES)
    assert before.n == 7
    config = TrainingConfig(rate=2e-3, passes=120, word_pieces=400, dropout=0.0, typed=False)
    Trainer(model, windows, config, tmp_path).train(EXAMPLES, lambda _: None)
    after = validate(model, windows, EXAMPLES)
    assert (after.em, after.f1) == (1, 1)
    assert (after.auroc_margin, after.auroc_answering, after.polarity) == (1, 1, 1)
    assert before.f1 < 1
    assert validate(model, windows, EXAMPLES) == after


def test_what_cannot_be_measured_is_none(windows: Windows) -> None:
    found = validate(tiny_model(), windows, EXAMPLES[:2])
    assert (found.auroc_margin, found.auroc_answering, found.polarity) == (None, None, None)
    empty = validate(tiny_model(), windows, [])
    assert (empty.n, empty.f1) == (0, 0)


def test_a_passage_without_word_pieces_is_not_answered(windows: Windows) -> None:
    found = validate(tiny_model(), windows, [Example("e", "Who?", (Passage(" "),)), EXAMPLES[0]])
    assert found.n == 2
    assert found.auroc_margin is None
