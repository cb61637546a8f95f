"""Files that hold files: ZIP folders, mailboxes, and e-mails with attachments."""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePath

from aiqa.checksums import content_id
from aiqa.documents import (
    is_supported,
    kind_of,
    load_document,
    may_be_read,
    no_loader,
    suffix_of,
)
from aiqa.documents.detection import HEAD_BYTES
from aiqa.documents.passed_over import is_passed_over
from aiqa.errors import DocumentError
from aiqa.types import Document, Failure

_DEEPEST = 3
"""Files in files in files are read; a fourth level is taken for a trap."""

_MOST_FILES = 50_000
_MOST_BYTES = 4_000_000_000
"""All that one file may unpack to."""


_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError,
           ValueError, OSError, EOFError)  # fmt: skip
"""What zipfile raises for a damaged folder or one packed in an unknown way."""


@dataclass(slots=True)
class _Budget:
    """What may still be unpacked from one file."""

    most_file_bytes: int
    files: int = field(default=_MOST_FILES)
    bytes: int = field(default=_MOST_BYTES)

    def take(self, size: int) -> None:
        if size > self.most_file_bytes:
            raise DocumentError(
                f"It unpacks to {size / 1e6:,.0f} MB; at most {self.most_file_bytes / 1e6:,.0f} MB "
                "are read from one file.",
                "Raise max_file_mb if it is to be trusted.",
            )
        self.files -= 1
        self.bytes -= size
        if self.files < 0 or self.bytes < 0:
            raise _TooMuchError


_Members = Iterator[tuple[str, Callable[[_Budget], bytes]]]
"""Names of the files in a file, and what reads each."""


class _TooMuchError(DocumentError):
    """Ends the reading of a whole container."""

    def __init__(self) -> None:
        super().__init__(
            f"It unpacks to more than {_MOST_FILES:,} files or {_MOST_BYTES / 1e9:.0f} GB; the "
            "rest is left out.",
            "Unpack it and ingest the folder.",
        )


def is_container(source: str) -> bool:
    """Whether a file named like ``source`` may hold documents beside its own text."""
    suffix = suffix_of(source)
    return suffix in _MEMBERS or not is_supported(PurePath(source))


def documents_in(data: bytes, source: str, most_file_bytes: int) -> Iterator[Document | Failure]:
    """Every document in the file ``source`` with these bytes, and every one that is not readable.

    A file inside is known as ``source/its path there``.

    Raises:
        DocumentError: the file as a whole cannot be read.
    """
    yield from _documents(data, source, _Budget(most_file_bytes), depth=0)


def _documents(
    data: bytes, source: str, budget: _Budget, depth: int
) -> Iterator[Document | Failure]:
    kind = kind_of(data, source)
    if kind not in _MEMBERS:
        yield load_document(data, source)
        return
    unread: DocumentError | None = None
    if kind in _WITH_TEXT:
        try:
            yield load_document(data, source)
        except DocumentError as error:
            unread = error  # an e-mail without words may have something attached
    is_empty = True
    for item in _members(_MEMBERS[kind](data), source, budget, depth):
        is_empty = False
        yield item
    if is_empty and kind not in _WITH_TEXT:
        unread = DocumentError("There are no documents in it.")
    if unread and is_empty:
        raise unread
    if unread:
        yield Failure(source, str(unread))


def bytes_in(data: bytes, source: str, document_id: str, most_file_bytes: int) -> bytes | None:
    """The bytes of the document with this id: the file ``source`` itself or a file inside it.

    None if it is not there, or not where it can be unpacked.

    Raises:
        DocumentError: the file as a whole cannot be read.
    """
    return _bytes_in(data, source, document_id, _Budget(most_file_bytes), depth=0)


def _bytes_in(
    data: bytes, source: str, document_id: str, budget: _Budget, depth: int
) -> bytes | None:
    if content_id(data) == document_id:
        return data
    members = _MEMBERS.get(kind_of(data, source))
    if members and depth < _DEEPEST:
        for name, read in members(data):
            try:
                found = _bytes_in(read(budget), name, document_id, budget, depth + 1)
            except DocumentError:
                continue  # another file may still be the one
            if found:
                return found
    return None


def _members(
    members: _Members, source: str, budget: _Budget, depth: int
) -> Iterator[Document | Failure]:
    if depth == _DEEPEST:
        raise DocumentError(
            f"It is packed into {_DEEPEST} other files; what it holds is not read.",
            "Unpack it first.",
        )
    for name, read in members:
        inside = f"{source}/{name}"
        try:
            yield from _documents(read(budget), inside, budget, depth + 1)
        except _TooMuchError as error:
            if depth:
                raise
            yield Failure(source, str(error))
            return
        except DocumentError as error:
            yield Failure(inside, str(error))


def _zipped(data: bytes) -> _Members:
    """Names of the files in a ZIP folder, and what reads each."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as folder:
            for info in folder.infolist():
                if not info.is_dir() and (name := _safe(info.filename)):
                    yield name, lambda budget, info=info: _unzip(folder, info, budget)  # type: ignore[misc]
    except _BROKEN as error:
        raise DocumentError(
            f"This is not a readable ZIP folder: {error}.", "It may be truncated; fetch it anew."
        ) from error


def _unzip(folder: zipfile.ZipFile, info: zipfile.ZipInfo, budget: _Budget) -> bytes:
    # A member that holds more than its head says is cut off there by zipfile, and fails its CRC.
    if info.flag_bits & 1:
        raise DocumentError(
            "It is encrypted within its ZIP folder.", "Unpack it with its password."
        )
    try:
        with folder.open(info) as file:
            head = file.read(HEAD_BYTES)
            if not may_be_read(head, info.filename):
                budget.take(len(head))
                raise no_loader(info.filename)
            budget.take(info.file_size)
            return head + file.read()
    except _BROKEN as error:
        raise DocumentError(
            f"It cannot be unpacked: {type(error).__name__}: {error}.", "The ZIP may be damaged."
        ) from error


def _given(files: Iterator[tuple[str, bytes]]) -> _Members:
    """Names of files that are in memory already, and what gives the bytes of each."""
    for name, content in files:

        def read(budget: _Budget, content: bytes = content) -> bytes:
            budget.take(len(content))
            return content

        yield name, read


def _attached(data: bytes) -> _Members:
    from aiqa.documents.email import attachments

    return _given(attachments(data))


def _outlook_attached(data: bytes) -> _Members:
    from aiqa.documents.msg import msg_attachments

    return _given(msg_attachments(data))


def _mailed(data: bytes) -> _Members:
    from aiqa.documents.mbox import messages

    return _given(messages(data))


_MEMBERS: dict[str, Callable[[bytes], _Members]] = {
    ".zip": _zipped,
    ".mbox": _mailed,
    ".eml": _attached,
    ".msg": _outlook_attached,
}
_WITH_TEXT = frozenset((".eml", ".msg"))
"""What is a document itself."""


def _safe(name: str) -> str:
    """A member's path as a label: it never leads out; "" for what is passed over."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    if not parts or any(map(is_passed_over, parts)):
        return ""
    label = "/".join(parts).replace(":", "_")
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in label)
