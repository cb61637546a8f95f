"""Running headers and footers of a PDF: what comes back on page after page is not its text."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import chain, pairwise, takewhile

from aiqa.documents.pdf.lines import Line, body_size

_MOST_LINES = 3
"""Headers and footers have at most this many lines."""

_APART = 1.5
"""They stand apart from the text by more than this many type sizes from line to line."""

_NEAR = 4
"""They come back this many pages before or after: left and right pages may differ, and chapters."""

_LARGE = 1.12
"""A line this much larger than the body's type is a heading, even if many pages have it."""

_NUMBER = re.compile(r"\d{1,18}")

_Place = tuple[tuple[str, ...], int]
"""What stands between the numbers of a line, and its height on the page."""

_Numbers = tuple[int, ...]


def without_running_lines(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Drop the lines at the edge that near pages have too, at the same height.

    Two of them must, or one where the line is set smaller than the text. A number in the line is
    the same there or counts the pages: a sentence that tells of another amount is kept. So is what
    stands further in than a row of which nothing comes back: a paragraph may begin like others.
    """
    body = body_size(line for page in pages for line in page)
    edges = [_edges(page) for page in pages]
    numbered = defaultdict[tuple[_Place, int], list[_Numbers]](list)
    for number, edge in enumerate(edges):
        for line in chain.from_iterable(chain(*edge)):
            if line.size < body * _LARGE:
                place, numbers = _read(line)
                numbered[place, number].append(numbers)

    def runs(number: int, line: Line) -> bool:
        place, here = _read(line)
        near = range(number - _NEAR, number + _NEAR + 1)
        times = sum(
            any(_follows(here, there, other - number) for there in numbered.get((place, other), ()))
            for other in near
        )
        return line.size < body * _LARGE and times > (1 if line.size < body else 2)

    kept = []
    for number, (page, edge) in enumerate(zip(pages, edges, strict=True)):
        running = {
            id(line)
            for rows in edge
            for found in takewhile(bool, ([x for x in row if runs(number, x)] for row in rows))
            for line in found
        }
        kept.append([line for line in page if id(line) not in running])
    return kept


def _edges(page: Sequence[Line]) -> tuple[Sequence[list[Line]], Sequence[list[Line]]]:
    """The rows of header and footer, outermost first."""
    rows: list[list[Line]] = []
    for line in sorted(page, key=lambda line: line.base):
        if rows and line.base - rows[-1][-1].base <= 1:
            rows[-1].append(line)
        else:
            rows.append([line])
    return _apart(rows), _apart(rows[::-1])


def _apart(rows: Sequence[list[Line]]) -> Sequence[list[Line]]:
    """The first rows as far as they stand apart from the rest; none if they are too many."""
    for end, (row, following) in enumerate(pairwise(rows), 1):
        size = max(line.size for line in (*row, *following))
        if abs(following[0].base - row[0].base) > _APART * size:
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
