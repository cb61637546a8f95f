"""The text of a document as headings, paragraphs, lists and tables: every character once, in order.

``templates/document_text.html`` writes them as HTML. What its tags enclose is the document's text
to the letter, so that a selection in the page is counted back to characters of the document. Lists
and tables are recognised by the shape that ``documents.text_builder`` gives them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from aiqa.types import Document, Span

_REACH = 60_000
"""Characters shown on either side of a place; more is a click away."""

_BLOCK = re.compile(r"[^\n]+(?:\n[^\n]+)*")
_ITEM = re.compile(r"(?:[-*•]|\d{1,3}[.)]) ")
_LONGEST_NAME = 60
"""Characters of a column's name; what stands before a colon may also be half a sentence."""


def window(document: Document, place: Span) -> Span:
    """The part of ``document`` to show around ``place``: whole blocks where that is possible."""
    text = document.text
    start, end = max(place.start - _REACH, 0), min(place.end + _REACH, len(text))
    if start:
        after = text.find("\n\n", start, place.start)
        start = after + 2 if after >= 0 else start
    if end < len(text):
        before = text.rfind("\n\n", place.end, end)
        end = before if before >= 0 else end
    return Span(start, end)


@dataclass(frozen=True, slots=True)
class TextRun:
    """A stretch of text that is marked as the quote, as the sentence around it, or not at all."""

    text: str
    mark: Literal["", "quote", "sentence"] = ""


@dataclass(frozen=True, slots=True)
class CellPart:
    """A part of a table cell: its column's name, its content (""), or the gap to the next cell."""

    role: Literal["name", "", "gap"]
    runs: Sequence[TextRun]


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a document: ``runs``, or the ``lines`` of a list, or the ``rows`` of a table."""

    kind: Literal["separator", "heading", "paragraph", "list", "table"]
    runs: Sequence[TextRun] = ()
    level: int = 0
    lines: Sequence[Sequence[TextRun]] = ()
    rows: Sequence[Sequence[Sequence[CellPart]]] = ()


def blocks(document: Document, within: Span, sentence: Span, quote: Span) -> Iterator[Block]:
    """Divide the characters ``within`` into blocks, with the sentence and its quote marked."""
    text = document.text
    runs = _Runs(text, sentence, quote)
    headings = {heading.start: heading for heading in document.headings}
    position = within.start
    for match in _BLOCK.finditer(text, within.start, within.end):
        yield Block("separator", runs.of(Span(position, match.start())))
        block = Span(match.start(), match.end())
        if heading := headings.get(block.start):
            # The panel's own title is of the second level.
            yield Block("heading", runs.of(block), level=min(heading.level + 2, 6))
        else:
            yield _block(block, runs)
        position = block.end
    yield Block("separator", runs.of(Span(position, within.end)))


class _Runs:
    """Cuts parts of a text where its sentence and its quote begin and end."""

    def __init__(self, text: str, sentence: Span, quote: Span) -> None:
        self.text = text
        self._edges = sorted({sentence.start, quote.start, quote.end, sentence.end})
        self._sentence = sentence
        self._quote = quote

    def of(self, part: Span) -> list[TextRun]:
        inner = self._edges[bisect_right(self._edges, part.start) :]
        cuts = [part.start, *(edge for edge in inner if edge < part.end), part.end]
        return [self._run(Span(*ends)) for ends in pairwise(cuts) if ends[0] < ends[1]]

    def _run(self, piece: Span) -> TextRun:
        text = self.text[piece.start : piece.end]
        if not text.strip():
            return TextRun(text)
        if piece.overlaps(self._quote):
            return TextRun(text, "quote")
        return TextRun(text, "sentence" if piece.overlaps(self._sentence) else "")


def _block(block: Span, runs: _Runs) -> Block:
    lines = list(_lines(runs.text, block))
    texts = [runs.text[line.start : line.end] for line in lines]
    if all(_ITEM.match(line) for line in texts):
        return Block("list", lines=[runs.of(line) for line in lines])
    if len(lines) > 1 and (table := _cells(texts)):
        return Block("table", rows=_rows(lines, table, runs))
    return Block("paragraph", runs.of(block))


def _lines(text: str, block: Span) -> Iterator[Span]:
    start = block.start
    while start <= block.end:
        end = text.find("\n", start, block.end)
        end = block.end if end < 0 else end
        yield Span(start, end)
        start = end + 1


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell of a line: its column, where it starts, where its name ends, and where it ends."""

    column: int
    start: int
    body: int
    end: int


def _cells(lines: Sequence[str]) -> list[list[_Cell]] | None:
    """The cells of each line; None where the lines are no table."""
    rows = [_pieces(line) for line in lines]
    columns = _columns(piece.name for row in rows for piece in row)
    if len(columns) > 1:
        return _named(rows, [name for name, count in columns.items() if count > len(rows) / 2])
    widths = {len(row) for row in rows}
    if len(widths) > 1 or widths == {1}:
        return None
    return [
        [_Cell(at, piece.start, piece.start, piece.end) for at, piece in enumerate(row)]
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class _Piece:
    """What semicolons set apart in a line, the one behind it included, and its name, if any."""

    start: int
    end: int
    name: str


def _pieces(line: str) -> list[_Piece]:
    ends = [match.end() for match in re.finditer("; ", line)] + [len(line)]
    return [
        _Piece(start, end, _name(line, start, end))
        for start, end in zip([0, *ends], ends, strict=False)
    ]


def _name(line: str, start: int, end: int) -> str:
    colon = line.find(": ", start, min(end, start + _LONGEST_NAME))
    return line[start:colon] if colon > start else ""


def _columns(names: Iterable[str]) -> Counter[str]:
    return Counter(name for name in names if name)


def _named(rows: Sequence[Sequence[_Piece]], columns: Sequence[str]) -> list[list[_Cell]] | None:
    """Cells under ``columns``; None where a line does not begin with one of them."""
    table = []
    for row in rows:
        cells: list[_Cell] = []
        for piece in row:
            column = columns.index(piece.name) if piece.name in columns else -1
            if cells and column <= cells[-1].column:
                # A semicolon inside the cell before.
                cells[-1] = replace(cells[-1], end=piece.end)
            elif column < 0:
                return None
            else:
                body = piece.start + len(piece.name) + 2
                cells.append(_Cell(column, piece.start, body, piece.end))
        table.append(cells)
    return table


def _rows(
    lines: Sequence[Span], table: Sequence[Sequence[_Cell]], runs: _Runs
) -> list[list[Sequence[CellPart]]]:
    """Put each cell under its column; a cell that a line does not have is empty."""
    width = max(cell.column for cells in table for cell in cells) + 1
    rows = []
    for line, cells in zip(lines, table, strict=True):
        row: list[Sequence[CellPart]] = [()] * width
        for cell in cells:
            row[cell.column] = _parts(line.start, cell, runs)
        rows.append(row)
    return rows


def _parts(offset: int, cell: _Cell, runs: _Runs) -> list[CellPart]:
    start, body, end = offset + cell.start, offset + cell.body, offset + cell.end
    stop = end - 2 if runs.text.startswith("; ", end - 2) and end - 2 >= body else end
    parts = (
        CellPart("name", runs.of(Span(start, body))),
        CellPart("", runs.of(Span(body, stop))),
        CellPart("gap", runs.of(Span(stop, end))),
    )
    return [part for part in parts if part.runs]
