"""The grids that the rules of a PDF page make, and their cells."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aiqa.documents.pdf.rules import Rule

_NEAR = 4.0
"""Rules nearer to each other than this, in points, bound no row or column between them."""

_CLOSED = 0.6
"""Two cells are apart where rules cover at least this share of the side between them."""

_LEAST_EDGES = 2
"""As many bound a single row or column."""

_MOST_RULES = 600
_MOST_PLACES = 20_000

_Place = tuple[int, int]
"""A row and a column."""


@dataclass(frozen=True, slots=True)
class Area:
    """A cell: the place of its upper left corner, and how many columns and rows it covers."""

    row: int
    column: int
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Grid:
    """The edges of rows and columns, in points, and the cells from the upper left, row by row."""

    rows: Sequence[float]
    columns: Sequence[float]
    areas: Sequence[Area]

    def place(self, x: float, y: float) -> _Place | None:
        """Return the row and column of a point; None if it lies outside."""
        row, column = bisect_right(self.rows, y) - 1, bisect_right(self.columns, x) - 1
        if 0 <= row < len(self.rows) - 1 and 0 <= column < len(self.columns) - 1:
            return row, column
        return None


def grids(level: Sequence[Rule], upright: Sequence[Rule]) -> Iterator[Grid]:
    """Yield a grid for all rules that hang together, if it has several rows and columns."""
    if len(level) > _MOST_RULES or len(upright) > _MOST_RULES:
        return
    for across, down in _connected(level, upright):
        rows = _edges([rule.at for rule in across] + _ends(down))
        columns = _edges([rule.at for rule in down] + _ends(across))
        if min(len(rows), len(columns)) > _LEAST_EDGES and len(rows) * len(columns) <= _MOST_PLACES:
            yield Grid(rows, columns, _areas(rows, columns, across, down))


def _connected(
    level: Sequence[Rule], upright: Sequence[Rule]
) -> Iterator[tuple[list[Rule], list[Rule]]]:
    """Yield the level and upright rules that meet, or meet others that do."""
    meeting = [[j for j, other in enumerate(upright) if rule.meets(other)] for rule in level]
    meeting_back = defaultdict[int, list[int]](list)
    for i, others in enumerate(meeting):
        for j in others:
            meeting_back[j].append(i)
    seen: set[int] = set()
    for first in range(len(level)):
        if first in seen or not meeting[first]:
            continue
        seen.add(first)
        across, down = [first], set[int]()
        for i in across:
            for j in meeting[i]:
                if j not in down:
                    down.add(j)
                    new = [k for k in meeting_back[j] if k not in seen]
                    seen.update(new)
                    across += new
        yield [level[i] for i in across], [upright[j] for j in sorted(down)]


def _ends(rules: Sequence[Rule]) -> list[float]:
    """The outermost ends of ``rules``: the sides of a table may be open."""
    return [min(rule.start for rule in rules), max(rule.end for rule in rules)]


def _edges(places: Sequence[float]) -> list[float]:
    edges: list[float] = []
    for place in sorted(places):
        if not edges or place - edges[-1] >= _NEAR:
            edges.append(place)
    return edges


def _areas(
    rows: Sequence[float], columns: Sequence[float], across: Sequence[Rule], down: Sequence[Rule]
) -> list[Area]:
    """The cells: neighbours without a rule between them are one, if they make a rectangle."""
    height, width = len(rows) - 1, len(columns) - 1
    above = [[rule for rule in across if abs(rule.at - edge) < _NEAR] for edge in rows]
    left = [[rule for rule in down if abs(rule.at - edge) < _NEAR] for edge in columns]

    def is_open_left(row: int, column: int) -> bool:
        return not _is_closed(rows[row], rows[row + 1], left[column])

    def is_open_above(row: int, column: int) -> bool:
        return not _is_closed(columns[column], columns[column + 1], above[row])

    taken: set[_Place] = set()
    areas = []
    for row in range(height):
        for column in range(width):
            if (row, column) in taken:
                continue
            right = column + 1
            while right < width and (row, right) not in taken and is_open_left(row, right):
                right += 1
            below = row + 1
            while (
                below < height
                and all((below, x) not in taken for x in range(column, right))
                and all(is_open_above(below, x) for x in range(column, right))
                and all(is_open_left(below, x) for x in range(column + 1, right))
            ):
                below += 1
            taken |= {(y, x) for y in range(row, below) for x in range(column, right)}
            areas.append(Area(row, column, right - column, below - row))
    return areas


def _is_closed(start: float, end: float, rules: Sequence[Rule]) -> bool:
    """Whether ``rules``, all on one line, cover most of what lies between two places."""
    covered = sum(max(0.0, min(rule.end, end) - max(rule.start, start)) for rule in rules)
    return covered >= _CLOSED * (end - start)
