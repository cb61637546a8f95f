"""Passages of single sentences: the answer's among those that share the question's words."""

from __future__ import annotations

import random

from aiqa.training.data.evidence import sentences_of
from aiqa.training.data.multi_sentence import assembled
from tests.training.samples import TEXT, asked

OTHERS = [f"The lamp on rock {n} was lit by nobody. Boat {n} is painted in May." for n in range(9)]


def test_a_sentence_that_answers_stands_among_those_of_the_questions_words() -> None:
    example = asked("Who lit the lamp on Gull Rock?", TEXT, "Ada Moor")
    made = [assembled(example, OTHERS, random.Random(seed)) for seed in range(120)]
    answered = [m for m in made if m and m.wordings]
    assert 0.05 < 1 - len(answered) / len(made) < 0.3
    for one in answered:
        (passage,) = one.passages
        texts = [passage.text[s.start : s.end].strip() for s in sentences_of(passage.text)]
        assert len(texts) == 8
        assert one.wordings == ["Ada Moor"]
        (evidence,) = passage.evidence
        said = passage.text[evidence.start : evidence.end].strip()
        assert said == "The lamp on Gull Rock was lit in 1887 by Ada Moor."
        assert sum("Ada Moor" in text for text in texts) == 1
        assert sum("was lit by nobody" in text for text in texts) >= 6
    places = {one.passages[0].evidence[0].start for one in answered}
    assert len(places) > 4


def test_an_answer_across_sentences_is_left_alone() -> None:
    across = asked("Who?", TEXT, "Ada Moor. Ada Moor")
    assert assembled(across, OTHERS, random.Random(0)) is None
