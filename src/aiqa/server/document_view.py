"""Documents to HTML in their own structure: every character once, in order, and nothing else.

What the tags of the result enclose is the document's text to the letter, so that a selection in the
page is counted back to characters of the document. Lists and tables are recognised by the shape
that ``documents.text_builder`` gives them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import pairwise

from aiqa.types import Document, Heading, Span

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


def document_html(document: Document, within: Span, sentence: Span, quote: Span) -> str:
    """The characters ``within``, headings, lists and tables set as such, with the quote marked."""
    text = document.text
    lit = _Lit(text, sentence, quote)
    headings = {heading.start: heading for heading in document.headings}
    parts, position = list[str](), within.start
    for match in _BLOCK.finditer(text, within.start, within.end):
        parts.append(lit.html(Span(position, match.start())))
        block = Span(match.start(), match.end())
        heading = headings.get(block.start)
        parts.append(_heading(heading, block, lit) if heading else _block(block, lit))
        position = block.end
    parts.append(lit.html(Span(position, within.end)))
    return "".join(parts)


def marked(text: str, whole: Span, quote: Span) -> str:
    """``text[whole]``, escaped, with the quote in it in bold."""
    before, inside, after = (
        literal(text[start:end])
        for start, end in (
            (whole.start, quote.start),
            (quote.start, quote.end),
            (quote.end, whole.end),
        )
    )
    return f"{before}<b>{inside}</b>{after}"


def literal(text: str) -> str:
    """``text`` as HTML that a browser shows, and counts, character by character."""
    return escape(text).replace("\r", "&#13;").replace("\0", "\N{REPLACEMENT CHARACTER}")


class _Lit:
    """Escapes parts of a text; of its sentence and its quote what lies in them is marked."""

    def __init__(self, text: str, sentence: Span, quote: Span) -> None:
        self.text = text
        self._edges = sorted({sentence.start, quote.start, quote.end, sentence.end})
        self._sentence = sentence
        self._quote = quote

    def html(self, part: Span) -> str:
        inner = self._edges[bisect_right(self._edges, part.start) :]
        cuts = [part.start, *(edge for edge in inner if edge < part.end), part.end]
        return "".join(self._piece(Span(start, end)) for start, end in pairwise(cuts))

    def _piece(self, piece: Span) -> str:
        shown = literal(self.text[piece.start : piece.end])
        if piece.start == piece.end:
            return ""
        if piece.overlaps(self._quote) and shown.strip():
            return f"<mark>{shown}</mark>"
        if piece.overlaps(self._sentence) and shown.strip():
            return f'<span class="around">{shown}</span>'
        return shown


def _heading(heading: Heading, block: Span, lit: _Lit) -> str:
    # The panel's own title is of the second level.
    level = min(heading.level + 2, 6)
    return f'<h{level} dir="auto">{lit.html(block)}</h{level}>'


def _block(block: Span, lit: _Lit) -> str:
    lines = list(_lines(lit.text, block))
    texts = [lit.text[line.start : line.end] for line in lines]
    if all(_ITEM.match(line) for line in texts):
        return _within("ul", "li", lines, lit)
    if len(lines) > 1 and (cells := _cells(texts)):
        return _table(lines, cells, lit)
    return f'<p dir="auto">{lit.html(block)}</p>'


def _lines(text: str, block: Span) -> Iterator[Span]:
    start = block.start
    while start <= block.end:
        end = text.find("\n", start, block.end)
        end = block.end if end < 0 else end
        yield Span(start, end)
        start = end + 1


def _within(outer: str, inner: str, lines: Sequence[Span], lit: _Lit) -> str:
    items = (f'<{inner} dir="auto">{lit.html(line)}</{inner}>' for line in lines)
    return f"<{outer}>" + "\n".join(items) + f"</{outer}>"


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


def _table(lines: Sequence[Span], table: Sequence[Sequence[_Cell]], lit: _Lit) -> str:
    width = max(cell.column for cells in table for cell in cells) + 1
    rows = []
    for line, cells in zip(lines, table, strict=True):
        row, at = "", 0
        for cell in cells:
            row += "<td></td>" * (cell.column - at) + _td(line.start, cell, lit)
            at = cell.column + 1
        rows.append(f"<tr>{row}{'<td></td>' * (width - at)}</tr>")
    return "<table><tbody>" + "\n".join(rows) + "</tbody></table>"


def _td(offset: int, cell: _Cell, lit: _Lit) -> str:
    start, body, end = offset + cell.start, offset + cell.body, offset + cell.end
    stop = end - 2 if lit.text.startswith("; ", end - 2) and end - 2 >= body else end
    name, gap = lit.html(Span(start, body)), lit.html(Span(stop, end))
    return (
        f'<td dir="auto">{name and f"<span class=name>{name}</span>"}{lit.html(Span(body, stop))}'
        f"{gap and f'<span class=gap>{gap}</span>'}</td>"
    )
