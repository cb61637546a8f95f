"""Replay: the questions of an audit log, asked again and compared with what was answered."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import rfc8785

from aiqa.config import Settings
from aiqa.document_store import DocumentStore
from aiqa.errors import AiqaError, SettingsError
from aiqa.receipts.audit_log import ASKED, AuditLog, AuditRecord
from aiqa.receipts.provenance import Asked
from aiqa.types import Answer, ChatTurn, Filters

_CAUSES = {
    "settings": "The settings differ.",
    "reader": "The reader's weights differ.",
    "embedder": "The embedder's weights differ.",
    "calibration": "The calibration differs.",
}
"""What to say of parts of the provenance that are not the same."""


class Answering(Protocol):
    """What is asked again: an ``Assistant`` without an audit log."""

    store: DocumentStore

    def ask(
        self,
        question: str,
        *,
        history: Sequence[ChatTurn] = (),
        filters: Filters | None = None,
        min_confidence: float | None = None,
        max_risk: float | None = None,
    ) -> Answer:
        """Answer ``question``; see ``QuestionAnswering.ask``."""

    def audit_details(
        self,
        answer: Answer,
        *,
        history: Sequence[ChatTurn] = (),
        filters: Filters | None = None,
        min_confidence: float | None = None,
        max_risk: float | None = None,
    ) -> dict[str, Any]:
        """Return what a record of ``answer`` holds; see ``Assistant.audit_details``."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """A logged question that was asked again.

    ``answer`` says what of the answer differs from the logged one, nothing if it is the same byte
    for byte; ``causes`` what else is not as it was, which may be the reason.
    """

    number: int
    question: str
    answer: tuple[str, ...]
    causes: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether the answer is the logged one, byte for byte."""
        return not self.answer


def replay(log: AuditLog, opened: Callable[[Settings], Answering]) -> Iterator[Replayed]:
    """Ask every question of ``log`` again at its settings, and yield what came of each.

    ``opened`` returns the assistant with these settings.

    Raises:
        ReceiptError: the log cannot be read.
    """
    for record in log.records():
        if record.event == ASKED:
            yield _replayed(record, opened)


def _replayed(record: AuditRecord, opened: Callable[[Settings], Answering]) -> Replayed:
    logged = record.details
    question = str(logged.get("question"))
    try:
        asked = Asked.of(logged["asked"])
        answering = opened(_settings(logged["settings"]))
        answer = answering.ask(question, **asked.arguments())
        now = answering.audit_details(answer, **asked.arguments())
        differences = tuple(_differences(logged, now))
        causes = (*_documents(logged, answering.store), *_causes(logged, now))
    except AiqaError as error:
        return Replayed(record.number, question, (f"It is not answered now: {error}",), ())
    except (LookupError, TypeError, AttributeError) as error:
        return Replayed(record.number, question, (f"Its record was altered: {error!r}.",), ())
    return Replayed(record.number, question, differences, causes)


def _settings(logged: Mapping[str, Any]) -> Settings:
    """Return the logged settings, those of a later version at their defaults.

    Raises:
        SettingsError: there is a setting no more, or it may not have that value.
    """
    try:
        return Settings(**logged)
    except ValueError as error:
        raise SettingsError(f"Its settings cannot be used any more: {error}") from error


def _differences(logged: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Yield what differs between two answers, the weightiest first."""
    before, after = logged["answer"], now["answer"]
    if rfc8785.dumps(before) == rfc8785.dumps(after):
        return
    if before["outcome"] != after["outcome"]:
        yield f"Outcome: {after['outcome']}, before {before['outcome']}."
    if before["text"] != after["text"]:
        yield f"Words: {_told(after['text'])}, before {_told(before['text'])}."
    places = [[_place(one) for one in answer["citations"]] for answer in (before, after)]
    if places[0] != places[1]:
        yield f"Place: {'; '.join(places[1]) or 'none'}, before {'; '.join(places[0]) or 'none'}."
    if before["confidence"] != after["confidence"]:
        yield f"Confidence: {after['confidence']:.4f}, before {before['confidence']:.4f}."
    told = {"outcome", "abstained", "text", "citations", "confidence"}
    others = sorted(
        name
        for name in before.keys() | after.keys()
        if name not in told and rfc8785.dumps(before.get(name)) != rfc8785.dumps(after.get(name))
    )
    if others:
        yield f"Also: {', '.join(others)}."


def _told(text: str | None) -> str:
    return f"“{text}”" if text is not None else "no answer"


def _place(citation: Mapping[str, Any]) -> str:
    return f"{citation['source']} ({citation['start']} to {citation['end']})"


def _documents(logged: Mapping[str, Any], store: DocumentStore) -> Iterator[str]:
    """Yield what became of the documents that were cited."""
    for cited in logged["documents"]:
        now, source = store.find(cited["id"]), cited["source"]
        if now and hashlib.sha256(now.text.encode()).hexdigest() == cited["text"]:
            continue
        if now:
            yield f"{source} is read as another text now."
        elif store.document_at(source):
            yield f"{source} has changed."
        else:
            yield f"{source} is not in the index any more."


def _causes(logged: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Yield what else is not as it was."""
    before, after = logged["provenance"], now["provenance"]
    old, new = before["index"], after["index"]
    if old["root"] != new["root"]:
        yield (
            f"The documents are others: generation {new['generation']} with {new['documents']} "
            f"documents, before {old['generation']} with {old['documents']}."
        )
    elif old["generation"] != new["generation"]:
        yield (
            f"The index has generation {new['generation']} now, before {old['generation']}; "
            "its documents are the same."
        )
    yield from (told for name, told in _CAUSES.items() if before[name] != after[name])
    versions = before["software"], after["software"]
    for name in sorted(versions[0].keys() | versions[1].keys()):
        a, b = (one.get(name, "none") for one in versions)
        if a != b:
            yield f"{name} is {b} now, before {a}."
