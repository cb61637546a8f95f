"""Canonical text: what a loader makes of a file, block by block, with offsets kept as it grows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aiqa.types import Heading, Page, PageLayout


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
    layouts: tuple[PageLayout, ...] = ()


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
        self._page: int | None = None
        self._list_open = False

    def page(self, number: int) -> None:
        """Begin page ``number``: the next text added stands on it."""
        self._page = number

    def heading(self, level: int, title: str) -> None:
        """Add a heading of ``level`` 1 to 6."""
        if title := one_line(title):
            start = self._add(title, tight=False)
            self._headings.append(Heading(level, title, start))

    def paragraph(self, text: str) -> None:
        """Add running text as one line; its own line breaks were layout."""
        if text := one_line(text):
            self._add(text, tight=False)

    def ends_with(self, pattern: re.Pattern[str]) -> bool:
        """Whether ``pattern`` is found in the block added last."""
        return bool(self._parts and pattern.search(self._parts[-1]))

    def paragraph_continued(self, text: str) -> None:
        """Add to the paragraph before, as when a page break cuts a sentence in two."""
        if text := one_line(text):
            self._append(" " if self._parts else "")
            self._mark_page()
            self._append(text)

    def list_item(self, text: str) -> None:
        """Add a list item, marker included, right under the item before if there is one."""
        if text := one_line(text):
            self._add(text, tight=self._list_open)
            self._list_open = True

    def verbatim(self, text: str) -> None:
        """Add code or preformatted text with its line breaks."""
        if text.strip():
            self._add(text.strip("\n").expandtabs(4), tight=False)

    def table(
        self, rows: Sequence[Sequence[str]], *, header: bool, numbers: Sequence[int] = ()
    ) -> None:
        """Add a table, one line a row; under a ``header`` each cell follows its column's name.

        A row is then understood, retrieved and quoted without the head of its table. ``numbers``
        makes each row a page of that number, the header aside.
        """
        names = [one_line(cell) for cell in rows[0]] if header and rows else []
        first = True
        for position, row in enumerate(rows[1:] if names else rows):
            if line := _row(names, row):
                if numbers:
                    self.page(numbers[position])
                self._add(line, tight=not first)
                first = False

    def content(self, title: str | None) -> Content:
        """The whole; ``title`` defaults to the first heading of the topmost level used."""
        top = min(self._headings, key=lambda heading: heading.level, default=None)
        return Content(
            text="".join(self._parts),
            title=(one_line(title) if title else None) or (top.title if top else None),
            pages=tuple(self._pages),
            headings=tuple(self._headings),
        )

    def _add(self, text: str, *, tight: bool) -> int:
        if self._parts:
            self._append("\n" if tight else "\n\n")
        self._mark_page()
        start = self._length
        self._append(text)
        self._list_open = False
        return start

    def _mark_page(self) -> None:
        if self._page is not None:
            self._pages.append(Page(self._page, self._length))
            self._page = None

    def _append(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)


def one_line(text: str) -> str:
    """``text`` with every run of white space made one blank, and none at the ends."""
    return re.sub(r"\s+", " ", text).strip()


def _row(names: Sequence[str], row: Sequence[str]) -> str:
    cells = []
    for column, cell in enumerate(map(one_line, row)):
        name = names[column] if column < len(names) else ""
        if cell:
            cells.append(f"{name}: {cell}" if name else cell)
    return "; ".join(cells)
