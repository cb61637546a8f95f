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

_Place = tuple[str, int]
"""A line's words, numbers left open, and its height on the page."""


def without_running_lines(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Drop the lines at the edge that near pages have too, at the same height.

    Two of them must, or one where the line is set smaller than the text. A number in the line is
    the same there or counts the pages: a sentence that tells of another amount is kept.
    """
    body = body_size(line for page in pages for line in page)
    edges = [
        {id(line): line for line in _edge_lines(page) if line.size < body * _LARGE}
        for page in pages
    ]
    lines_at = defaultdict[_Place, list[tuple[int, list[int]]]](list)
    for number, edge in enumerate(edges):
        for line in edge.values():
            lines_at[_place(line)].append((number, _numbers(line)))

    def runs(number: int, line: Line) -> bool:
        pages_with_it = {
            other
            for other, numbers in lines_at[_place(line)]
            if abs(other - number) <= _NEAR
            and all(
                there - here in (0, other - number)
                for here, there in zip(_numbers(line), numbers, strict=True)
            )
        }
        return len(pages_with_it) > (1 if line.size < body else 2)

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


def _place(line: Line) -> _Place:
    return _NUMBER.sub("#", line.text), round(line.base / 4)


def _numbers(line: Line) -> list[int]:
    return [int(number) for number in _NUMBER.findall(line.text)]
