"""Automatic numbers of paragraphs, as Word counts and shows them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiqa.documents.docx.styles import Styles
from aiqa.documents.ooxml.names import NAMESPACES, attribute, child, integer, is_on
from aiqa.documents.ooxml.number_formats import formatted

if TYPE_CHECKING:
    from lxml.etree import _Element

_PLACE = re.compile(r"%([1-9])")
_LEVELS = 9


@dataclass(frozen=True, slots=True)
class Number:
    """The number of a paragraph: as it is shown, and the depth of its list from 1.

    ``is_clause`` says that the list numbers clauses within clauses ("2.1").
    """

    text: str
    level: int
    is_bullet: bool = False
    is_clause: bool = False


@dataclass(frozen=True, slots=True)
class _Level:
    start: int
    format: str
    text: str
    restart: int
    """The levels above this one that make it begin anew: the first so many of them."""
    in_figures: bool
    style: str


@dataclass(frozen=True, slots=True)
class _List:
    """A list: its levels, the definition that it counts along with, and where it begins anew."""

    definition: str
    levels: dict[int, _Level]
    restarts: dict[int, int]


class Numbering:
    """Counts the numbered paragraphs of a document, which are to be given in their order."""

    def __init__(self, root: _Element | None, styles: Styles) -> None:
        self._styles = styles
        self._definitions: dict[str, _Element] = {}
        self._instances: dict[str, _Element] = {}
        if root is not None:
            for element in root.iterfind("w:abstractNum", NAMESPACES):
                self._definitions[attribute(element, "w:abstractNumId")] = element
            for element in root.iterfind("w:num", NAMESPACES):
                self._instances[attribute(element, "w:numId")] = element
        self._lists: dict[str, _List | None] = {}
        self._of_style: dict[str, tuple[str, int]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[str] = set()

    def next(self, paragraph: _Element) -> Number | None:
        """Return the number of ``paragraph`` and count it; None if it has none."""
        list_id, depth = self._place(paragraph)
        numbers = self._list(list_id)
        if numbers is None or depth not in numbers.levels:
            return None
        level = numbers.levels[depth]
        if level.format == "bullet":
            return Number("-", depth + 1, is_bullet=True)
        counts = self._count(list_id, numbers, depth)
        text = _PLACE.sub(
            lambda place: self._shown(int(place[1]) - 1, counts, numbers, level), level.text
        ).strip()
        is_clause = any(len(_PLACE.findall(other.text)) > 1 for other in numbers.levels.values())
        return Number(text, depth + 1, is_clause=is_clause) if text else None

    def _place(self, paragraph: _Element) -> tuple[str, int]:
        """Return the list that ``paragraph`` belongs to, "" for none, and its depth from 0."""
        own = child(paragraph, "w:pPr", "w:numPr")
        list_id, depth = self._inherited(self._styles.of_paragraph(paragraph))
        if own is None:
            return list_id, depth
        list_id = attribute(child(own, "w:numId"), "w:val", list_id)
        return list_id, integer(child(own, "w:ilvl"), "w:val", 0)

    def _inherited(self, style: str) -> tuple[str, int]:
        """Return the place that paragraphs of ``style`` have unless they say otherwise."""
        if style not in self._of_style:
            origin, properties = self._styles.numbering(style)
            list_id = attribute(child(properties, "w:numId"), "w:val")
            numbers = self._list(list_id)
            levels = numbers.levels.items() if numbers else ()
            depths = (depth for depth, level in levels if level.style == origin)
            usual = integer(child(properties, "w:ilvl"), "w:val", 0)
            self._of_style[style] = list_id, next(depths, usual)
        return self._of_style[style]

    def _list(self, list_id: str) -> _List | None:
        if list_id not in self._lists:
            self._lists[list_id] = self._read(list_id)
        return self._lists[list_id]

    def _read(self, list_id: str) -> _List | None:
        instance = self._instances.get(list_id)
        if instance is None:
            return None
        identifier = self._definition(attribute(child(instance, "w:abstractNumId"), "w:val"))
        if identifier not in self._definitions:
            return None
        levels = {
            integer(element, "w:ilvl", 0): _level(element)
            for element in self._definitions[identifier].iterfind("w:lvl", NAMESPACES)
        }
        restarts: dict[int, int] = {}
        for override in instance.iterfind("w:lvlOverride", NAMESPACES):
            depth = integer(override, "w:ilvl", 0)
            own = child(override, "w:lvl")
            if own is not None:
                levels[depth] = _level(own)
            start = child(override, "w:startOverride")
            if start is not None:
                restarts[depth] = integer(start, "w:val", 1)
        return _List(identifier, levels, restarts)

    def _definition(self, identifier: str) -> str:
        """Return the definition that ``identifier`` stands for, as those do that name a style."""
        link = child(self._definitions.get(identifier), "w:numStyleLink")
        if link is None:
            return identifier
        _, properties = self._styles.numbering(attribute(link, "w:val"))
        instance = self._instances.get(attribute(child(properties, "w:numId"), "w:val"))
        return attribute(child(instance, "w:abstractNumId"), "w:val")

    def _count(self, list_id: str, numbers: _List, depth: int) -> dict[int, int]:
        """Count a paragraph at ``depth``, and let the levels below it begin anew."""
        counts = self._counts.setdefault(numbers.definition, {})
        if list_id not in self._begun:
            self._begun.add(list_id)
            for restarted in numbers.restarts:
                counts.pop(restarted, None)
        start = numbers.restarts.get(depth, numbers.levels[depth].start)
        counts[depth] = counts[depth] + 1 if depth in counts else start
        for lower in [lower for lower in counts if lower > depth]:
            level = numbers.levels.get(lower)
            if level is None or depth < level.restart:
                del counts[lower]
        return counts

    @staticmethod
    def _shown(depth: int, counts: dict[int, int], numbers: _List, level: _Level) -> str:
        own = numbers.levels.get(depth)
        number = counts.get(depth, own.start if own else 1)
        form = own.format if own else "decimal"
        return formatted(number, "decimal" if level.in_figures and form != "none" else form)


def _level(element: _Element) -> _Level:
    depth = integer(element, "w:ilvl", 0)
    # A format of the document's own stands in a branch beside one that all programs know.
    formats = [attribute(form, "w:val") for form in element.iterfind(".//w:numFmt", NAMESPACES)]
    return _Level(
        start=integer(child(element, "w:start"), "w:val", 0),
        format=formats[-1] if formats else "decimal",
        text=attribute(child(element, "w:lvlText"), "w:val"),
        restart=min(integer(child(element, "w:lvlRestart"), "w:val", depth), _LEVELS),
        in_figures=is_on(child(element, "w:isLgl")),
        style=attribute(child(element, "w:pStyle"), "w:val"),
    )
