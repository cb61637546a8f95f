"""What a span's sentence says of the question, worked by hand."""

from __future__ import annotations

import pytest

from aiqa.reading.support import Support
from aiqa.types import Chunk, Span

TEXT = "Ada Moor lit the lamp in 1887. The council did not pay Tom Reed. Gulls came."
OFFSET = 40


def of(question: str, words: str) -> tuple[float, float, float]:
    chunk = Chunk("d", "s", "Gull Rock", "text", (), None, OFFSET, OFFSET + len(TEXT), TEXT)
    start = TEXT.index(words) + OFFSET
    return Support(question, chunk).of(Span(start, start + len(words)))


def test_the_share_of_the_question_that_the_sentence_or_the_headings_have() -> None:
    # lit, lamp, Gull and Rock; the sentence has the first two, the title the others.
    assert of("Who lit the lamp on Gull Rock?", "Ada Moor")[0] == 1
    assert of("Who lit the lamp on Gull Rock?", "Gulls")[0] == pytest.approx(2 / 4)
    # paid is stemmed as pay is not: of council, paid and reed it has two.
    assert of("Whom had the council paid, Reed?", "Tom")[0] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("Who lit the lamp in 1887?", 0),
        ("Who lit the lamp in 1888?", 1),
        ("Did Ada Moor or Jane Park light it in 1888?", 3),
        ("Who lit the lamp on Gull Rock?", 0),
        ("What did 1,500 gulls do?", 1),
    ],
)
def test_names_and_numbers_of_the_question_that_stand_nowhere(question: str, count: int) -> None:
    assert of(question, "Ada Moor")[1] == count


@pytest.mark.parametrize(
    ("question", "words", "differs"),
    [
        ("Who was paid?", "Tom Reed", 1),
        ("Who was not paid?", "Tom Reed", 0),
        ("Who wasn’t paid?", "Tom Reed", 0),
        ("Who never lit it?", "Ada Moor", 1),
        ("Who lit it?", "Ada Moor", 0),
    ],
)
def test_whether_only_one_of_question_and_sentence_denies(
    question: str, words: str, differs: float
) -> None:
    assert of(question, words)[2] == differs
