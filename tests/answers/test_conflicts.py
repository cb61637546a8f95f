"""Agreement and conflict: what documents say for the same question, by its value."""

from __future__ import annotations

import pytest

from aiqa import Answer
from aiqa.answers.builder import Answerer
from aiqa.answers.calibration import Calibration
from aiqa.ingestion.chunker import whole_chunk
from aiqa.types import Document, Reading, ScoredSpan, Span

CONFIDENCE = Calibration(("score",), (0.0,), (1.0,), (1.0,), 0.0)
"""The logistic of the score."""

Said = tuple[str, str, str]
"""Title and text of a document, and the words that are quoted."""


def answer(question: str, *said: Said, score: float = 2.0, stated: bool = True) -> Answer:
    """The answer from one document each, the first with ``score``, the others with less."""
    documents, spans = {}, []
    for number, (title, text, words) in enumerate(said):
        name = f"d{number}"
        documents[name] = Document(name, f"{name}.md", "markdown", title, text)
        chunk = whole_chunk(documents[name])
        place = Span(text.index(words), text.index(words) + len(words))
        spans.append(
            ScoredSpan(
                chunk, place, score - number, "span", (score - number,), stated=stated or not number
            )
        )
    answerer = Answerer(CONFIDENCE, CONFIDENCE, 0, documents.__getitem__)
    return answerer.answer(question, Reading(tuple(spans[:1]), tuple(spans[1:])), 0.5)


def held(question: str, *said: Said) -> list[tuple[str, int]]:
    """The values that the documents give, and how many documents give each."""
    return [(p.text, p.documents) for p in answer(question, *said).positions]


LEASE = ("Lease of the flat", "The lease of the flat ends on 31 March 2026.", "31 March 2026")
LETTER = ("Your flat", "The lease of your flat ends on 30 June 2026.", "30 June 2026")
ENDS = "When does the lease of the flat end?"


def test_two_end_dates_are_a_conflict_and_equal_dates_agree() -> None:
    memo = ("Memo", "The lease of the flat ends on 2026-03-31.", "2026-03-31")
    assert held(ENDS, LEASE, LETTER, memo) == [("31 March 2026", 2), ("30 June 2026", 1)]
    assert held(ENDS, LEASE, memo) == [("31 March 2026", 2)]
    assert held(ENDS, LEASE) == [("31 March 2026", 1)]


def test_two_landlords_and_opposite_rules_are_conflicts() -> None:
    assert len(
        held(
            "Who is the landlord?",
            ("Lease", "The landlord is Petra Lindqvist.", "Petra Lindqvist"),
            ("Form", "Landlord: Gordon Mbeki", "Gordon Mbeki"),
        )
    ) == 2  # fmt: skip
    assert len(
        held(
            "Are dogs permitted?",
            ("Rules", "Dogs are permitted in the yard.", "Dogs are permitted"),
            ("Notice", "Dogs are not permitted.", "Dogs are not permitted."),
        )
    ) == 2  # fmt: skip


def test_a_conflict_is_told_where_no_rival_is_sure_enough() -> None:
    result = answer(ENDS, LEASE, LETTER, score=-0.5)
    assert result.outcome == "unsure"
    assert result.conflicts
    assert not answer(ENDS, LEASE, LETTER, score=-3.0).conflicts


def test_what_the_reader_does_not_take_for_an_answer_is_no_rival() -> None:
    assert not answer(ENDS, LEASE, LETTER, stated=False).conflicts


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        (
            "How much does the robot cost?",
            ("Test", "The robot costs 800 dollars.", "800 dollars"),
            ("China", "The robot costs 5,600 yuan.", "5,600 yuan"),
        ),
        (
            "What notice must the tenant give?",
            ("Lease", "The tenant must give 60 days' notice.", "60 days"),
            ("Annex", "The landlord must give 90 days' notice.", "90 days"),
        ),
        (
            "When does the contract end?",
            ("Contract with Alpha Logistics", "The contract ends on 30 June 2025.", "30 June 2025"),
            ("Contract with Beta Security", "The contract ends on 31 May 2026.", "31 May 2026"),
        ),
        (
            "What was the profit?",
            ("Report 2022", "The profit was 4 million euros.", "4 million euros"),
            ("Report 2023", "The profit was 5 million euros.", "5 million euros"),
        ),
        (
            "What was the profit?",
            ("Profit", "In 2022, the profit was 4 million euros.", "4 million euros"),
            ("Results", "In 2023, the profit was 5 million euros.", "5 million euros"),
        ),
        (
            "Who won a prize?",
            ("Fair", "Emma Stone won a prize.", "Emma Stone"),
            ("School", "Liam Reyes won a prize, too.", "Liam Reyes"),
        ),
        (
            "What is the total budget?",
            ("Budget", "The total budget is 240,000 euros.", "240,000 euros"),
            ("Stage", "The budget of the stage is 60,000 euros.", "60,000 euros"),
        ),
    ],
)
def test_near_misses_are_no_conflict(question: str, one: Said, other: Said) -> None:
    assert len(held(question, one, other)) == 1


def test_names_that_one_sentence_has_both_are_no_conflict() -> None:
    match = ("Go", "AlphaGo defeated Lee Sedol in 2016.", "AlphaGo")
    history = ("History", "In 2016 the program AlphaGo won against Lee Sedol.", "Lee Sedol")
    assert len(held("Who won, AlphaGo or Lee Sedol?", match, history)) == 1
    assert len(held("Who won?", match, ("Note", "The winner is Ke Jie.", "Ke Jie"))) == 2


def test_an_answer_without_a_value_has_no_positions() -> None:
    assert not answer("How is it done?", ("T", "It is done with great care.", "care")).positions
