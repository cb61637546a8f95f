"""Feedback on answers, stored beside the index in an append-only file of JSON lines."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal, Protocol
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from aiqa.errors import FeedbackError
from aiqa.types import Document
from aiqa.validation_errors import validation_message

_MOST_ROW_BYTES = 256_000
MOST_FEEDBACK_BYTES = 256_000_000
_LOCK_SECONDS = 10

Verdict = Literal["up", "down"]

Find = Callable[[str], Document | None]
"""Returns the document with an id; None if there is none."""


class Correct(BaseModel):
    """The place of the right answer: ``quote == document.text[start:end]``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = Field(max_length=4096)
    document_id: str = Field(pattern="^[0-9a-f]{64}$")
    start: int = Field(ge=0)
    end: int = Field(gt=0)
    quote: str = Field(min_length=1, max_length=10_000)


class Feedback(BaseModel):
    """A user's verdict on one answer, with everything needed to ask the question again.

    ``history`` has the earlier turns, oldest first. ``filters`` are the fields of
    ``types.Filters``, ``answer`` has the keys of ``aiqa ask --json``, ``settings`` are those of the
    assistant, and ``generation`` is the index's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(default_factory=lambda: uuid4().hex)
    time: str = Field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    question: str = Field(min_length=1, max_length=100_000)
    history: tuple[dict[str, Any], ...] = Field((), max_length=20)
    filters: dict[str, Any] = Field(default_factory=dict)
    answer: dict[str, Any]
    verdict: Verdict
    correct: Correct | None = None
    comment: str | None = Field(None, max_length=2000)
    settings: dict[str, Any]
    generation: int = Field(ge=0)

    @classmethod
    def of(cls, **fields: Any) -> Feedback:
        """Return a row with these fields, a new id and the current time.

        Raises:
            FeedbackError: a field is missing, too long or of the wrong type.
        """
        try:
            return cls(**fields)
        except ValidationError as error:
            complaints = validation_message(error, whole="it")
            raise FeedbackError(f"This feedback cannot be kept: {complaints}.") from error

    def checked(self, find: Find | None) -> str:
        """Return the row as JSON; without ``find`` it is not compared with its document.

        Raises:
            FeedbackError: ``correct`` does not match its document, or the row is too large.
        """
        if self.correct and find:
            _check(self.correct, find(self.correct.document_id))
        text = self.model_dump_json()
        size = len(text.encode())
        if size > _MOST_ROW_BYTES:
            raise FeedbackError(
                f"This feedback has {size:,} bytes; at most {_MOST_ROW_BYTES:,} are kept.",
                "Begin a new conversation and ask again.",
            )
        return text


class FeedbackLog(Protocol):
    """Where the feedback on answers from one index is kept."""

    def add(self, row: Feedback, find: Find | None) -> None:
        """Append ``row``; without ``find`` it is not compared with its document.

        Raises:
            FeedbackError: ``row.correct`` does not match its document, the row is too large, or
                it cannot be written or there is no room.
        """
        ...

    def rows(self) -> Iterator[Feedback]:
        """Yield every row, oldest first.

        Raises:
            FeedbackError: the rows cannot be read.
        """
        ...

    def count(self) -> int:
        """Return the number of rows; 0 if they cannot be read."""
        ...


class FeedbackFile:
    """``feedback.jsonl`` in an index folder; several processes may append to it."""

    def __init__(self, folder: Path, most_bytes: int = MOST_FEEDBACK_BYTES) -> None:
        self.path = folder / "feedback.jsonl"
        self._most_bytes = most_bytes

    def add(self, row: Feedback, find: Find | None) -> None:
        """Append ``row``; without ``find`` it is not compared with its document.

        Raises:
            FeedbackError: ``row.correct`` does not match its document, the row is too large, or
                the file is full or cannot be written.
        """
        line = row.checked(find).encode() + b"\n"
        with self._open_to_add() as file:
            size = _whole_lines(file)
            if size + len(line) > self._most_bytes:
                raise FeedbackError(
                    f"{self.path} is full.", "Move it elsewhere; a new one is then begun."
                )
            file.truncate(size)
            file.seek(size)
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def rows(self) -> Iterator[Feedback]:
        """Yield every row, oldest first; none if there is no file yet.

        Raises:
            FeedbackError: the file cannot be read, or a line of it is not a row.
        """
        try:
            with self.path.open("rb") as file:
                for number, line in enumerate(file, 1):
                    yield self._row(number, line)
        except FileNotFoundError:
            return
        except OSError as error:
            raise FeedbackError(f"{self.path} cannot be read: {error.strerror}.") from error

    def count(self) -> int:
        """Return the number of rows; 0 if there is no file yet, or it cannot be read."""
        try:
            with self.path.open("rb") as file:
                return sum(1 for _ in file)
        except OSError:
            return 0

    def _row(self, number: int, line: bytes) -> Feedback:
        try:
            return Feedback.model_validate_json(line)
        except ValidationError as error:
            raise FeedbackError(
                f"Line {number} of {self.path} is not feedback: "
                f"{validation_message(error, whole='it')}.",
                "Correct or delete that line.",
            ) from error

    @contextmanager
    def _open_to_add(self) -> Iterator[BinaryIO]:
        from filelock import FileLock, Timeout

        try:
            with FileLock(self.path.with_suffix(".lock"), timeout=_LOCK_SECONDS):
                # Not "ab": a partial row of a killed process has to be removed.
                handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                with os.fdopen(handle, "r+b") as file:
                    yield file
        except Timeout:
            raise FeedbackError(
                f"Another process is holding {self.path}.", "Try again in a moment."
            ) from None
        except OSError as error:
            raise FeedbackError(
                f"{self.path} cannot be written: {error.strerror}.",
                "Look for missing permissions or a full disk.",
            ) from error


def _check(correct: Correct, document: Document | None) -> None:
    if document is None:
        raise FeedbackError(
            f"The document {correct.source} is not in the index as it was.",
            "Open it again and select the right answer again.",
        )
    if document.text[correct.start : correct.end] != correct.quote:
        raise FeedbackError(
            f"Characters {correct.start} to {correct.end} of {correct.source} are not what was "
            "selected.",
            "Select the right answer again.",
        )


def _whole_lines(file: BinaryIO) -> int:
    """Return the bytes up to the end of the last complete line; the rest was not confirmed."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(size - _MOST_ROW_BYTES, 0))
    end = file.read().rfind(b"\n")
    return max(size - _MOST_ROW_BYTES, 0) + end + 1 if size else 0
