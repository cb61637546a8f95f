"""Canonical text: what a loader makes of a file, block by block, with offsets kept as it grows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiqa.documents.tables import TableCell, cells_at, table_lines
from aiqa.documents.titles import written_title
from aiqa.types import Block, BlockKind, Cell, Heading, Page, PageLayout

_FEWEST_LINES = 3
_LONGEST_LINE = 60
"""Characters up to which lines are an address or a verse, which keeps its line breaks."""


@dataclass(frozen=True, slots=True)
class Content:
    """A file's canonical text, its landmarks, and what it says about itself; see ``Document``."""

    text: str
    title: str | None = None
    pages: tuple[Page, ...] = ()
    headings: tuple[Heading, ...] = ()
    language: str | None = None
    published: str | None = None
    url: str | None = None
    unread_pages: tuple[int, ...] = ()
    ocr_pages: tuple[int, ...] = ()
    layouts: tuple[PageLayout, ...] = ()
    blocks: tuple[Block, ...] = ()
    omissions: tuple[str, ...] = ()


class CanonicalText:
    """Collects the blocks of one file in reading order.

    Blocks are set apart by an empty line; lines of one list, table or code block by a line break.
    A line break therefore always ends a sentence, and quotes never hold layout.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._pages: list[Page] = []
        self._headings: list[Heading] = []
        self._blocks: list[Block] = []
        self._omissions: list[str] = []
        self._page: int | None = None
        self._tables = 0

    def page(self, number: int) -> None:
        """Begin page ``number``: the next text added stands on it."""
        self._page = number

    def omit(self, what: str) -> None:
        """Note a part of the file that is left out and why, in a sentence for people."""
        if what not in self._omissions:
            self._omissions.append(what)

    def heading(self, level: int, title: str, label: str = "") -> None:
        """Add a heading of ``level`` 1 to 6; ``label`` is the number that it shows."""
        if title := _labelled(label, title):
            block = self._add("heading", title, level=level, label=label)
            self._headings.append(Heading(level, title, block.start))

    def paragraph(self, text: str, label: str = "") -> None:
        """Add running text as one line; its own line breaks were layout.

        ``label`` is the number that the paragraph shows, such as that of a clause.
        """
        self.block("paragraph", text, label)

    def lines(self, text: str) -> None:
        """Add running text; its line breaks stay where they were meant, as in an address."""
        shown = [one_line(line) for line in text.strip().split("\n")]
        if _are_lines(shown):
            self.verbatim("paragraph", "\n".join(shown))
        else:
            self.paragraph(text)

    def block(self, kind: BlockKind, text: str, label: str = "") -> None:
        """Add text of any kind as one line.

        Only the label of a paragraph or list item is part of the text.
        """
        shown = _labelled(label, text) if kind == "paragraph" else one_line(text)
        if shown:
            self._add(kind, shown, label=label)

    def paragraph_continued(self, text: str) -> None:
        """Add to the paragraph before, as when a page break cuts a sentence in two."""
        if text := one_line(text):
            if not self._blocks:
                self.paragraph(text)
                return
            self._append(" ")
            self._mark_page()
            self._append(text)
            self._blocks[-1] = replace(self._blocks[-1], end=self._length)

    def list_item(self, text: str, marker: str = "-", level: int = 1) -> None:
        """Add a list item right under the item before if there is one.

        Args:
            text: the item without its marker.
            marker: what stands before it, as the document shows it: "-", "3." or "a)".
            level: depth of the list, from 1.
        """
        if one_line(text):
            tight = bool(self._blocks) and self._blocks[-1].kind == "list item"
            self._add("list item", _labelled(marker, text), level=level, label=marker, tight=tight)

    def code(self, text: str) -> None:
        """Add code with its line breaks."""
        self.verbatim("code", text)

    def verbatim(self, kind: BlockKind, text: str) -> None:
        """Add text of any kind with its line breaks."""
        if text.strip():
            self._add(kind, text.strip("\n").expandtabs(4))

    def form_field(self, name: str, value: str) -> None:
        """Add a field of a form and what is filled in."""
        name, value = one_line(name), one_line(value)
        if value:
            tight = bool(self._blocks) and self._blocks[-1].kind == "form field"
            shown = f"{name}: {value}" if name else value
            self._add("form field", shown, label=name, tight=tight)

    def table(
        self,
        rows: Sequence[Sequence[str | TableCell]],
        *,
        header: bool | None = None,
        grouped: bool = True,
        label: str = "",
        numbers: Sequence[int] = (),
    ) -> None:
        """Add a table, one line a row; each cell follows its column's name.

        Args:
            rows: the cells of each row; see ``TableCell`` for those that cover several places.
            header: whether the first row holds the names; None to judge by the cells.
            grouped: whether a blank may stand for the name of a group in the row above.
            label: the name of the table, or in a workbook the address of its first cell; by
                default tables are counted ("table 2").
            numbers: makes each row a page of that number, one for every item of ``rows``.
        """
        cells: list[Cell] = []
        start = -1
        shown = [list(map(_cell, row)) for row in rows]
        for line in table_lines(shown, header=header, grouped=grouped):
            if numbers:
                self.page(numbers[line.row])
            self._separate(tight=start >= 0)
            start = self._length if start < 0 else start
            cells.extend(cells_at(self._length, line))
            self._append(line.text)
        if start >= 0:
            self._tables += 1
            name = label or f"table {self._tables}"
            self._blocks.append(Block("table", start, self._length, 0, name, tuple(cells)))

    def content(self, title: str | None) -> Content:
        """The whole; ``title`` defaults to the first heading of the topmost level used.

        So it does where ``title`` is only what a program filled in.
        """
        top = min(self._headings, key=lambda heading: heading.level, default=None)
        return Content(
            text="".join(self._parts),
            title=written_title(title) or (top.title if top else None),
            pages=tuple(self._pages),
            headings=tuple(self._headings),
            blocks=tuple(self._blocks),
            omissions=tuple(self._omissions),
        )

    def _add(
        self, kind: BlockKind, text: str, *, level: int = 0, label: str = "", tight: bool = False
    ) -> Block:
        self._separate(tight=tight)
        start = self._length
        self._append(text)
        block = Block(kind, start, self._length, level, label)
        self._blocks.append(block)
        return block

    def _separate(self, *, tight: bool) -> None:
        """Set what follows apart from what was added before, and begin its page."""
        if self._parts:
            self._append("\n" if tight else "\n\n")
        self._mark_page()

    def _mark_page(self) -> None:
        if self._page is not None:
            self._pages.append(Page(self._page, self._length))
            self._page = None

    def _append(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)


def one_line(text: str) -> str:
    """``text`` with every run of white space made one blank, and none at the ends."""
    return " ".join(text.split())


def _are_lines(lines: Sequence[str]) -> bool:
    return len(lines) >= _FEWEST_LINES and all(
        line and len(line) <= _LONGEST_LINE and not line[0].islower() for line in lines
    )


def _labelled(label: str, text: str) -> str:
    """Return ``text`` as one line after its ``label``, if it has one."""
    return one_line(f"{label} {text}") if one_line(text) else ""


def _cell(cell: str | TableCell) -> TableCell:
    if isinstance(cell, str):
        return TableCell(one_line(cell))
    text = one_line(cell.text)
    return cell if text == cell.text else replace(cell, text=text)
