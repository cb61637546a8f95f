"""The text of a Word file, which is stored in pieces."""

from __future__ import annotations

import struct
from bisect import bisect_right
from dataclasses import dataclass

from aiqa.documents.doc.file import TextPart, WordFile
from aiqa.errors import DocumentError

_PROPERTIES, _TABLE = 1, 2
_NARROW = 0x40000000
_ROW_BYTES = 8


@dataclass(frozen=True, slots=True)
class _Piece:
    """Characters from ``start`` on, at ``place`` in the main stream, ``width`` bytes each."""

    start: int
    place: int
    width: int


class PieceText:
    """All characters of a file as ``text``, and where each stands in the main stream."""

    def __init__(self, file: WordFile) -> None:
        """Put the pieces together.

        Raises:
            DocumentError: there is no table of pieces.
        """
        table = _table(file.part(TextPart.PIECES))
        count = (len(table) - 4) // (4 + _ROW_BYTES)
        starts = struct.unpack_from(f"<{count + 1}I", table)
        self._pieces: list[_Piece] = []
        texts: list[str] = []
        for number in range(count):
            (word,) = struct.unpack_from("<I", table, 4 * (count + 1) + _ROW_BYTES * number + 2)
            width = 1 if word & _NARROW else 2
            place = (word & (_NARROW - 1)) // (2 if width == 1 else 1)
            # No piece is longer than the stream that it is in.
            length = min(max(starts[number + 1] - starts[number], 0), len(file.main))
            data = file.main[place : place + length * width]
            encoding = "cp1252" if width == 1 else "utf-16-le"
            # One character for each code unit, so that positions stay those of the file.
            words = data.decode(encoding, "replace") if width == 1 else _units(data)
            texts.append(words.ljust(length, "\0")[:length])
            self._pieces.append(_Piece(starts[number], place, width))
        self.text = "".join(texts)
        self._starts = [piece.start for piece in self._pieces]

    def place(self, position: int) -> int:
        """Return where the character at ``position`` stands in the main stream."""
        piece = self._pieces[max(bisect_right(self._starts, position) - 1, 0)]
        return piece.place + (position - piece.start) * piece.width


def whole(text: str) -> str:
    """Return ``text`` with each pair of halves made the character that it is."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _units(data: bytes) -> str:
    return "".join(map(chr, struct.unpack(f"<{len(data) // 2}H", data[: len(data) // 2 * 2])))


def _table(data: bytes) -> bytes:
    position = 0
    while position < len(data) and data[position] == _PROPERTIES:
        (size,) = struct.unpack_from("<H", data, position + 1)
        position += 3 + size
    if position >= len(data) or data[position] != _TABLE:
        raise DocumentError("This Word file has no table of its text.", "It may be damaged.")
    (size,) = struct.unpack_from("<I", data, position + 1)
    return data[position + 5 : position + 5 + size]
