"""The letters that the characters of a PDF page stand for, as people would type them."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from typing import Any

HYPHENATED = "-\n"
"""What a hyphen at the end of a line is read as."""

_HYPHENS_AT_BREAKS = (0x02, 0xFFFE)
"""What pdfium, by its version, gives for a hyphen at the end of a line, and the break after it."""

_GARBLED = 0.2
"""With more of its characters unreadable, a page counts as one without text."""

_HIGH, _LOW = range(0xD800, 0xDC00), range(0xDC00, 0xE000)
"""The halves of a surrogate pair."""

_IN_CONTEXT = frozenset((*_HYPHENS_AT_BREAKS, *_LOW))
"""What stands for a letter depends on where it stands."""

_PRESENTATION_FORMS = (range(0xFB00, 0xFE00), range(0xFE70, 0xFEFF))
"""Ligatures, and letters in the shape that they take beside others, each with a code of its own."""

_INVISIBLE = frozenset(
    (0x200B, 0x200E, 0x200F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2060, 0x206A))
)
"""Marks of direction and the like."""

_UNREADABLE = "\0"
_TYPED = {
    0x0A: "\n",
    0x0D: "\n",
    0xF0A7: "▪",
    0xF0B7: "•",
    0xF0D8: "➢",
    0xF0E0: "→",
    0xF0FC: "✓",
    0xFFFD: _UNREADABLE,
}
"""Line ends, and bullets of the fonts Symbol and Wingdings, which have no Unicode letters."""

_MOST_UNREADABLE = 0.1
"""With more of them unreadable, none of the codes that a font gives no letters for are letters."""

_NO_LETTERS = ("Cc", "Cn", "Co", "Cs")
"""Control characters, and codes that have no meaning or none that is known to others."""


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters of each character of a page, and how many of its characters are unreadable.

    A line ends with a line break or ``HYPHENATED``. Characters that show nothing and those that
    cannot be read are empty. ``is_garbled`` says that a good part of the page cannot.
    """

    of: Sequence[str]
    unreadable: int
    is_garbled: bool = False


def letters(raw: Any, count: int) -> Letters:
    """Read the ``count`` characters of a text page of pdfium."""
    from pypdfium2.raw import FPDFText_GetUnicode, FPDFText_HasUnicodeMapError, FPDFText_IsHyphen

    units = [FPDFText_GetUnicode(raw, index) for index in range(count)]
    found = list(map(_letter, units))
    for index in [i for i, unit in enumerate(units) if unit in _IN_CONTEXT]:
        unit = units[index]
        if unit in _HYPHENS_AT_BREAKS:
            if FPDFText_IsHyphen(raw, index) == 1:
                found[index] = HYPHENATED
        elif index and units[index - 1] in _HIGH:
            # pdfium gives characters past U+FFFF as two surrogates, each with its box.
            pair = 0x10000 + (units[index - 1] - _HIGH.start) * 0x400 + unit - _LOW.start
            found[index - 1], found[index] = _letter(pair), ""
    if _UNREADABLE not in found:
        return Letters(found, 0)
    unmapped = [i for i in range(count) if FPDFText_HasUnicodeMapError(raw, i) == 1]
    unreadable = sum(found[index] == _UNREADABLE for index in unmapped)
    if unreadable > _MOST_UNREADABLE * len(unmapped):
        for index in unmapped:
            found[index] = _UNREADABLE if found[index].strip() else found[index]
    unreadable = found.count(_UNREADABLE)
    shown = sum(map(bool, map(str.strip, found)))
    readable = ["" if letter == _UNREADABLE else letter for letter in found]
    return Letters(readable, unreadable, unreadable > _GARBLED * shown)


def is_right_to_left(letter: str) -> bool:
    """Whether ``letter`` is Hebrew, Arabic or of another such script."""
    return letter >= "\u0590" and unicodedata.bidirectional(letter[0]) in ("R", "AL")


def in_reading_order(ligature: str) -> str:
    """The letters of one glyph of a right-to-left script in the order in which they are typed.

    pdfium turns a line around letter by letter, those of ligatures too, unless it was itself what
    took the ligature apart.
    """
    return ligature if ligature in _ligatures() else ligature[::-1]


@cache
def _ligatures() -> frozenset[str]:
    return frozenset(unicodedata.normalize("NFKC", chr(c)) for c in chain(*_PRESENTATION_FORMS))


@lru_cache(maxsize=1 << 16)
def _letter(unit: int) -> str:
    """What the character ``unit`` is typed as; empty if it shows nothing."""
    if not unit or unit in _INVISIBLE:
        return ""
    if unit in _TYPED:
        return _TYPED[unit]
    letter = chr(unit) if unit <= sys.maxunicode else "\0"
    if letter.isspace():
        return " "
    if unicodedata.category(letter) in _NO_LETTERS:
        return _UNREADABLE
    if any(unit in forms for forms in _PRESENTATION_FORMS):
        plain = unicodedata.normalize("NFKC", letter)
        return letter if " " in plain else plain
    return letter
