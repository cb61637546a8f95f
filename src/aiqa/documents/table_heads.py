"""Heads of a table: which rows are titles, which name the columns, and whether labels stand left.

What a file marks as a head is one. Elsewhere the texts decide: names are short words above values
of another kind, such as numbers. Where nothing tells, values are shown without a name rather than
under a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aiqa.documents.table_grid import Row, Slot, covered_columns, filled_slots, starts, value_kind
from aiqa.documents.table_labels import SAMPLE_ROWS, are_labels, are_pairs, column_kind

_PAIR = 2
_MOST_HEAD_ROWS = 3
_MOST_HEAD_CHARACTERS = 80
_MOST_TITLE_ROWS = 12
_LEAST_COUNT = 3
_NOTE = re.compile(r"[*†‡]|\(?\d\)|[^\W\d]+: \S|.{80}|.*[.!]$")
"""A line of its own below a table."""


@dataclass(frozen=True, slots=True)
class Heads:
    """The rows of a table by their part: ``titles`` stand alone, ``rows`` name the columns.

    ``labelled`` says that the first cell of a row names the value beside it, ``paired`` that every
    other one does.
    """

    titles: frozenset[int]
    rows: tuple[int, ...]
    labelled: bool
    paired: bool = False


def find_heads(grid: Sequence[Row], *, header: bool | None = None) -> Heads:
    """Return the heads of the table ``grid``.

    Args:
        grid: the rows with all their places.
        header: whether the first row, titles aside, holds the names of the columns; None to judge
            by the cells themselves.
    """
    if header and not (grid and filled_slots(grid[0])):
        header = False
    titles = {number for number, row in enumerate(grid) if _is_title(row)}
    body = [
        number
        for number, row in enumerate(grid)
        if number not in titles and any(slot and slot.cell.text for slot in row)
    ]
    above = _title_rows([grid[number] for number in body])
    titles.update(body[:above])
    body = body[above:]
    has_columns = any(len(row) > 1 for row in grid)
    while has_columns and len(body) > _PAIR and _is_note(grid[body[-1]]):
        titles.add(body.pop())
    rows = [grid[number] for number in body]
    heads = body[: head_rows(rows, header=header)]
    is_bare = bool(rows) and not heads
    labelled, paired = is_bare and are_labels(rows), is_bare and are_pairs(rows)
    return Heads(frozenset(titles), tuple(heads), labelled=labelled, paired=paired)


def head_rows(rows: Sequence[Row], *, header: bool | None = None) -> int:
    """Return how many rows at the top name the columns; none of ``rows`` is blank or a title."""
    if header is False or not rows:
        return 0
    if len(rows) == 1:
        return 0
    marked = next((n for n in range(len(rows)) if not _is_marked_head(rows, n)), len(rows))
    if 0 < marked < len(rows):
        return marked
    if header is None:
        if _is_upper(rows):
            return 2
        if not names_columns(rows) or are_pairs(rows) or _are_label_column(rows):
            return 0
    count = 1
    while count < min(_MOST_HEAD_ROWS, len(rows) - 1) and _is_further_head(rows, count):
        count += 1
    return count


def _are_label_column(rows: Sequence[Row]) -> bool:
    """Whether all rows are one label with one value; a blank column may stand between them."""
    places = {column for row in rows for column, _ in starts(row)}
    return len(places) == _PAIR and are_labels(rows)


def names_columns(rows: Sequence[Row]) -> bool:
    """Whether the first row looks like names of columns beside the rows below it."""
    width = max((covered_columns(row) for row in rows[1 : SAMPLE_ROWS + 1]), default=0)
    return (
        len(filled_slots(rows[0])) > 1
        and width <= 2 * covered_columns(rows[0])
        and _are_heads(rows[0], rows[1:])
    )


def heads_values(rows: Sequence[Row]) -> bool:
    """Whether the first row holds words above numbers, which only names of columns do."""
    return names_columns(rows) and any(
        slot
        and value_kind(slot.text) in ("words", "year")
        and column_kind(rows[1:], column) in ("number", "date")
        for column, slot in enumerate(rows[0])
    )


def continues(above: Sequence[Row], below: Sequence[Row]) -> bool:
    """Whether the rows ``below`` go on with the table ``above``, under the names of its columns.

    Both are without the blank rows between them. A table of its own is known by words above
    numbers, by heads that are marked, and by columns of another kind.
    """
    heads = find_heads(above)
    rows = [row for row in below if filled_slots(row)]
    body = [
        row
        for number, row in enumerate(above)
        if number not in heads.titles and number not in heads.rows
    ]
    if (
        not heads.rows
        or len(filled_slots(rows[0])) <= 1
        or _is_marked(rows[0])
        or heads_values(rows)
    ):
        return False
    kinds = [
        (column_kind(body, column), column_kind(rows, column)) for column, _ in starts(rows[0])
    ]
    if any(one and other and one != other for one, other in kinds):
        return False
    has_values = any(one in ("number", "date") for one, _ in kinds)
    return has_values or len(rows) == 1 or not names_columns(rows)


def upper_names(row: Row, below: Row) -> list[Slot | None]:
    """Return ``row`` of a head whose cells hold for the columns on their right, up to the next.

    They do so where ``below`` repeats its names under them, as "Spring, blank, Autumn, blank" does
    above "Crop, Yield, Crop, Yield".
    """
    names = [slot.text for slot in filled_slots(below)]
    if len(set(names)) == len(names) or len(filled_slots(row)) >= len(names):
        return list(row)
    spread: list[Slot | None] = []
    for column in range(len(below)):
        own = row[column] if column < len(row) else None
        covered = own and own.text
        spread.append(own if covered else (spread[-1] if spread else None))
    return spread


def _is_title(row: Row) -> bool:
    """Whether one cell over the full width of several columns is all that ``row`` holds."""
    first = row[0] if len(row) > 1 else None
    return first is not None and first.cell.columns >= len(row) and bool(first.text)


def _title_rows(rows: Sequence[Row]) -> int:
    """Return how many rows at the top stand alone: titles, and labels above a wider table."""
    widths = [covered_columns(row) for row in rows[: _MOST_TITLE_ROWS + 1]]
    if all(covered_columns(row) <= 1 for row in rows):
        return 0
    most = min(len(rows) - 1, _MOST_TITLE_ROWS)
    wide = next((number for number in range(most + 1) if widths[number] > _PAIR), 0)
    has_names = wide > 0 and names_columns(rows[wide:])
    for number in range(most):
        is_left = rows[number][0] is filled_slots(rows[number])[0]
        if not is_left or widths[number] > (_PAIR if has_names and number < wide else 1):
            return number
    return most


def _is_note(row: Row) -> bool:
    cells = filled_slots(row)
    return len(cells) == 1 and cells[0] is row[0] and bool(_NOTE.match(cells[0].text))


def _is_marked_head(rows: Sequence[Row], number: int) -> bool:
    """Whether the file marks a row as a head, and not only as the first line of a group."""
    row = rows[number]
    is_group = len(row) > 1 and covered_columns(row) == 1
    return _is_marked(row) and (
        number == 0
        or not (is_group or any(value_kind(slot.text) == "number" for slot in filled_slots(row)))
    )


def _is_marked(row: Row) -> bool:
    return all(slot.cell.is_head for slot in filled_slots(row))


def _is_upper(rows: Sequence[Row]) -> bool:
    """Whether the first row groups the names in the second: few cells, none above the labels."""
    if len(rows) <= _PAIR or (rows[0][0] and rows[0][0].text):
        return False
    upper, names = filled_slots(rows[0]), filled_slots(rows[1])
    return (
        len(upper) < len(names) - 1
        and (len(upper) == 1 or all(slot.cell.columns == 1 for slot in upper))
        and _are_heads(rows[0], rows[2:])
        and names_columns(rows[1:])
        and not names_columns(rows)
    )


def _is_further_head(rows: Sequence[Row], count: int) -> bool:
    """Whether row ``count`` adds to the names above it: parts of wide heads, or units."""
    row, upper, below = rows[count], rows[count - 1], rows[count + 1 :]
    if not _are_heads(row, below):
        return False
    own = [
        (column, upper[column] if column < len(upper) else None)
        for column, slot in enumerate(row)
        if slot and slot.is_first_row and slot.text
    ]
    if any(slot and slot.cell.columns > 1 for slot in upper):
        return all(slot is None or not slot.text or slot.cell.columns > 1 for _, slot in own)
    is_below_corner = own and own[0][0] > 0
    kinds = [column_kind(below, column) for column, _ in own]
    return bool(is_below_corner) and 2 * kinds.count("number") >= len(kinds)


def _are_heads(row: Row, below: Sequence[Row]) -> bool:
    """Whether the cells of ``row`` are short words, years, dates or counted on from 1.

    Years and dates head no years and dates: then all of them are values.
    """
    kinds = [(column, slot.text, value_kind(slot.text)) for column, slot in starts(row)]
    numbers = [text for _, text, kind in kinds if kind == "number"]
    if numbers and (len(numbers) < _LEAST_COUNT or numbers != _counted(len(numbers))):
        return False
    timed = [(column, kind) for column, _, kind in kinds if kind in ("year", "date")]
    return (
        bool(kinds)
        and all(len(text) <= _MOST_HEAD_CHARACTERS for _, text, _ in kinds)
        and not (timed and all(column_kind(below, column) == kind for column, kind in timed))
    )


def _counted(most: int) -> list[str]:
    return [str(number) for number in range(1, most + 1)]
