"""The audit log: what was asked and answered, in JSON lines of which each has the last one's hash.

A line that is changed, moved, added or taken out in the middle no longer fits the next. What is cut
off at the end, or written anew from some line on, is noticed by whoever noted an earlier ``head``.
"""

from __future__ import annotations

import base64
import getpass
import hashlib
import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import rfc8785

from aiqa.errors import ReceiptError

_FIRST = "0" * 64
"""What stands in the first line for the hash of the line before."""

ASKED = "ask"
"""The event of a question."""

_FIELDS = {"number", "previous", "time", "user", "event", "details"}
_LOCK_SECONDS = 10
_BLOCK = 65_536

_log = logging.getLogger("aiqa.audit")


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """A line of the log: ``user`` did ``event`` at ``time``; ``number`` counts from 1."""

    number: int
    time: str
    user: str
    event: str
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """What was found of a log: its lines, the hash of the last one, and what is wrong."""

    lines: int
    head: str
    faults: tuple[str, ...]


class AuditLog:
    """An append-only file of hash-chained JSON lines; several processes may write to it."""

    def __init__(self, file: Path, user: Callable[[], str] | None = None) -> None:
        """Write to ``file``; ``user`` returns who is asking, otherwise this process's user is."""
        self.file = file
        self._user = user or _process_user

    def asked(self, **details: Any) -> None:
        """Record an answer, as ``record``."""
        self.record(ASKED, self._user(), **details)

    def record(self, event: str, user: str, **details: Any) -> None:
        """Append a line, which is on disk when this returns.

        What an interrupted write left of a last line is replaced by a record of it.

        Raises:
            ReceiptError: the line cannot be written, or the last one is not of an audit log.
        """
        with self._open_to_add() as file:
            number, previous = self._recovered(file)
            self._append(file, number + 1, previous, event, user, details)

    def check(self, head: str | None = None) -> AuditCheck:
        """Read the log and follow its hashes; ``head`` is one that was noted at an earlier time.

        Raises:
            ReceiptError: the file cannot be read.
        """
        faults = list[str]()
        number, previous, is_passed = 0, _FIRST, head in (None, _FIRST)
        for number, line in enumerate(self._lines(), 1):
            fields = _fields(line)
            if not line.endswith(b"\n"):
                faults.append(f"Line {number} is incomplete: its writing was interrupted.")
            elif fields is None:
                faults.append(f"Line {number} is not a record.")
            elif fields["previous"] != previous:
                faults.append(f"Line {number} does not follow the line before it.")
            elif fields["number"] != number:
                faults.append(f"Line {number} has the number {fields['number']}.")
            previous = _digest(line)
            is_passed |= previous == head
        if not is_passed:
            faults.append(f"No line has the hash {head}: the log was cut off or written anew.")
        return AuditCheck(number, previous, tuple(faults))

    def records(self) -> Iterator[AuditRecord]:
        """Yield every line that is a record.

        Raises:
            ReceiptError: the file cannot be read.
        """
        for line in self._lines():
            if fields := _fields(line):
                del fields["previous"]
                yield AuditRecord(**fields)

    def _lines(self) -> Iterator[bytes]:
        try:
            with self.file.open("rb") as file:
                yield from file
        except OSError as error:
            raise ReceiptError(
                f"The audit log {self.file} cannot be read: {error.strerror}."
            ) from error

    def _append(
        self,
        file: BinaryIO,
        number: int,
        previous: str,
        event: str,
        user: str,
        details: dict[str, Any],
    ) -> str:
        """Write a line at the end; return its hash."""
        record: dict[str, Any] = {
            "number": number,
            "previous": previous,
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "user": user,
            "event": event,
            "details": details,
        }
        try:
            line = rfc8785.dumps(record) + b"\n"
        except rfc8785.CanonicalizationError as error:
            raise ReceiptError(f"This {event} cannot be recorded: {error}.") from error
        file.seek(0, os.SEEK_END)
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
        return _digest(line)

    def _recovered(self, file: BinaryIO) -> tuple[int, str]:
        """Return number and hash of the last line, after an incomplete one was replaced."""
        lines = _last_lines(file)
        torn, last = lines[-1], lines[-2] if len(lines) > 1 else None
        number, previous = 0, _FIRST
        if last is not None:
            fields = _fields(last)
            if fields is None:
                raise ReceiptError(
                    f"The last line of {self.file} is not a record.",
                    "`aiqa audit check` says more; begin a new log to go on.",
                )
            number, previous = fields["number"], _digest(last)
        if torn:
            _log.warning("The last line of %s was not written to its end.", self.file)
            file.truncate(file.seek(0, os.SEEK_END) - len(torn))
            details = {"bytes": len(torn), "base64": base64.b64encode(torn).decode()}
            number += 1
            previous = self._append(file, number, previous, "interrupted write", "", details)
        return number, previous

    @contextmanager
    def _open_to_add(self) -> Iterator[BinaryIO]:
        from filelock import FileLock, Timeout

        try:
            with FileLock(f"{self.file}.lock", timeout=_LOCK_SECONDS):
                handle = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                with os.fdopen(handle, "r+b") as file:
                    yield file
        except Timeout:
            raise ReceiptError(
                f"Another process is holding {self.file}.", "Try again in a moment."
            ) from None
        except OSError as error:
            raise ReceiptError(
                f"The audit log {self.file} cannot be written: {error.strerror}.",
                "Look for missing permissions or a full disk. Nothing is answered unrecorded.",
            ) from error


def _process_user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return str(os.getuid())


def _digest(line: bytes) -> str:
    """Return the hash of a line, without its line break."""
    return hashlib.sha256(line.removesuffix(b"\n")).hexdigest()


def _fields(line: bytes) -> dict[str, Any] | None:
    """Return the fields of a line; None if it is not a record in the form it was written in."""
    try:
        fields = json.loads(line)
        is_record = fields.keys() == _FIELDS and rfc8785.dumps(fields) == line.removesuffix(b"\n")
    except (ValueError, AttributeError, RecursionError):
        return None
    return fields if is_record and isinstance(fields["number"], int) else None


def _last_lines(file: BinaryIO) -> list[bytes]:
    """Return the last complete line, if there is one, and what stands after it."""
    end = file.seek(0, os.SEEK_END)
    tail = b""
    while end and tail.count(b"\n") < 2:  # noqa: PLR2004
        start = max(end - _BLOCK, 0)
        file.seek(start)
        tail = file.read(end - start) + tail
        end = start
    return tail.split(b"\n")[-2:]
