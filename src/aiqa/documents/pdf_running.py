"""Running headers and footers of a PDF: what comes back on page after page is not its text."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from aiqa.documents.pdf_lines import Line, body_size

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
    the same there or counts the pages: a sentence that tells of another amount is kept.
    """
    body = body_size(line for page in pages for line in page)
    edges = [
        {id(line): _read(line) for line in _edge_lines(page) if line.size < body * _LARGE}
        for page in pages
    ]
    numbered = defaultdict[tuple[_Place, int], list[_Numbers]](list)
    for number, edge in enumerate(edges):
        for place, numbers in edge.values():
            numbered[place, number].append(numbers)

    def runs(number: int, line: Line) -> bool:
        place, here = edges[number][id(line)]
        near = range(number - _NEAR, number + _NEAR + 1)
        times = sum(
            any(_follows(here, there, other - number) for there in numbered.get((place, other), ()))
            for other in near
        )
        return times > (1 if line.size < body else 2)

    return [
        [line for line in page if id(line) not in edge or not runs(number, line)]
        for number, (page, edge) in enumerate(zip(pages, edges, strict=True))
    ]


def _edge_lines(page: Sequence[Line]) -> Iterator[Line]:
    downwards = sorted(page, key=lambda line: line.base)
    yield from _block(downwards)
    yield from _block(downwards[::-1])


def _block(lines: Sequence[Line]) -> Sequence[Line]:
    """The first lines as far as they stand apart from the rest."""
    rows = 1
    for end, (line, following) in enumerate(pairwise(lines), 1):
        distance = abs(following.base - line.base)
        if distance > _APART * max(line.size, following.size):
            return lines[:end]
        rows += distance > 1
        if rows > _MOST_LINES:
            return []
    return lines


def _read(line: Line) -> tuple[_Place, _Numbers]:
    words = tuple(_NUMBER.split(line.text))
    return (words, round(line.base / 4)), tuple(map(int, _NUMBER.findall(line.text)))


def _follows(here: _Numbers, there: _Numbers, pages: int) -> bool:
    """Whether each number is the same so many ``pages`` on, or counts them."""
    return all(b - a in (0, pages) for a, b in zip(here, there, strict=True))
