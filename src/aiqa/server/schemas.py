"""Schemas of the chat page's requests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from aiqa.server.evidence_view import View
from aiqa.server.interface_language import InterfaceLanguage
from aiqa.types import Filters, Format

_MOST_TURNS = 500
_MOST_BEFORE = 3

Identity = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,40}$")]


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Scope(_Request):
    """Filters of the search; without any, all documents are searched."""

    sources: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    formats: tuple[Format, ...] = ()
    collections: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    @property
    def filters(self) -> Filters | None:
        """The same for the assistant."""
        exact = tuple(exactly(source) for source in self.sources)
        inside = tuple(f"{exactly(folder)}/*" for folder in self.folders)
        filters = Filters(
            sources=exact + inside,
            formats=self.formats,
            collections=self.collections,
            since=self.since.isoformat() if self.since else None,
            until=self.until.isoformat() if self.until else None,
        )
        return None if filters == Filters() else filters


class Record(_Request):
    """A question and its answer as the browser stores them."""

    id: Identity
    question: str = Field(max_length=100_000)
    answer: Mapping[str, Any]
    scope: Scope = Scope()


class AskRequest(_Request):
    """A question with its history, filters and threshold."""

    id: Identity
    question: str
    history: tuple[Record, ...] = Field((), max_length=_MOST_BEFORE)
    scope: Scope = Scope()
    least: float | None = Field(None, ge=0, le=1)
    sources: int = Field(3, ge=1, le=20)
    language: InterfaceLanguage = "en"


class FurtherRequest(_Request):
    """An answer, and the questions that were asked already."""

    record: Record
    asked: tuple[Annotated[str, StringConstraints(max_length=100_000)], ...] = Field(
        (), max_length=_MOST_TURNS
    )


class CopyRequest(_Request):
    """An answer to copy."""

    record: Record


class Selected(_Request):
    """Words selected in a document: the right answer."""

    document_id: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    quote: str = Field(max_length=100_000)


class Opinion(_Request):
    """Feedback on an answer; ``history`` are the answers before it, oldest first.

    ``selected`` is the right answer, ``rejected`` the words of a candidate that is none.
    """

    record: Record
    verdict: Literal["up", "down"]
    history: tuple[Record, ...] = Field((), max_length=_MOST_BEFORE)
    selected: Selected | None = None
    rejected: str = Field("", max_length=100_000)


class Conversation(_Request):
    """Questions and their answers, under a name; ``address`` is the page's."""

    name: str = ""
    address: str = Field("", max_length=2000)
    turns: tuple[Record, ...] = Field((), max_length=_MOST_TURNS)
    sources: int = Field(3, ge=1, le=20)


class PlaceRequest(_Request):
    """A place in a document to show; ``at`` and ``page`` select another part of it."""

    document: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    sentence_start: int | None = Field(None, ge=0)
    sentence_end: int | None = Field(None, ge=0)
    at: int | None = Field(None, ge=0)
    page: int | None = Field(None, ge=1)
    view: View = "page"


class ScopeRequest(_Request):
    """A part of a document's name."""

    text: str = Field("", max_length=1000)


def exactly(source: str) -> str:
    """Return the pattern that only ``source`` matches."""
    return re.sub(r"([*?\[])", r"[\1]", source)
