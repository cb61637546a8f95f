"""The tables of a sheet: parts of it with blank rows and columns around them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from aiqa.documents.table_grid import TableCell, grid, value_kind
from aiqa.documents.table_heads import continues

_MOST_MERGED_CELLS = 10_000
"""A range that merges more is taken for its first cell alone."""

_MOST_BESIDE = 4
"""Tables side by side that are looked at for the one that goes on."""

_WIDEST_GAP = 3
"""Blank rows that one table may have between its rows."""

_SAMPLE_ROWS = 40
"""Rows of a table that are looked at."""

Rows = Mapping[int, Mapping[int, str]]
Range = tuple[int, int, int, int]
"""First row and column, last row and column."""


@dataclass(slots=True)
class Region:
    """A table: the row and column of its first cell, and its cells row by row, none left out."""

    top: int
    left: int
    right: int
    cells: list[list[TableCell | str]]

    @property
    def bottom(self) -> int:
        """The last row."""
        return self.top + len(self.cells) - 1


def sheet_regions(
    rows: Rows,
    heads: set[tuple[int, int]],
    merged: Iterable[Range],
    tables: Iterable[Range] = (),
) -> list[Region]:
    """Return the tables of a sheet in reading order; see ``Sheet`` for the arguments."""
    ranges = {
        (top, left): (bottom, right)
        for top, left, bottom, right in merged
        if left in rows.get(top, ()) and _size(top, left, bottom, right) <= _MOST_MERGED_CELLS
    }
    used = {row: set(cells) for row, cells in rows.items() if cells}
    for (top, left), (bottom, right) in ranges.items():
        for row in range(top, bottom + 1):
            used.setdefault(row, set()).update(range(left, right + 1))
    parts = [part for table in tables if (part := _taken(used, table))]
    parts += _parts(used, rows)
    regions: list[Region] = []
    for part in sorted(parts, key=lambda part: (min(part), min(part[min(part)]))):
        region = _region(part, rows, heads, ranges)
        above = (one for one in reversed(regions[-_MOST_BESIDE:]) if _is_continued(one, region))
        before = next(above, None)
        if before:
            shift: list[TableCell | str] = [""] * (region.left - before.left)
            before.cells += [[] for _ in range(before.bottom + 1, region.top)]
            before.cells += [[*shift, *row] for row in region.cells]
        else:
            regions.append(region)
    return regions


def _taken(used: dict[int, set[int]], table: Range) -> dict[int, set[int]]:
    """Take the cells of a table that the file declares out of ``used``."""
    top, left, bottom, right = table
    part: dict[int, set[int]] = {}
    for row in [row for row in used if top <= row <= bottom]:
        part[row] = {column for column in used[row] if left <= column <= right}
        used[row] -= part[row]
    for rows in (part, used):
        for row in [row for row, columns in rows.items() if not columns]:
            del rows[row]
    return part


def _size(top: int, left: int, bottom: int, right: int) -> int:
    return (bottom - top + 1) * (right - left + 1)


def _parts(used: dict[int, set[int]], rows: Rows) -> Iterator[dict[int, set[int]]]:
    """Yield the parts of ``used``, cells by row, cut at blank rows and columns again and again."""
    bands = _bands(used)
    if len(bands) > 1:
        for band in bands:
            yield from _parts(band, rows)
        return
    for band in bands:
        columns = _runs(sorted(set().union(*band.values())))
        parts = [_within(band, first, last) for first, last in columns]
        joined = _joined(parts, rows)
        if len(joined) == 1:
            yield joined[0]
        else:
            for part in joined:
                yield from _parts(part, rows)


def _bands(used: dict[int, set[int]]) -> list[dict[int, set[int]]]:
    return [
        {row: used[row] for row in range(first, last + 1)} for first, last in _runs(sorted(used))
    ]


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Return the first and last of each run of consecutive ``numbers``."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def _within(band: dict[int, set[int]], first: int, last: int) -> dict[int, set[int]]:
    inside = {row: {c for c in columns if first <= c <= last} for row, columns in band.items()}
    return {row: columns for row, columns in inside.items() if columns}


def _joined(parts: list[dict[int, set[int]]], rows: Rows) -> list[dict[int, set[int]]]:
    """Put parts beside each other together unless they are tables of their own, or mere notes."""
    joined: list[dict[int, set[int]]] = []
    for part in parts:
        before = joined[-1] if joined else None
        height = len(before) if before else 0
        if (
            before is None
            or 2 * len(part) <= height
            or 2 * height <= len(part)
            or (_has_labels(before, rows) and _has_labels(part, rows))
        ):
            joined.append(part)
        else:
            for row, columns in part.items():
                before.setdefault(row, set()).update(columns)
    return joined


def _has_labels(part: dict[int, set[int]], rows: Rows) -> bool:
    """Whether a part has several columns, the first of which names its rows in words."""
    left = min(map(min, part.values()))
    labels = [rows.get(row, {}).get(left, "") for row in sorted(part)]
    words = [label for label in labels[1:] or labels if label and value_kind(label) == "words"]
    return max(map(max, part.values())) > left and 2 * len(words) >= len(labels[1:] or labels)


def _region(
    part: dict[int, set[int]],
    rows: Rows,
    heads: set[tuple[int, int]],
    ranges: dict[tuple[int, int], tuple[int, int]],
) -> Region:
    top, bottom = min(part), max(part)
    left, right = min(map(min, part.values())), max(map(max, part.values()))
    has_ranges = bool(ranges) and any((row, c) in ranges for row in part for c in part[row])
    covered: set[tuple[int, int]] = set()
    cells: list[list[TableCell | str]] = []
    for row in range(top, bottom + 1):
        own = part.get(row, set())
        texts = rows.get(row, {})
        line = [texts.get(c, "") if c in own else "" for c in range(left, max(own, default=0) + 1)]
        is_head = bool(heads) and _is_head(own, row, texts, heads)
        if has_ranges or is_head:
            cells.append(_with_ranges(line, row, left, ranges, covered, is_head=is_head))
        else:
            cells.append([*line])
    return Region(top, left, right, cells)


def _is_head(
    own: set[int], row: int, texts: Mapping[int, str], heads: set[tuple[int, int]]
) -> bool:
    """Whether a row has several cells with text, all of them marked."""
    filled = [column for column in own if column in texts]
    return len(filled) > 1 and all((row, column) in heads for column in filled)


def _with_ranges(
    line: Sequence[str],
    row: int,
    left: int,
    ranges: Mapping[tuple[int, int], tuple[int, int]],
    covered: set[tuple[int, int]],
    *,
    is_head: bool,
) -> list[TableCell | str]:
    """Return the cells of a row without those that are ``covered``, which merged ones add to."""
    cells: list[TableCell | str] = []
    for column, text in enumerate(line, left):
        if (row, column) in covered:
            continue
        bottom, right = ranges.get((row, column), (row, column))
        if (bottom, right) != (row, column):
            covered.update((r, c) for r in range(row, bottom + 1) for c in range(column, right + 1))
        cells.append(TableCell(text, right - column + 1, bottom - row + 1, is_head and bool(text)))
    return cells


def _is_continued(before: Region, region: Region) -> bool:
    """Whether ``region`` goes on with the table ``before`` after some blank rows."""
    if not 0 < region.top - before.bottom - 1 <= _WIDEST_GAP:
        return False
    if region.left < before.left or region.right > before.right:
        return False
    shift: list[TableCell | str] = [""] * (region.left - before.left)
    return continues(
        grid(_sample(before.cells)), grid(_sample([[*shift, *row] for row in region.cells]))
    )


def _sample(cells: Sequence[Sequence[TableCell | str]]) -> list[list[TableCell]]:
    return [
        [TableCell(cell) if isinstance(cell, str) else cell for cell in row]
        for row in cells[:_SAMPLE_ROWS]
    ]
