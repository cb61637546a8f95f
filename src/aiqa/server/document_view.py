"""The text of a document as headings, paragraphs, lists and tables: every character once, in order.

``templates/document_text.html`` writes them as HTML. What its tags enclose is the document's text
to the letter, so that a selection in the page is counted back to characters of the document.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Literal

from aiqa.server.interface_language import t
from aiqa.types import Block, BlockKind, Cell, Document, Span, unit_of

_REACH = 60_000
"""Characters shown on either side of a place; more is a click away."""

_PARAGRAPH = re.compile(r"[^\n]+(?:\n[^\n]+)*")
_DEEPEST_LIST = 6


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
class CellView:
    """A cell of a table: ``parts`` of the text; none for a cell that holds nothing."""

    parts: Sequence[CellPart] = ()
    columns: int = 1
    is_head: bool = False

    @property
    def is_quoted(self) -> bool:
        """Whether the quote is in this cell."""
        return any(run.mark == "quote" for part in self.parts for run in part.runs)


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item of a list: its text, marker included, and its depth from 1."""

    runs: Sequence[TextRun]
    level: int = 1


@dataclass(frozen=True, slots=True)
class BlockView:
    """A part of a document as it is shown: ``runs``, or the ``items`` of a list, or ``rows``.

    ``names`` are the heads of a table's columns, which its cells repeat. A "page" has only a
    ``label``, the name of the page or slide that begins.
    """

    kind: BlockKind | Literal["separator", "page", "list"]
    runs: Sequence[TextRun] = ()
    level: int = 0
    label: str = ""
    items: Sequence[ItemView] = ()
    names: Sequence[str] = ()
    rows: Sequence[Sequence[CellView]] = ()


def blocks(document: Document, within: Span, sentence: Span, quote: Span) -> Iterator[BlockView]:
    """Divide the characters ``within`` into blocks, with the sentence and its quote marked."""
    runs = _Runs(document.text, sentence, quote)
    position = within.start
    pages = _page_names(document, within)
    parts = [
        (block, Span(max(block.start, within.start), min(block.end, within.end)))
        for block in document.blocks or _paragraphs(document, within)
        if block.span.overlaps(within)
    ]
    for kind, group in groupby(parts, key=lambda part: part[0].kind):
        some = list(group)
        for run in [some] if kind == "list item" else [[part] for part in some]:
            yield BlockView("separator", runs.of(Span(position, run[0][1].start)))
            while pages and pages[0][0] <= run[0][1].start:
                yield BlockView("page", label=pages.pop(0)[1])
            yield _block(run, runs)
            position = run[-1][1].end
    yield BlockView("separator", runs.of(Span(position, within.end)))


def _page_names(document: Document, within: Span) -> list[tuple[int, str]]:
    """Return where pages or slides begin and what they are called; rows and records have none."""
    unit = unit_of(document.source)
    if unit not in ("p.", "slide") or not document.pages[1:]:
        return []
    return [
        (page.start, _page_name(unit, page.number))
        for page in document.pages
        if within.start <= page.start < within.end
    ]


def _page_name(unit: str, number: int) -> str:
    if unit == "slide":
        return t("Slide {number}", number=number)
    return t("Page {number}", number=number)


def _paragraphs(document: Document, within: Span) -> Iterator[Block]:
    """Yield what empty lines set apart in a text that has no blocks of its own."""
    headings = {heading.start: heading for heading in document.headings}
    for match in _PARAGRAPH.finditer(document.text, within.start, within.end):
        heading = headings.get(match.start())
        yield Block(
            "heading" if heading else "paragraph",
            match.start(),
            match.end(),
            heading.level if heading else 0,
        )


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


def _block(parts: Sequence[tuple[Block, Span]], runs: _Runs) -> BlockView:
    """Return the view of one block, or of the items of one list, in the spans given."""
    block, span = parts[0]
    if block.kind == "list item":
        return BlockView("list", items=_items(parts, runs))
    if block.kind == "table":
        cells = [cell for cell in block.cells if span.holds(Span(cell.start, cell.end))]
        return _table(cells, span, runs) if cells else BlockView("paragraph", runs.of(span))
    # The panel's own title is of the second level.
    level = min(block.level + 2, 6) if block.kind == "heading" else block.level
    return BlockView(block.kind, runs.of(span), level, block.label)


def _items(parts: Sequence[tuple[Block, Span]], runs: _Runs) -> list[ItemView]:
    """Return the items of a list; each holds the line break before the next."""
    ends = [following.start for _, following in parts[1:]] + [parts[-1][1].end]
    return [
        ItemView(runs.of(Span(span.start, end)), min(max(block.level, 1), _DEEPEST_LIST))
        for (block, span), end in zip(parts, ends, strict=True)
    ]


def _table(cells: Sequence[Cell], span: Span, runs: _Runs) -> BlockView:
    """Return a table of ``cells``; text of cells that ``span`` cuts off goes to the first or last.

    A cell's gap reaches to the next cell, line breaks included, so that no character is lost.
    """
    width = max(cell.column + cell.columns for cell in cells)
    starts = [span.start, *(cell.start for cell in cells[1:])]
    ends = [*(cell.start for cell in cells[1:]), span.end]
    rows: dict[int, list[CellView]] = {}
    filled: dict[int, int] = {}
    names = [""] * width
    for cell, start, end in zip(cells, starts, ends, strict=True):
        row = rows.setdefault(cell.row, [])
        row.extend([CellView()] * (cell.column - filled.get(cell.row, 0)))
        row.append(CellView(_parts(cell, start, end, runs), cell.columns, cell.is_head))
        filled[cell.row] = cell.column + cell.columns
        names[cell.column] = names[cell.column] or runs.text[cell.start : cell.body].rstrip(": ")
    for number, row in rows.items():
        row.extend([CellView()] * (width - filled[number]))
    if any(all(cell.is_head for cell in row) and len(row) > 1 for row in rows.values()):
        names = []  # a row of the table shows them
    return BlockView("table", names=names if any(names) else (), rows=list(rows.values()))


def _parts(cell: Cell, start: int, end: int, runs: _Runs) -> list[CellPart]:
    parts = (
        CellPart("gap", runs.of(Span(start, cell.start))),
        CellPart("name", runs.of(Span(cell.start, cell.body))),
        CellPart("", runs.of(Span(cell.body, cell.end))),
        CellPart("gap", runs.of(Span(cell.end, end))),
    )
    return [part for part in parts if part.runs]
