"""The numbers and bullets of OpenDocument lists and headings, as they are shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiqa.documents.numerals import numeral
from aiqa.documents.opendocument.package import name, number, odf_attribute

if TYPE_CHECKING:
    from lxml.etree import _Element

_BULLET = "-"

OUTLINE = "outline"
"""Name of the style that numbers headings."""


@dataclass(frozen=True, slots=True)
class _Level:
    """How the numbers of one level look; ``format`` is that of its first number, "" for none."""

    format: str
    prefix: str
    suffix: str
    start: int
    shown: int
    is_bullet: bool


@dataclass(slots=True)
class Counters:
    """The present number at each level of one list."""

    numbers: dict[int, int] = field(default_factory=dict)


class ListNumbering:
    """The list styles of a document."""

    def __init__(self, roots: Iterable[_Element | None]) -> None:
        """Collect the styles under ``roots``; later ones win."""
        self._styles: dict[str, dict[int, _Level]] = {}
        for root in roots:
            for element in root.iter() if root is not None else ():
                if name(element) == "text:list-style":
                    self._styles[odf_attribute(element, "style:name")] = _levels(element)
                elif name(element) == "text:outline-style":
                    self._styles[OUTLINE] = _levels(element)

    def marker(self, style: str, level: int, counters: Counters, start: str = "") -> str:
        """Count an item at ``level`` of a list in ``style`` and return the marker it shows.

        ``start`` is the number that the item sets itself, "" if it goes on counting.
        """
        levels = self._styles.get(style, {})
        own = levels.get(level)
        for deeper in [one for one in counters.numbers if one > level]:
            del counters.numbers[deeper]
        first = own.start if own else 1
        present = counters.numbers.get(level, first - 1)
        counters.numbers[level] = int(start) if start.isdecimal() else present + 1
        if own is None or own.is_bullet:
            return _BULLET if style != OUTLINE else ""
        if not own.format:
            return ""
        parts = []
        for one in range(max(level - own.shown + 1, 1), level + 1):
            at = levels.get(one)
            if at and at.format and not at.is_bullet:
                parts.append(numeral(counters.numbers.get(one, at.start), at.format))
        return f"{own.prefix}{'.'.join(parts)}{own.suffix}".strip()


def _levels(style: _Element) -> dict[int, _Level]:
    return {
        number(element, "text:level"): _Level(
            format=odf_attribute(element, "style:num-format"),
            prefix=odf_attribute(element, "style:num-prefix"),
            suffix=odf_attribute(element, "style:num-suffix"),
            start=number(element, "text:start-value"),
            shown=number(element, "text:display-levels"),
            is_bullet=not name(element).endswith(("level-style-number", "outline-level-style")),
        )
        for element in style
        if odf_attribute(element, "text:level")
    }
