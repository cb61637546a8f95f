"""The numbers and bullets of the lists of a Word file, as they are shown."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from aiqa.documents.doc.file import TextPart, WordFile
from aiqa.documents.numerals import numeral

_LIST_BYTES, _OVERRIDE_BYTES, _LEVEL_BYTES = 28, 16, 28
_LEVELS = 9
_SIMPLE = 26
"""Where a list tells in a bit that it has one level only."""

_STYLES = {0: "1", 1: "I", 2: "i", 3: "A", 4: "a", 22: "1"}
_BULLET = "-"


@dataclass(frozen=True, slots=True)
class _Level:
    """``shown`` is the marker, in which the number of level n stands as the character n."""

    start: int
    style: str
    shown: str


@dataclass(slots=True)
class _List:
    levels: list[_Level]
    numbers: dict[int, int] = field(default_factory=dict)


class ListNumbers:
    """Counts the items of the lists of ``file``."""

    def __init__(self, file: WordFile) -> None:
        self._lists = _lists(file)
        data = file.part(TextPart.LIST_OVERRIDES)
        count = int.from_bytes(data[:4], "little")
        self._identities = [
            int.from_bytes(data[start : start + 4], "little")
            for start in range(4, min(4 + count * _OVERRIDE_BYTES, len(data)), _OVERRIDE_BYTES)
        ]

    def marker(self, number: int, level: int) -> str:
        """Count an item at ``level`` (from 0) of list ``number`` and return its marker."""
        identity = self._identities[number - 1] if number <= len(self._identities) else None
        found = self._lists.get(identity) if identity is not None else None
        if found is None or level >= len(found.levels):
            return _BULLET
        own = found.levels[level]
        for deeper in [one for one in found.numbers if one > level]:
            del found.numbers[deeper]
        found.numbers[level] = found.numbers.get(level, own.start - 1) + 1
        if not own.style:
            return _BULLET
        return "".join(
            self._number(found, ord(one)) if ord(one) < _LEVELS else one for one in own.shown
        ).strip()

    @staticmethod
    def _number(found: _List, level: int) -> str:
        if level >= len(found.levels):
            return ""
        form = found.levels[level]
        return numeral(found.numbers.get(level, form.start), form.style or "1")


def _lists(file: WordFile) -> dict[int, _List]:
    heads, data = file.part(TextPart.LISTS), file.after(TextPart.LISTS)
    count = int.from_bytes(heads[:2], "little")
    lists: dict[int, _List] = {}
    position = 0
    for number in range(count):
        head = heads[2 + number * _LIST_BYTES :][:_LIST_BYTES]
        if len(head) < _LIST_BYTES:
            break
        levels: list[_Level] = []
        for _ in range(1 if head[_SIMPLE] & 1 else _LEVELS):
            start, style = struct.unpack_from("<iB", data, position)
            characters, paragraph = data[position + 24], data[position + 25]
            position += _LEVEL_BYTES + characters + paragraph
            (length,) = struct.unpack_from("<H", data, position)
            shown = data[position + 2 : position + 2 + 2 * length].decode("utf-16-le", "replace")
            position += 2 + 2 * length
            levels.append(_Level(start, _STYLES.get(style, ""), shown))
        lists[int.from_bytes(head[:4], "little")] = _List(levels)
    return lists
