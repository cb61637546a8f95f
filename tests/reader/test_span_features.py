"""What is known of chunks and spans, worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tokenizers import Tokenizer

from aiqa.reader.features import Support
from aiqa.reader.first_reading import FirstReading
from aiqa.reader.sentence_check import SentenceCheck
from aiqa.reader.span_decoder import Candidate
from aiqa.reader.span_features import (
    CONFIDENCE,
    chunk_features,
    confidence_features,
    span_features,
    words_of,
)
from aiqa.types import ScoredChunk
from tests.reader.fakes import hit, place, read_window

ADA = hit("Ada Moor lit it.", score=0.5, dense=0.6, lexical=3.0)
TOM = hit("Ada Moor paid Tom Reed.", "b.txt", 7, score=0.25, dense=0.4, lexical=None)


@pytest.fixture
def first(tokenizer: Tokenizer) -> FirstReading:
    """Ada's chunk answers with 1.5 and beats "no answer" by 2; Tom's with -0.5 and by -3."""
    return FirstReading(
        [
            read_window(tokenizer, ADA, {"Ada": 2.0}, {"it": 1.0}, {}, answering=1.5, null=1.0),
            read_window(tokenizer, TOM, {}, {}, {}, answering=-0.5, null=3.0),
        ]
    )


def candidate(
    of: ScoredChunk, words: str, score: float = 8.0, null: float = 1.0, answering: float = 3.0
) -> Candidate:
    return Candidate(of, place(of, words), score, null, answering, evidence=0.75)


def test_what_is_known_of_chunks(first: FirstReading) -> None:
    support = Support("Who lit it?", [ADA, TOM])
    table = chunk_features([TOM, ADA], first, support)
    told = {name: table.column(name).tolist() for name in table.names}
    assert told.pop("coverage") == [support.coverage(TOM.chunk), support.coverage(ADA.chunk)]
    assert told == {
        "first_answering": [-0.5, 1.5],
        "first_beats_null": [-3.0, 2.0],
        "dense": [0.4, 0.6],
        "lexical": [0.0, 1.0],
        "fused": [0.25, 0.5],
    }


def test_a_chunk_without_words_promises_little() -> None:
    blank = hit("\n", "c.txt")
    table = chunk_features([blank], FirstReading([]), Support("Who lit it?", [blank]))
    assert table.column("first_answering").tolist() == [-10.0]
    assert np.isfinite(table.values).all()


def test_what_is_known_of_spans(tokenizer: Tokenizer) -> None:
    text = "The lamp of Gull Rock was lit by Ada Moor. Jane never paid Tom Reed."
    own = hit(text, "c.txt", 7, score=0.5, dense=0.25, lexical=3.0)
    support = Support("Who paid Tom for Mole End?", [own, hit("Gulls.", lexical=6.0)])
    found = [candidate(own, "Tom Reed")]
    first = read_window(
        tokenizer, own, {"Ada": 2.5, "Tom": 0.5, "never": 1.0}, {"Reed": 0.75}, {"Tom Reed": 4.0},
        answering=1.5, null=1.25,
    )  # fmt: skip
    sentence = own.chunk.sentence_around(place(own, "Tom Reed"))
    alone = read_window(tokenizer, own, {"Tom": 1.0, "Jane": 2.0}, {"Reed": 3.0}, {}, 2.5, null=0.5)
    check = SentenceCheck([(sentence, alone)])
    table = span_features(found, FirstReading([first]), support, check)
    told = {name: float(table.column(name)[0]) for name in table.names}
    # Paid, Tom, Mole and End: two are said, in this sentence. Of five pairs, one is.
    covered = 2 * math.log(2) / (2 * math.log(2) + 2 * math.log(3))
    said = 2 * math.log(2) / (2 * math.log(2) + 2 * math.log(3))
    assert told == pytest.approx(
        {
            "score": 8.0, "beats_null": 7.0, "answering": 3.0, "evidence": 0.75,
            "length": math.log(9), "sentence": said, "pairs": 0.2, "first_answering": 1.5,
            "first_beats_null": 2.0, "dense": 0.25, "lexical": 0.5, "fused": 0.5,
            "coverage": covered,
            # "Tom" to "Reed" is 0.5 and 0.75 over 1.25; its sentence is best from "never" on.
            "first_score": 0.0, "first_evidence": 4.0, "first_sentence_score": 0.5,
            "first_sentence_evidence": 4.0 * 2 / 6,
            # "Tom" to "Reed" is 1 and 3 over 0.5; alone, its sentence is best from "Jane" on.
            "alone_answering": 2.5, "alone_score": 3.5, "alone_best": 4.5, "alone_evidence": 0.0,
            # One of "Tom Reed" is said, too.
            "restated": 0.5, "head": 0.0, "head_lead": 0.0, "in_range": 0.0,
        }
    )  # fmt: skip


def test_the_rows_are_those_of_the_spans_in_any_order(first: FirstReading) -> None:
    support = Support("Who lit it?", [ADA, TOM])
    found = [candidate(ADA, "Ada Moor"), candidate(TOM, "Ada Moor"), candidate(TOM, "Tom Reed")]
    table = span_features(found, first, support, SentenceCheck([]))
    turned = span_features(found[::-1], first, support, SentenceCheck([]))
    assert turned.names == table.names
    assert turned.values[::-1].tolist() == table.values.tolist()


QUESTION = "Who never lit Mole End?"


def confidence(
    first: FirstReading, found: list[Candidate], scores: list[float]
) -> list[dict[str, float]]:
    support = Support(QUESTION, [ADA, TOM])
    table = span_features(found, first, support, SentenceCheck([]))
    rows = confidence_features(range(len(found)), found, table, np.array(scores), support)
    assert rows.shape == (len(found), len(CONFIDENCE))
    return [dict(zip(CONFIDENCE, map(float, row), strict=True)) for row in rows]


def test_what_speaks_for_a_span_beside_the_others(first: FirstReading) -> None:
    told = confidence(
        first,
        [
            candidate(ADA, "Ada Moor", answering=3.0),
            candidate(TOM, "Ada Moor", answering=1.0),
            candidate(TOM, "Tom Reed", answering=0.5),
        ],
        [2.0, 1.0, 0.0],
    )
    every = math.exp(2) + math.exp(1) + 1
    ada, tom = math.log((math.exp(2) + math.exp(1)) / every), math.log(1 / every)
    expected = {
        "rank": [2.0, 1.0, 0.0],
        # Above the best of other words, not above another place of the same.
        "margin": [2.0, 1.0, -2.0],
        "consensus": [ada, ada, tom],
        "agreement": [math.log(2), math.log(2), 0.0],
        # The other chunk answers with 1 at best, or with 3.
        "rival_answering": [1.0, 3.0, 3.0],
        "lead_answering": [2.0, -2.0, -2.5],
        "dense_lead": [0.2, -0.2, -0.2],
        # Mole and End stand nowhere; the question denies, the sentences do not.
        "unmatched": [2.0, 2.0, 2.0],
        "denial": [1.0, 1.0, 1.0],
        "denied": [1.0, 1.0, 1.0],
        "first_answering": [1.5, -0.5, -0.5],
        "evidence": [0.75] * 3,
        "beats_null": [7.0] * 3,
        "length": [math.log(9)] * 3,
    }
    for name, values in expected.items():
        assert [row[name] for row in told] == pytest.approx(values), name


def test_a_span_without_rivals_has_the_margins_of_one_that_is_far_ahead(
    first: FirstReading,
) -> None:
    (told,) = confidence(first, [candidate(ADA, "Ada Moor")], [2.0])
    assert (told["margin"], told["rival_answering"]) == (10.0, -10.0)
    assert (told["lead_answering"], told["dense_lead"]) == (0.0, 0.0)
    assert (told["consensus"], told["agreement"]) == (0.0, 0.0)


def test_the_evidence_of_a_span_does_not_hang_on_the_order_of_candidates(
    first: FirstReading,
) -> None:
    found = [candidate(ADA, "Ada Moor"), candidate(TOM, "Ada Moor"), candidate(TOM, "Tom Reed")]
    there = confidence(first, found, [2.0, 1.0, 0.0])
    back = confidence(first, found[::-1], [0.0, 1.0, 2.0])[::-1]
    for one, other in zip(there, back, strict=True):
        assert one == pytest.approx(other)


def test_words_are_the_same_whatever_their_case_and_blanks() -> None:
    assert words_of(candidate(hit("ADA \u00a0 Moor"), "ADA \u00a0 Moor")) == "ada moor"
