from __future__ import annotations

import pytest

from aiqa.reader.question_type import how_many, question_type


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who lit the lamp?", "fact"),
        ("How many keepers were there?", "fact"),
        ("How old is the lamp?", "fact"),
        ("Why was oil burnt?", "explanation"),
        ("How did the keepers get their oil?", "explanation"),
        ("Which three keepers were there?", "list"),
        ("What are the duties of a keeper?", "list"),
        ("What kinds of oil may a keeper burn?", "list"),
        ("which lamps count as navigation lights", "list"),
        ("Which company makes the lamp?", "fact"),
        ("which glass count as lamp glass", "fact"),
        ("What is a vector index?", "explanation"),
        ("What are the Two Sessions?", "explanation"),
        ("What are the sessions?", "list"),
        ("What’s catch-up mode?", "explanation"),
        ("what are tariffs", "explanation"),
        ("What does calibration mean?", "explanation"),
        ("What is the meaning of Eid?", "explanation"),
        ("Who is Bao Yu?", "explanation"),
        ("Who is the keeper?", "fact"),
        ("What is the price of oil?", "fact"),
        ("What is Ada's job?", "fact"),
        ("What is located there?", "fact"),
        ("What is required?", "fact"),
        ("What is lit by the keeper?", "fact"),
    ],
)
def test_what_is_asked_for(question: str, expected: str) -> None:
    assert question_type(question) == expected


def test_how_many_things_are_asked_for() -> None:
    assert how_many("Which three keepers?", 8) == 3
    assert how_many("Which keepers?", 8) == 8
