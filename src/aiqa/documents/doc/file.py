"""The streams of a Word file, and the table at its head that says where everything is."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

from aiqa.documents.compound_file import CompoundFile
from aiqa.errors import DocumentError

_MAGIC = 0xA5EC
_WORD_97 = 0xC1
_ENCRYPTED, _SECOND_TABLE = 0x0100, 0x0200
_FLAGS, _LENGTHS, _PLACES = 0x0A, 0x4C, 0x9A


class TextPart(IntEnum):
    """Number of a part of the table stream."""

    STYLES = 1
    FOOTNOTE_REFERENCES = 2
    FOOTNOTES = 3
    COMMENT_REFERENCES = 4
    COMMENTS = 5
    HEADERS = 11
    CHARACTER_PAGES = 12
    PARAGRAPH_PAGES = 13
    PIECES = 33
    COMMENT_AUTHORS = 36
    ENDNOTE_REFERENCES = 46
    ENDNOTES = 47
    LISTS = 73
    LIST_OVERRIDES = 74


@dataclass(frozen=True, slots=True)
class Lengths:
    """The number of characters of each part of the text, in the order in which they stand."""

    main: int
    footnotes: int
    headers: int
    macros: int
    comments: int
    endnotes: int
    boxes: int


class WordFile:
    """An open file: its ``main`` stream, its parts, and the ``lengths`` of its texts."""

    def __init__(self, folder: CompoundFile) -> None:
        """Read the streams in ``folder``.

        Raises:
            DocumentError: the file is encrypted, or older than Word 97.
        """
        self.main = folder.stream("WordDocument")
        magic, version = struct.unpack_from("<HH", self.main)
        (flags,) = struct.unpack_from("<H", self.main, _FLAGS)
        if magic != _MAGIC or version < _WORD_97:
            raise DocumentError(
                "This Word file is in a format from before 1997.", "Save it as .docx."
            )
        if flags & _ENCRYPTED:
            raise DocumentError("This Word file is encrypted.", "Save it without a password.")
        self._table = folder.stream("1Table" if flags & _SECOND_TABLE else "0Table")
        self.lengths = Lengths(*struct.unpack_from("<7i", self.main, _LENGTHS))

    def part(self, part: TextPart) -> bytes:
        """Return the bytes of a part; none where the file has none."""
        start, length = struct.unpack_from("<II", self.main, _PLACES + 8 * part)
        return self._table[start : start + length]

    def after(self, part: TextPart) -> bytes:
        """Return what stands behind a part in the table stream."""
        start, length = struct.unpack_from("<II", self.main, _PLACES + 8 * part)
        return self._table[start + length :] if length else b""

    def positions(self, part: TextPart, row_bytes: int = 0) -> list[int]:
        """Return the positions that a part begins with, each but the last with a row of bytes."""
        data = self.part(part)
        count = (len(data) - 4) // (4 + row_bytes) + 1 if data else 0
        return list(struct.unpack_from(f"<{count}I", data))
