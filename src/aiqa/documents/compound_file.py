"""Compound files (MS-CFB): the folders of streams that Word, PowerPoint and Outlook wrote."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from aiqa.documents.code_pages import encoding_of
from aiqa.errors import DocumentError

COMPOUND = bytes.fromhex("D0CF11E0A1B11AE1")
"""How a file begins."""

_SUMMARY = "\x05SummaryInformation"
_CODE_PAGE, _TITLE = 1, 2
_STRING = 30
_FIRST_SET = 44
"""Where a stream of properties tells the place of the first set (MS-OLEPS)."""
BROKEN = (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError,
           struct.error)  # fmt: skip
"""What olefile and the readers of streams raise over what is missing, cut off or out of range."""


class CompoundFile:
    """An opened file."""

    def __init__(self, folder: Any) -> None:
        self._folder = folder

    def exists(self, *path: str) -> bool:
        """Whether there is a stream or folder at ``path``."""
        return bool(self._folder.exists(list(path)))

    def stream(self, *path: str) -> bytes:
        """Return the bytes of a stream; none where there is no such stream."""
        if not self.exists(*path):
            return b""
        content = self._folder.openstream(list(path)).read()
        return content if isinstance(content, bytes) else b""

    def folders(self, *path: str) -> list[str]:
        """Return the names of the folders right inside the one at ``path``, in order."""
        depth = len(path)
        entries = map(tuple, self._folder.listdir())
        inside = (entry for entry in entries if entry[:depth] == path and len(entry) > depth + 1)
        return sorted({str(entry[depth]) for entry in inside})

    @property
    def title(self) -> str | None:
        """The title that the file gives itself."""
        if not self.exists(_SUMMARY):
            return None
        about = dict(_properties(self.stream(_SUMMARY)))
        page = int.from_bytes(about.get(_CODE_PAGE, b"")[4:6], "little") or 1252
        kind, size = struct.unpack_from("<HxxI", about.get(_TITLE, bytes(8)))
        if kind != _STRING:
            return None
        given = about[_TITLE][8 : 8 + size]
        return given.decode(encoding_of(page), "replace").strip("\0 ") or None


def _properties(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield what the first set of properties in ``data`` holds: numbers, and bytes from each on.

    olefile counts to whatever a damaged file says.
    """
    (start,) = struct.unpack_from("<I", data, _FIRST_SET)
    (count,) = struct.unpack_from("<I", data, start + 4)
    for place in range(start + 8, min(start + 8 + 8 * count, len(data) - 7), 8):
        number, offset = struct.unpack_from("<II", data, place)
        yield number, data[start + offset :]


@contextmanager
def open_compound(data: bytes, kind: str) -> Iterator[CompoundFile]:
    """Give the file with these bytes and explain what goes wrong; ``kind`` is "Word", say.

    Raises:
        DocumentError: the file is encrypted, truncated or of another kind.
    """
    import olefile

    try:
        # Short bytes alone would be taken for the name of a file.
        with olefile.OleFileIO(BytesIO(data)) as folder:
            file = CompoundFile(folder)
            _refuse_encrypted(file, kind)
            yield file
    except RecursionError as error:
        raise DocumentError(f"This {kind} file is damaged: its folders hold themselves.") from error
    except BROKEN as error:
        raise DocumentError(
            f"This is not a readable {kind} file: {error or type(error).__name__}.",
            "It may be truncated; save it anew.",
        ) from error


def _refuse_encrypted(file: CompoundFile, kind: str) -> None:
    if file.exists("EncryptedPackage"):
        raise DocumentError(f"This {kind} file is encrypted.", "Save it without a password.")
