"""Feedback: kept whole or not at all, by any number of people at once, and exact to the letter."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aiqa import Assistant, Filters
from aiqa.errors import AiqaError, FeedbackError, QuestionError
from aiqa.feedback import FeedbackFile
from aiqa.serialization import answer_dict
from tests.conftest import Open


@pytest.fixture
def assistant(harbour: Path, open_assistant: Open) -> Assistant:
    assistant = open_assistant(harbour.parent / "index")
    assistant.ingest(harbour / "tides.txt")
    return assistant


QUESTION = "What does a copy of the tide tables cost?"


def correct(assistant: Assistant, quote: str) -> dict[str, object]:
    document = next(assistant.documents())
    start = document.text.index(quote)
    return {
        "source": document.source,
        "document_id": document.id,
        "start": start,
        "end": start + len(quote),
        "quote": quote,
    }


def test_a_row_holds_all_that_is_needed_to_ask_again(assistant: Assistant) -> None:
    filters = Filters(formats=("text",))
    answer = answer_dict(assistant.ask(QUESTION, filters=filters))
    right = correct(assistant, "one crown")
    assistant.keep_feedback(
        answer, "down", filters=filters, correct=right, comment="too long", history=[answer]
    )
    assistant.keep_feedback(answer, "up")
    lines = (assistant.folder / "feedback.jsonl").read_text("utf-8").splitlines()
    first, second = map(json.loads, lines)
    assert set(first) == {
        "id", "time", "question", "history", "filters", "answer", "verdict", "correct",
        "comment", "settings", "generation",
    }  # fmt: skip
    assert (first["question"], first["verdict"], first["comment"]) == (QUESTION, "down", "too long")
    assert first["correct"] == right
    assert first["answer"] == json.loads(json.dumps(answer))
    assert first["history"] == [first["answer"]]
    assert first["filters"]["formats"] == ["text"]
    assert first["settings"]["min_confidence"] == assistant.settings.min_confidence
    assert first["generation"] == assistant.status().generation
    assert (second["verdict"], second["correct"]) == ("up", None)
    assert first["id"] != second["id"]
    assert [row.id for row in FeedbackFile(assistant.folder).rows()] == [first["id"], second["id"]]


@pytest.mark.parametrize(
    "change",
    [
        {"start": 1},
        {"quote": "two crowns"},
        {"end": 10**9},
        {"start": -1},
        {"document_id": "0" * 64},
        {"document_id": "../../etc/passwd"},
    ],
)
def test_what_does_not_stand_there_is_refused(
    assistant: Assistant, change: dict[str, object]
) -> None:
    answer = answer_dict(assistant.ask(QUESTION))
    with pytest.raises(FeedbackError):
        assistant.keep_feedback(answer, "down", correct=correct(assistant, "one crown") | change)
    assert list(FeedbackFile(assistant.folder).rows()) == []


def test_what_is_no_answer_or_too_long_is_refused(assistant: Assistant) -> None:
    answer = answer_dict(assistant.ask(QUESTION))
    with pytest.raises(QuestionError):
        assistant.keep_feedback({"text": "made up"}, "up")
    for wrong in (
        {"verdict": "sideways"},
        {"comment": "x" * 2001},
        {"history": [answer] * 21},
        {"history": [{"question": "x" * 300_000}]},
    ):
        with pytest.raises(FeedbackError):
            assistant.keep_feedback(answer, **({"verdict": "up"} | wrong))
    assert list(FeedbackFile(assistant.folder).rows()) == []


def test_many_at_once_lose_nothing(assistant: Assistant) -> None:
    answer = answer_dict(assistant.ask(QUESTION))
    with ThreadPoolExecutor(8) as threads:
        kept = list(threads.map(lambda _: assistant.keep_feedback(answer, "up").id, range(40)))
    assert sorted(kept) == sorted(row.id for row in FeedbackFile(assistant.folder).rows())


def test_what_a_killed_process_left_of_a_row_does_not_spoil_the_next(assistant: Assistant) -> None:
    answer = answer_dict(assistant.ask(QUESTION))
    whole = assistant.keep_feedback(answer, "up").id
    with FeedbackFile(assistant.folder).path.open("ab") as file:
        file.write(b'{"id": "half of a r')
    another = assistant.keep_feedback(answer, "down").id
    assert [row.id for row in FeedbackFile(assistant.folder).rows()] == [whole, another]


def test_a_line_that_is_not_feedback_is_named(assistant: Assistant) -> None:
    path = FeedbackFile(assistant.folder).path
    path.write_text('{"id": "x"}\n', "utf-8")
    with pytest.raises(FeedbackError, match=f"Line 1 of {path}"):
        list(FeedbackFile(assistant.folder).rows())


def test_a_place_that_cannot_be_written_is_told(assistant: Assistant) -> None:
    answer = answer_dict(assistant.ask(QUESTION))
    FeedbackFile(assistant.folder).path.mkdir()
    with pytest.raises(AiqaError, match="cannot be written"):
        assistant.keep_feedback(answer, "up")
