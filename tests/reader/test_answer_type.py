"""Which candidates are of the type that a question asks for."""

from __future__ import annotations

import pytest

from aiqa.reader.answer_type import of_asked_type
from aiqa.reader.span_decoder import Candidate
from aiqa.types import ScoredChunk
from tests.reader.fakes import hit, place

PRICE = "The cost fell below 1,000 dollars, and it is now sold for about 800."
LEAVE = "In 2019 the 12 clerks had 25 working days of leave; 3 of them took all."


def candidate(of: ScoredChunk, words: str) -> Candidate:
    return Candidate(of, place(of, words), 1.0, 0.0, 0.0, 0.0)


def test_what_stands_in_other_sentences_may_answer() -> None:
    own = hit(f"{PRICE} Several hundred were sold.")
    spans = [candidate(own, words) for words in ("800", "Several hundred", "sold")]
    assert [span.text for span in of_asked_type("How many were sold?", spans)] == [
        "Several hundred"
    ]


@pytest.mark.parametrize(
    ("question", "text", "kept", "dropped"),
    [
        ("How many robots were sold?", PRICE, [], ["1,000 dollars", "800", "about 800", "about"]),
        ("How many dollars does it cost?", PRICE, ["1,000 dollars", "800"], ["sold"]),
        ("How much does it cost?", PRICE, ["1,000 dollars", "800"], []),
        (
            "How many clerks are there?",
            LEAVE,
            ["12", "3", "the 12 clerks"],
            ["25 working days", "clerks"],
        ),
        ("how many days off do they get", LEAVE, ["25 working days", "12", "3"], []),
        ("How many minutes does it last?", "session_minutes: 30", ["30"], []),
        ("How many minutes does it last?", "It costs $30.", [], ["$30", "costs"]),
    ],
)
def test_a_count_is_not_answered_by_an_amount(
    question: str, text: str, kept: list[str], dropped: list[str]
) -> None:
    own = hit(text, start=5)
    spans = [candidate(own, words) for words in (*kept, *dropped)]
    assert [span.text for span in of_asked_type(question, spans)] == kept


@pytest.mark.parametrize(
    ("question", "text", "kept", "dropped"),
    [
        ("How many came?", "None of the pilots came.", ["None of the pilots"], ["pilots", "came"]),
        (
            "how many votes are needed",
            "A simple majority vote is enough.",
            ["majority"],
            ["enough"],
        ),
        ("What percentage is due?", "Due is half of it.", ["half"], ["Due", "of it"]),
        ("What share is due?", "Due is the rest.", ["the rest"], []),
    ],
)
def test_a_number_is_asked_for(
    question: str, text: str, kept: list[str], dropped: list[str]
) -> None:
    own = hit(text)
    spans = [candidate(own, words) for words in (*kept, *dropped)]
    assert [span.text for span in of_asked_type(question, spans)] == kept


@pytest.mark.parametrize(
    ("text", "kept", "dropped"),
    [
        ("Uptime is ____% or higher.", ["Uptime"], ["____% or higher", "____"]),
        ("Due within [__] days after the 1st.", ["within [__] days after the 1st"], ["[__] days"]),
        ("The law of [ ] governs.", ["governs"], ["The law of [ ]"]),
        ("Call file__name.txt or __init__ [x].", ["file__name.txt or __init__", "[x]"], []),
        ("Signed at .......... by us.", ["by us"], ["at .........."]),
    ],
)
def test_a_blank_of_a_template_is_no_answer(text: str, kept: list[str], dropped: list[str]) -> None:
    own = hit(text)
    spans = [candidate(own, words) for words in (*kept, *dropped)]
    assert [span.text for span in of_asked_type("What is agreed?", spans)] == kept
