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

_Signature = tuple[str, int]


def without_running_lines(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Drop the lines at the edge that near pages have too, numbers aside, at the same height.

    Two of them must, or one where the line is set smaller than the text.
    """
    body = body_size(line for page in pages for line in page)
    places = defaultdict[_Signature, set[int]](set)
    edges = [
        {id(line): _signature(line) for line in _edge_lines(page) if line.size < body * _LARGE}
        for page in pages
    ]
    for number, edge in enumerate(edges):
        for signature in edge.values():
            places[signature].add(number)

    def runs(number: int, line: Line) -> bool:
        near = range(number - _NEAR, number + _NEAR + 1)
        times = sum(other in places[edges[number][id(line)]] for other in near)
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


def _signature(line: Line) -> _Signature:
    return re.sub(r"\d+", "#", line.text), round(line.base / 4)
