"""Documents: their text, pages and headings, and how a place in them is written."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from textwrap import shorten
from typing import Literal

from aiqa.types.blocks import Block, place
from aiqa.types.spans import Span

Format = Literal[
    "markdown",
    "text",
    "rst",
    "html",
    "pdf",
    "docx",
    "pptx",
    "xlsx",
    "csv",
    "json",
    "epub",
    "email",
    "xml",
    "notebook",
    "latex",
    "asciidoc",
    "org",
    "settings",
    "subtitles",
    "code",
    "calendar",
    "odt",
    "odp",
    "rtf",
    "doc",
    "ppt",
    "image",
]

_UNITS = {
    ".pptx": "slide",
    ".pptm": "slide",
    ".ppsx": "slide",
    ".ppsm": "slide",
    ".potx": "slide",
    ".potm": "slide",
    ".odp": "slide",
    ".otp": "slide",
    ".fodp": "slide",
    ".ppt": "slide",
    ".pps": "slide",
    ".pot": "slide",
    ".xlsx": "row",
    ".xlsm": "row",
    ".xltx": "row",
    ".xltm": "row",
    ".xlsb": "row",
    ".xls": "row",
    ".xlt": "row",
    ".ods": "row",
    ".ots": "row",
    ".fods": "row",
    ".csv": "row",
    ".tsv": "row",
    ".tab": "row",
    ".json": "record",
    ".jsonl": "record",
    ".ndjson": "record",
    ".geojson": "record",
    ".jsonc": "record",
    ".json5": "record",
}
"""What the pages of a format are called where they are not pages."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page (or slide, row or record), numbered from 1, and the character at which it begins."""

    number: int
    start: int


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: its level (1 is the topmost), its text and where that text begins."""

    level: int
    title: str
    start: int


@dataclass(frozen=True, slots=True)
class PageLayout:
    """Where the characters of one page stand, so that a span can be drawn upon it.

    ``width`` and ``height`` are in points, of the page as it is displayed. ``boxes`` holds,
    compressed by zlib, four unsigned 16-bit little-endian numbers for each character of the
    canonical text from ``start`` on: left, top, right and bottom of its box in quarter points from
    the upper left corner; all four are 0 for characters that have no ink, such as blanks.
    """

    number: int
    start: int
    width: float
    height: float
    boxes: bytes


@dataclass(frozen=True, slots=True)
class Document:
    """One file as canonical text.

    ``id`` is the SHA-256 of the file's bytes in hexadecimal, so anyone can check which version of
    a file was read; ``source`` is its path as people know it. ``pages`` and ``headings`` are in
    order of ``start``; formats without pages have none. ``language`` (BCP 47), ``published`` (ISO
    8601 date) and ``url`` are what the file says about itself, None where it does not.
    ``unread_pages`` are pages that show something but hold no text, such as scans, or are damaged;
    the text of ``ocr_pages`` was read from a picture and may be wrong. ``blocks`` are in order of
    ``start``; text that was never in a file has none. ``omissions`` say, in sentences for people,
    which parts of the file were left out and why. ``layouts`` is filled by the loaders of PDF and
    pictures; documents that come out of an index have none, see ``Assistant.boxes``.
    """

    id: str
    source: str
    format: Format
    title: str
    text: str
    pages: tuple[Page, ...] = ()
    headings: tuple[Heading, ...] = ()
    language: str | None = None
    published: str | None = None
    url: str | None = None
    unread_pages: tuple[int, ...] = ()
    ocr_pages: tuple[int, ...] = ()
    blocks: tuple[Block, ...] = ()
    omissions: tuple[str, ...] = ()
    layouts: tuple[PageLayout, ...] = field(default=(), repr=False, compare=False)

    def page_at(self, offset: int) -> int | None:
        """Number of the page that holds character ``offset``; None for formats without pages."""
        before = bisect_right(self.pages, offset, key=lambda page: page.start)
        return self.pages[max(before - 1, 0)].number if self.pages else None

    def section_at(self, offset: int) -> tuple[str, ...]:
        """Titles of the headings above character ``offset``, outermost first."""
        path: list[Heading] = []
        for heading in self.headings[: bisect_right(self.headings, offset, key=lambda h: h.start)]:
            while path and path[-1].level >= heading.level:
                path.pop()
            path.append(heading)
        return tuple(heading.title for heading in path)

    def block_number(self, offset: int) -> int | None:
        """Return the index in ``blocks`` of the one that holds ``offset``; None between blocks."""
        before = bisect_right(self.blocks, offset, key=lambda block: block.start)
        return before - 1 if before and offset < self.blocks[before - 1].end else None

    def block_numbers(self, span: Span) -> range:
        """Return the indices in ``blocks`` of those that begin in ``span``."""
        first = bisect_left(self.blocks, span.start, key=lambda block: block.start)
        return range(first, bisect_left(self.blocks, span.end, key=lambda block: block.start))

    def place_at(self, offset: int) -> str:
        """Return how people write the place within its block; see ``blocks.place``."""
        number = self.block_number(offset)
        if number is None:
            return ""
        block = self.blocks[number]
        sheet = next(iter(self.section_at(offset)), "") if self.format == "xlsx" else ""
        return place(block, offset, self.text, sheet)


_SEPARATOR = " › "
_LONGEST_TITLE = 60
"""Characters of a section's title in the place of a citation; some run over several lines."""


def heading_path(titles: Iterable[str]) -> str:
    """Titles of headings, outermost first, as one line."""
    return _SEPARATOR.join(titles)


def locator(source: str, page: int | None, section: str, place: str = "") -> str:
    """What to write for a place in ``source``, whose suffix tells what its pages are called.

    ``place`` is where it stands within its page and section; the address of a cell says it all.
    """
    if "!" in place:
        return place
    unit = unit_of(source)
    parts = [f"{unit} {page}"] if page else []
    if section:
        # A row is counted within its sheet, but a section stands on a page.
        titles = [_shortened(title) for title in section.split(_SEPARATOR)]
        parts.insert(0 if unit == "row" else len(parts), f"§ {_SEPARATOR.join(titles)}")
    return ", ".join([*parts, place] if place and unit not in ("row", "record") else parts)


def unit_of(source: str) -> str:
    """Return what the pages of ``source`` are called: "slide", "row", "record" or "p."."""
    return _UNITS.get(PurePosixPath(source).suffix.lower(), "p.")


def _shortened(title: str) -> str:
    """Return ``title``, cut at a word where it is long; one without blanks is cut anywhere."""
    if len(title) <= _LONGEST_TITLE:
        return title
    words = shorten(title, _LONGEST_TITLE, placeholder="…")
    return words if len(words) > 1 else f"{title[:_LONGEST_TITLE]}…"
