"""Footnotes: lines in small type at the foot of a page or column that begin with a number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aiqa.documents.pdf.lines import Line

_SMALL = 0.95
"""Notes are set smaller than this share of the text's type size."""

_MARK = re.compile(r"(?:(\d{1,3})|\[(\d{1,3})\]|([*†‡§¶]{1,3}))[.)]?(?=\s|$|[^\W\d])")


@dataclass(frozen=True, slots=True)
class Footnote:
    """What a note shows before its words, and its lines without that."""

    mark: str
    lines: tuple[Line, ...]


def without_footnotes(lines: Sequence[Line], body: float) -> tuple[list[Line], list[Footnote]]:
    """Take the footnotes out of the lines of a page, which are in reading order.

    ``body`` is the type size of the text, in points.
    """
    notes: list[Footnote] = []
    taken: set[int] = set()
    for column in dict.fromkeys(line.column for line in lines):
        foot = _foot([line for line in lines if line.column == column], body)
        if foot and _MARK.match(foot[0].text):
            notes += _notes(foot)
            taken |= {id(line) for line in foot}
    if len(taken) == len(lines):
        return list(lines), []
    return [line for line in lines if id(line) not in taken], notes


def _foot(column: Sequence[Line], body: float) -> list[Line]:
    """The last lines of a column, as far as they are small and stand below all others."""
    start = len(column)
    while start and column[start - 1].size < _SMALL * body and not column[start - 1].table:
        start -= 1
    lowest = max((line.base for line in column[:start]), default=0.0)
    while start < len(column) and column[start].base - column[start].size < lowest:
        start += 1
    return list(column[start:])


def _notes(foot: Sequence[Line]) -> list[Footnote]:
    notes: list[Footnote] = []
    for line in foot:
        if found := _MARK.match(line.text):
            notes.append(Footnote(next(filter(None, found.groups())), ()))
            if found.end() == len(line.text):
                continue
            line = line.part(found.end(), len(line.text))  # noqa: PLW2901
        notes[-1] = Footnote(notes[-1].mark, (*notes[-1].lines, line))
    return [note for note in notes if note.lines]
