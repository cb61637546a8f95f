"""Replay: the same answers from the same documents, and what differs over changed ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from aiqa import Assistant, ChatTurn, Filters, Settings
from aiqa.errors import ReceiptError
from aiqa.receipts.audit_log import AuditLog
from aiqa.receipts.replay import Replayed, replay
from tests.receipts.conftest import CARGO, edit

TABLES = "What does a copy of the tide tables cost?"


@pytest.fixture
def log(assistant: Assistant, tmp_path: Path) -> AuditLog:
    """A log of four questions, asked in several ways."""
    assistant.audit = log = AuditLog(tmp_path / "audit.jsonl")
    first = assistant.ask(TABLES, min_confidence=0)
    assistant.ask("Who prints them?", history=[ChatTurn.of(first)], max_risk=0.2)
    assistant.ask(CARGO, filters=Filters(formats=("pdf",)), min_confidence=0)
    assistant.ask("Who painted the Mona Lisa?")
    assistant.audit = None
    return log


@pytest.fixture
def replayed(log: AuditLog, assistant: Assistant) -> Callable[[], list[Replayed]]:
    """Replays the log over the index as it is now."""

    def opened(settings: Settings) -> Assistant:
        assert settings == assistant.settings
        return assistant

    return lambda: list(replay(log, opened))


def test_a_record_holds_what_was_asked_and_answered(assistant: Assistant, log: AuditLog) -> None:
    first, second, third, _ = log.records()
    assert first.event == "ask"
    assert not {"timings_ms", "unread"} & set(first.details["answer"])
    assert first.details["question"] == TABLES
    assert first.details["answer"]["text"] == "A copy costs one crown."
    assert first.details["asked"]["min_confidence"] == 0
    assert second.details["asked"]["history"][0]["question"] == TABLES
    assert second.details["answer"]["interpreted"]
    assert third.details["asked"]["filters"] == {"formats": ["pdf"]}
    assert first.details["settings"] == json.loads(assistant.settings.model_dump_json())
    assert first.details["provenance"]["index"]["generation"] == assistant.status().generation
    assert log.check().faults == ()


def test_the_same_is_answered_byte_for_byte(replayed: Callable[[], list[Replayed]]) -> None:
    assert [(one.number, one.answer, one.causes) for one in replayed()] == [
        (number, (), ()) for number in (1, 2, 3, 4)
    ]


def test_what_differs_over_a_changed_collection_is_said(
    assistant: Assistant, harbour: Path, replayed: Callable[[], list[Replayed]]
) -> None:
    edit(harbour / "tides.txt", "one crown", "two crowns")
    assistant.ingest(harbour)
    tables, _, cargo, painter = replayed()
    assert (
        tables.answer[0] == "Words: “A copy costs two crowns.”, before “A copy costs one crown.”."
    )
    assert "docs/tides.txt has changed." in tables.causes
    assert any(cause.startswith("The documents are others") for cause in tables.causes)
    assert cargo.is_same
    assert painter.question == "Who painted the Mona Lisa?"
    (harbour / "tides.txt").unlink()
    assistant.ingest(harbour)
    tables, *_ = replayed()
    assert "docs/tides.txt is not in the index any more." in tables.causes


def test_a_new_generation_with_the_same_documents_is_named(
    assistant: Assistant, harbour: Path, replayed: Callable[[], list[Replayed]]
) -> None:
    (harbour / "more.txt").write_text("A buoy was laid off Gull Rock.", "utf-8")
    assistant.ingest(harbour)
    assistant.remove("docs/more.txt")
    for one in replayed():
        assert one.is_same
        assert any("its documents are the same" in cause for cause in one.causes)


def test_settings_that_are_no_more_are_named(log: AuditLog, index: Path) -> None:
    (record, *_) = log.records()
    other = AuditLog(index.parent / "other.jsonl")
    record.details["settings"]["gone"] = 1
    other.asked(**record.details)
    (found,) = replay(other, lambda settings: pytest.fail(str(settings)))
    assert found.answer[0].startswith("It is not answered now: Its settings cannot be used")


def test_a_record_that_was_altered_is_told_of(assistant: Assistant, log: AuditLog) -> None:
    (record, *_) = log.records()
    other = AuditLog(assistant.folder.parent / "other.jsonl")
    for part in ("asked", "answer", "provenance"):
        other.asked(**record.details | {part: {}})
    found = list(replay(other, lambda _: assistant))
    assert [one.is_same for one in found] == [False] * 3
    assert found[0].answer[0].startswith("Its record was altered")


def test_nothing_is_answered_that_cannot_be_recorded(assistant: Assistant, tmp_path: Path) -> None:
    assistant.audit = AuditLog(tmp_path)
    with pytest.raises(ReceiptError, match="Nothing is answered unrecorded"):
        assistant.ask(TABLES)
