"""What the client returns beside answers, and the error that it raises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, Self

from aiqa.errors import AiqaError
from aiqa.types import Format


class ProblemError(AiqaError):
    """The server refused a request; ``status`` is that of HTTP, 0 if there was no answer.

    ``retry_after`` are the seconds to wait, where the server names some.
    """

    def __init__(
        self, message: str, remedy: str = "", *, status: int = 0, retry_after: float | None = None
    ) -> None:
        super().__init__(message, remedy)
        self.status = status
        self.retry_after = retry_after


class _Reply:
    """Reads a JSON object; fields that this version does not know are left out."""

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """Return what ``data`` holds."""
        known = {field.name for field in fields(cls)}  # type: ignore[arg-type]
        return cls(**{name: value for name, value in data.items() if name in known})


@dataclass(frozen=True, slots=True)
class Hit(_Reply):
    """A passage found; ``text`` is its document's from ``start`` to ``end``."""

    score: float
    document_id: str
    source: str
    title: str
    page: int | None
    section: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class DocumentInfo(_Reply):
    """A document as the list has it; ``day`` is its date, empty if it is not known."""

    source: str
    document_id: str
    title: str
    format: Format
    collection: str
    day: str


@dataclass(frozen=True, slots=True)
class UploadStatus(_Reply):
    """An upload: its state, why it was not read in whole, and the documents that came of it."""

    id: str
    name: str
    size: int
    state: Literal[
        "asks", "waiting", "reading", "added", "partly", "unchanged", "failed", "cancelled"
    ]
    is_finished: bool
    progress: float | None
    error: str
    source: str
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EvaluationStatus(_Reply):
    """An evaluation; ``figures`` are those of ``aiqa eval``, None before it is done."""

    id: str
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    is_finished: bool
    done: int
    total: int
    figures: Mapping[str, float | None] | None
    error: str
    remedy: str


@dataclass(frozen=True, slots=True)
class QuoteCheck(_Reply):
    """Whether a quote stands where it was, has moved, or is not there any more."""

    state: Literal["stands", "moved", "changed", "gone"]
    document_id: str
    source: str
    title: str
    start: int
    end: int
    quote: str
