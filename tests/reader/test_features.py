"""What a span's sentence says of the question, worked by hand."""

from __future__ import annotations

import math
import os
import subprocess
import sys

import pytest

from aiqa.ingestion.chunker import whole_chunk
from aiqa.reader.features import Support, consensus, coverage
from aiqa.types import Document, ScoredChunk, Span

TEXT = "Ada Moor lit the lamp in 1887. The council did not pay Tom Reed. Gulls came."
OFFSET = 40


def of(question: str, words: str) -> tuple[float, ...]:
    document = Document("d", "s", "text", "Gull Rock", " " * OFFSET + TEXT)
    chunk = whole_chunk(document, Span(OFFSET, OFFSET + len(TEXT)))
    start = TEXT.index(words) + OFFSET
    held = Support(question, [ScoredChunk(chunk, 0.0, 0.0)])
    return held.of(chunk, Span(start, start + len(words)))


# Weights of words: ln(1 + 3 / (1 + n)), n of the three sentences having them with the title.
IN_NONE, IN_ONE, IN_ALL = math.log(4), math.log(2.5), math.log(1.75)


def test_the_share_of_the_question_that_the_chunk_has() -> None:
    # Of council, paid and Reed two; ln(1 + 1 / 2) for what the chunk has, ln 2 for what it has not.
    share = 2 * math.log(1.5) / (2 * math.log(1.5) + math.log(2))
    assert of("Whom had the council paid, Reed?", "Tom")[0] == pytest.approx(share)


def test_the_share_of_the_question_that_the_sentence_or_the_headings_have() -> None:
    # lit, lamp, Gull and Rock; the sentence has the first two, the title the others.
    assert of("Who lit the lamp on Gull Rock?", "Ada Moor")[1] == pytest.approx(1)
    share = IN_ALL / (IN_ONE + IN_ALL)
    assert of("Who lit the lamp on Gull Rock?", "Gulls")[1] == pytest.approx(share)
    # paid is stemmed as pay is not: of council, paid and reed it has two.
    share = 2 * IN_ONE / (2 * IN_ONE + IN_NONE)
    assert of("Whom had the council paid, Reed?", "Tom")[1] == pytest.approx(share)


@pytest.mark.parametrize(
    ("question", "words", "share"),
    [
        ("Who lit the lamp in 1887?", "Ada Moor", 4 / 5),
        ("Did Reed pay Tom?", "Tom Reed", 1 / 3),
        ("Did Reed pay Tom?", "Gulls", 0),
        ("Lamp?", "Ada Moor", 0),
    ],
)
def test_the_share_of_the_questions_pairs_of_words_that_the_sentence_has(
    question: str, words: str, share: float
) -> None:
    assert of(question, words)[2] == pytest.approx(share)


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
    assert of(question, "Ada Moor")[3] == count


@pytest.mark.parametrize(
    ("question", "words", "told"),
    [
        ("Who was paid?", "Tom Reed", (1, 0)),
        ("Who was not paid?", "Tom Reed", (0, 1)),
        ("Who wasn’t paid?", "Tom Reed", (0, 1)),
        ("Who never lit it?", "Ada Moor", (1, 1)),
        ("Who lit it?", "Ada Moor", (0, 0)),
    ],
)
def test_whether_only_one_of_question_and_sentence_denies_and_whether_the_question_does(
    question: str, words: str, told: tuple[float, float]
) -> None:
    assert of(question, words)[4:] == told


def test_the_share_of_the_question_that_chunks_have_counts_rare_words_for_more() -> None:
    def chunk(text: str) -> ScoredChunk:
        return ScoredChunk(whole_chunk(Document(text, text, "text", "", text)), 0.0, 0.0)

    # Both of two chunks have "lamp", one has "Ada"; none has "wax".
    both, one, none = math.log(1 + 2 / 3), math.log(1 + 2 / 2), math.log(1 + 2)
    chunks = [chunk("Ada's lamp"), chunk("A lamp")]
    total = both + one + none
    assert coverage("Ada lamp wax?", chunks) == pytest.approx([(both + one) / total, both / total])
    assert Support("Ada lamp wax?", chunks).best_lexical == 1.0


def test_words_that_overlap_speak_for_each_other() -> None:
    shares = {name: math.log(p) for name, p in (
        ("the gull rock", 0.3), ("gull rock light", 0.2), ("a harbour", 0.4), ("in 1887", 0.0009),
    )}  # fmt: skip
    found = consensus(["the gull rock", "a harbour", "in 1887"], shares)
    # Two terms of two and three are the same: 2 * 2 / 5.
    assert math.exp(found["the gull rock"]) == pytest.approx(0.3 + 0.8 * 0.2)
    assert math.exp(found["a harbour"]) == pytest.approx(0.4)
    assert math.exp(found["in 1887"]) == pytest.approx(0.0009)


def test_how_much_is_covered_is_the_same_in_every_process() -> None:
    script = (
        "from aiqa.reader.features import shares\n"
        f"text = {TEXT!r}\n"
        "print(shares(text, [text[:n] for n in range(20, len(text), 7)]))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in map(str, range(5))
    }
    assert len(told) == 1
