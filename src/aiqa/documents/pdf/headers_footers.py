"""Running headers and footers of a PDF: what comes back on page after page is kept once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise, takewhile
from typing import Literal

from aiqa.documents.pdf.lines import Line, body_size

_MOST_LINES = 3
"""Headers and footers have at most this many lines."""

_APART = 1.5
"""They stand apart from the text by more than this many type sizes from line to line."""

_FURTHER_APART = 1.2
"""They stand apart by more than this many times what lies between rows that are rather close."""

_EDGE = 0.15
"""They stand within this share of the page's height from its upper or lower edge."""

_NEAR = 4
"""They come back this many pages before or after: left and right pages may differ, and chapters."""

_LARGE = 1.12
"""A line this much larger than the body's type is a heading, even if many pages have it."""

_SPARSE = 60
"""Characters that a page with a header or footer holds besides, at least."""

_NUMBER = re.compile(r"\d{1,18}")
_PAGE_NUMBER = re.compile(
    r"[-–—|·,(]?\s*(?:\b(?:page|seite|página|pagina|p|pg|s)\b\.?\s*)?"
    r"(\d{1,18})(?:\s*(?:of|von|de|di|sur|/|\|)\s*\d{1,18})?\s*[-–—|·)]?",
    re.IGNORECASE,
)

_Place = tuple[tuple[str, ...], int]
"""What stands between the numbers of a line, and its height on the page."""

_Numbers = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Running:
    """A line that comes back, where it stands first: on the page of this index."""

    page: int
    kind: Literal["page header", "page footer"]
    parts: tuple[Line, ...]

    @property
    def text(self) -> str:
        """Its words, without the number of the page."""
        return " ".join(part.text for part in self.parts)


@dataclass(frozen=True, slots=True)
class Bodies:
    """The lines of each page without running lines, and each of those once.

    ``bare`` are the indices of the pages that hold nothing else.
    """

    pages: list[list[Line]]
    running: list[Running]
    bare: frozenset[int]


def without_running_lines(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> Bodies:
    """Take out the lines at the edge that near pages have too, at the same height.

    Two of them must, or one where the line is set smaller than the text. A number in the line is
    the same there or counts the pages: a sentence that tells of another amount is kept. So is what
    stands further in than a row of which nothing comes back: a paragraph may begin like others.
    Pages that hold hardly anything else, as labels do, stay as they are, unless fuller ones have
    the same around their text.
    """
    search = _Search(pages, heights)
    running = [search.on(number) for number in range(len(pages))]
    around_text = {
        _read(line)[0]
        for page, found in zip(pages, running, strict=True)
        if not _is_sparse(page, found)
        for line in page
        if id(line) in found
    }
    kept: list[list[Line]] = []
    first: dict[tuple[str, str], Running] = {}
    for number, (page, found) in enumerate(zip(pages, running, strict=True)):
        lines = [line for line in page if id(line) in found]
        if _is_sparse(page, found) and not all(_read(line)[0] in around_text for line in lines):
            kept.append(list(page))
            continue
        kept.append([line for line in page if id(line) not in found])
        for line in lines:
            item = search.running(number, line)
            if item.parts:
                first.setdefault((item.kind, item.text), item)
    bare = {n for n, page in enumerate(pages) if len(page) == len(running[n])}
    return Bodies(kept, list(first.values()), frozenset(bare))


def _is_sparse(page: Sequence[Line], running: Collection[int]) -> bool:
    """Whether a page holds hardly more than the lines with these identities."""
    return sum(len(line.text) for line in page if id(line) not in running) < _SPARSE


class _Search:
    """The edges of all pages, and what of them comes back."""

    def __init__(self, pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> None:
        self._body = body_size(line for page in pages for line in page)
        self._heights = heights
        self._edges = [_edges(page, h) for page, h in zip(pages, heights, strict=True)]
        self._numbered = defaultdict[tuple[_Place, int], list[_Numbers]](list)
        for number, edge in enumerate(self._edges):
            for line in chain.from_iterable(chain(*edge)):
                if line.size < self._body * _LARGE:
                    place, numbers = _read(line)
                    self._numbered[place, number].append(numbers)

    def on(self, number: int) -> set[int]:
        """Return the identities of the running lines of page ``number``."""
        return {
            id(line)
            for rows in self._edges[number]
            for found in takewhile(
                bool, ([x for x in row if self._runs(number, x)] for row in rows)
            )
            for line in found
        }

    def running(self, number: int, line: Line) -> Running:
        """Return ``line`` of page ``number`` without the number of the page in it."""
        here = _read(line)[1]
        counted = {
            position
            for there in self._others(number, line)
            for position, (a, b) in enumerate(zip(here, there, strict=True))
            if a != b
        }
        is_header = line.base < self._heights[number] / 2
        parts = (line,) if line.table else tuple(_without_numbers(line, counted))
        return Running(number, "page header" if is_header else "page footer", parts)

    def _runs(self, number: int, line: Line) -> bool:
        times = sum(1 for _ in self._others(number, line, itself=True))
        return line.size < self._body * _LARGE and times > (1 if line.size < self._body else 2)

    def _others(self, number: int, line: Line, *, itself: bool = False) -> Iterator[_Numbers]:
        """Yield the numbers that the line has on near pages, one of each page."""
        place, here = _read(line)
        for other in range(number - _NEAR, number + _NEAR + 1):
            if itself or other != number:
                there = (
                    numbers
                    for numbers in self._numbered.get((place, other), ())
                    if _follows(here, numbers, other - number)
                )
                yield from [numbers for numbers in [next(there, None)] if numbers is not None]


def _without_numbers(line: Line, counted: Iterable[int]) -> Iterator[Line]:
    """Yield the rest of ``line`` without "Page 1 of 4" where the first number is ``counted``."""
    places = [match.start() for match in _NUMBER.finditer(line.text)]
    cuts = {places[position] for position in counted}
    start = 0
    spans = [m.span() for m in _PAGE_NUMBER.finditer(line.text) if m.start(1) in cuts]
    for end, following in [*spans, (len(line.text), len(line.text))]:
        if any(map(str.isalnum, line.text[start:end])):
            yield line.part(start, end)
        start = following


def _edges(page: Sequence[Line], height: float) -> tuple[list[list[Line]], list[list[Line]]]:
    """The rows of header and footer, outermost first."""
    rows: list[list[Line]] = []
    for line in sorted(page, key=lambda line: line.base):
        if rows and line.base - rows[-1][-1].base <= 1:
            rows[-1].append(line)
        else:
            rows.append([line])
    gaps = sorted(below[0].base - above[0].base for above, below in pairwise(rows))
    usual = gaps[len(gaps) // 4] if len(gaps) >= _MOST_LINES else 0.0
    header = takewhile(lambda row: row[0].base <= _EDGE * height, _apart(rows, usual))
    footer = takewhile(lambda row: row[0].base >= (1 - _EDGE) * height, _apart(rows[::-1], usual))
    return list(header), list(footer)


def _apart(rows: Sequence[list[Line]], usual: float) -> Sequence[list[Line]]:
    """The first rows as far as they stand apart from the rest; none if they are too many."""
    for end, (row, following) in enumerate(pairwise(rows), 1):
        size = max(line.size for line in (*row, *following))
        gap = abs(following[0].base - row[0].base)
        if gap > _APART * size and gap > _FURTHER_APART * usual:
            return rows[:end]
        if end == _MOST_LINES:
            return []
    return rows


def _read(line: Line) -> tuple[_Place, _Numbers]:
    words = tuple(_NUMBER.split(line.text))
    return (words, round(line.base / 4)), tuple(map(int, _NUMBER.findall(line.text)))


def _follows(here: _Numbers, there: _Numbers, pages: int) -> bool:
    """Whether each number is the same so many ``pages`` on, or counts them."""
    return all(b - a in (0, pages) for a, b in zip(here, there, strict=True))
