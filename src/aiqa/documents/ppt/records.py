"""The records of a PowerPoint file, and the directory that tells where its slides are."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from aiqa.documents.compound_file import CompoundFile
from aiqa.errors import DocumentError

_HEADER = 8
_CONTAINER = 15
_ENCRYPTED = 0xF3D1C4DF
_MOST_EDITS = 1000
_DEEPEST = 50


class Kind(IntEnum):
    """The kinds of records that matter here."""

    DOCUMENT = 0x03E8
    SLIDE = 0x03EE
    SLIDE_ATOM = 0x03EF
    NOTES = 0x03F0
    SLIDE_PLACE = 0x03F3
    DRAWING = 0x040C
    OUTLINE_REFERENCE = 0x0F9E
    TEXT_HEADER = 0x0F9F
    TEXT_WIDE = 0x0FA0
    TEXT_NARROW = 0x0FA8
    STRING = 0x0FBA
    SLIDE_LIST = 0x0FF0
    EDIT = 0x0FF5
    TAG_DATA = 0x138B
    DIRECTORY = 0x1772
    COMMENT = 0x2EE0
    SHAPE_GROUP = 0xF003
    SHAPE = 0xF004
    SHAPE_TEXT = 0xF00D
    CHILD_ANCHOR = 0xF00F
    ANCHOR = 0xF010
    MORE_OPTIONS = 0xF122


@dataclass(frozen=True, slots=True)
class PptRecord:
    """A record: its kind, what it is among those of its kind, and its bytes."""

    kind: int
    instance: int
    is_container: bool
    data: bytes

    def inside(self) -> Iterator[PptRecord]:
        """Yield the records that this one holds."""
        return ppt_records(self.data) if self.is_container else iter(())

    def first(self, kind: Kind) -> PptRecord | None:
        """Return the first record of this kind right inside; None if there is none."""
        return next((record for record in self.inside() if record.kind == kind), None)

    def every(self, kind: Kind, depth: int = 0) -> Iterator[PptRecord]:
        """Yield the records of this kind at any depth, in order."""
        within = ppt_records(self.data) if self.kind == Kind.TAG_DATA else self.inside()
        for record in within:
            if record.kind == kind:
                yield record
            elif depth < _DEEPEST:
                yield from record.every(kind, depth + 1)


def ppt_records(data: bytes) -> Iterator[PptRecord]:
    """Yield the records that ``data`` is a row of."""
    position = 0
    while position + _HEADER <= len(data):
        record = record_at(data, position)
        yield record
        position += _HEADER + len(record.data)


def record_at(data: bytes, position: int) -> PptRecord:
    """Return the record that begins at ``position``."""
    head, kind, size = struct.unpack_from("<HHI", data, position)
    start = position + _HEADER
    return PptRecord(kind, head >> 4, head & 15 == _CONTAINER, data[start : start + size])


class Presentation:
    """An open file; its records are found by number."""

    def __init__(self, folder: CompoundFile) -> None:
        """Read the directory.

        Raises:
            DocumentError: the file is encrypted.
        """
        self._data = folder.stream("PowerPoint Document")
        token, edit = struct.unpack_from("<II", folder.stream("Current User"), _HEADER + 4)
        if token == _ENCRYPTED:
            raise DocumentError("This PowerPoint file is encrypted.", "Save it without a password.")
        self._places: dict[int, int] = {}
        self._document = 0
        for _ in range(_MOST_EDITS):
            _, _, before, directory, document = struct.unpack_from(
                "<IIIII", self._data, edit + _HEADER
            )
            self._document = self._document or document
            for number, place in _directory(record_at(self._data, directory).data):
                self._places.setdefault(number, place)
            if not before:
                break
            edit = before

    @property
    def document(self) -> PptRecord:
        """The record that holds the lists of slides."""
        found = self.record(self._document)
        if found is None:
            raise DocumentError("This PowerPoint file has no slides.", "It may be damaged.")
        return found

    def record(self, number: int) -> PptRecord | None:
        """Return the record of this number; None if there is none."""
        place = self._places.get(number)
        return None if place is None else record_at(self._data, place)


def _directory(data: bytes) -> Iterator[tuple[int, int]]:
    position = 0
    while position + 4 <= len(data):
        (word,) = struct.unpack_from("<I", data, position)
        first, count = word & 0xFFFFF, word >> 20
        for number, place in enumerate(struct.unpack_from(f"<{count}I", data, position + 4)):
            yield first + number, place
        position += 4 + 4 * count
