"""Hard negatives: near by vectors or by words, never with an answer's words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from aiqa.training.data.hard_negatives import hard_negatives
from tests.training.samples import asked

TEXTS = [
    "The lamp on Gull Rock was lit by Ada Moor.",
    "The lantern of North Head was kindled by Tom Reed.",
    "A lamp burns oil, and the lamp on the rock does too.",
    "Boats are painted in May.",
    "Ada Moor went to sea.",
]


def test_vectors_and_words_take_turns_and_what_may_answer_is_left_out() -> None:
    first = asked("Who lit the lamp on Gull Rock?", TEXTS[0], "Ada Moor")
    others = (asked("Boats?", text) for text in TEXTS[1:])
    examples = [replace(example, id=str(n)) for n, example in enumerate((first, *others))]
    questions = np.zeros((5, 5), np.float32)
    questions[0] = [0.6, 0.5, 0.1, 0.2, 0.4]
    found = hard_negatives(examples, questions, np.eye(5, dtype=np.float32), depth=8)
    # By vectors North Head is next, by words the rock; the last text holds the answer's words.
    assert found["0"][:2] == [TEXTS[1], TEXTS[2]]
    assert set(found["0"]) == {TEXTS[1], TEXTS[2], TEXTS[3]}
    assert all(TEXTS[int(number)] not in others for number, others in found.items())
