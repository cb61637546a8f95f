"""Lists of HTML: the markers that their items show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
    (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_MOST_ROMAN = 3999
_STYLES = {
    "lower-alpha": "a", "lower-latin": "a", "upper-alpha": "A", "upper-latin": "A",
    "lower-roman": "i", "upper-roman": "I",
}  # fmt: skip
_INTEGER = re.compile(r"\s*[-+]?\d{1,9}\s*")


def markers(items: _Element, count: int) -> Iterator[str]:
    """Yield the marker of each of ``count`` items of a list: "-", "3.", "c." or "iv."."""
    kind = _kind(items)
    is_reversed = items.get("reversed") is not None
    number = _integer(items.get("start"), count if is_reversed else 1)
    for item in items.iterchildren("li"):
        number = _integer(item.get("value"), number)
        yield "-" if items.tag != "ol" else f"{_numeral(number, kind)}."
        number += -1 if is_reversed else 1


def _kind(items: _Element) -> str:
    style = re.search(r"list-style(?:-type)?\s*:\s*([\w-]+)", items.get("style", "").lower())
    return _STYLES.get(style[1] if style else "", str(items.get("type", "1")))


def _integer(value: str | None, default: int) -> int:
    return int(value) if value and _INTEGER.fullmatch(value) else default


def _numeral(number: int, kind: str) -> str:
    """Return ``number`` as letters or Roman numerals where ``kind`` ("a", "A", "i", "I") asks."""
    if kind in ("a", "A") and number > 0:
        letters = ""
        while number > 0:
            number, rest = divmod(number - 1, 26)
            letters = chr(ord("a") + rest) + letters
        return letters.upper() if kind == "A" else letters
    if kind in ("i", "I") and 0 < number <= _MOST_ROMAN:
        numeral = ""
        for worth, sign in _ROMAN:
            times, number = divmod(number, worth)
            numeral += sign * times
        return numeral.upper() if kind == "I" else numeral
    return str(number)
