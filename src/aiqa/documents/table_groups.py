"""Groups of a table's rows whose name stands only in the first of them, as people leave it out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aiqa.documents.table_grid import Row, Slot, starts, value_kind

_LEAST_COLUMNS = 3
_LEAST_GROUPS = 2
_TOTAL = re.compile(r"(?:grand |sub-?)?(?:total|sum|gesamt|summe)\b", re.IGNORECASE)


def fill_groups(places: Sequence[list[Slot | None]], body: Sequence[int]) -> None:
    """Let the name of a group cover all of its rows, as if it were merged over them.

    That a blank means "as above" is told by the second column: either its names repeat from one
    group to the next in the same order ("Jan, Feb" below each station), or they are words
    throughout, while most of the first column is blank.

    Args:
        places: the grid, which is changed.
        body: the indices of the rows below the heads.
    """
    if max(map(len, places), default=0) < _LEAST_COLUMNS:
        return
    groups = _groups(places, body)
    if len(groups) < _LEAST_GROUPS or not _are_groups(places, groups):
        return
    has_total = bool(_TOTAL.match(_text(places[body[-1]], 1)))
    for group in groups:
        name = places[group[0]][0]
        for number in group[1:]:
            is_total = has_total and number == body[-1]
            if name and not _text(places[number], 0) and not is_total:
                places[number][0] = name._replace(is_first_row=False)


def _groups(places: Sequence[Row], body: Sequence[int]) -> list[list[int]]:
    """Return the rows of each group; a row without a name in the second column ends one."""
    groups: list[list[int]] = []
    name: Slot | None = None
    for number in body:
        row = places[number]
        if not _text(row, 1):
            name = None
        elif _text(row, 0):
            if name is None or row[0] is None or row[0].identity != name.identity:
                groups.append([])
            name = row[0]
            groups[-1].append(number)
        elif name:
            groups[-1].append(number)
        else:
            return []
    return groups if any(not _text(places[n], 0) for group in groups for n in group) else []


def _are_groups(places: Sequence[Row], groups: Sequence[Sequence[int]]) -> bool:
    keys = [[_text(places[number], 1) for number in group] for group in groups]
    if any(len(set(own)) < len(own) for own in keys):
        return False
    longest = max(keys, key=len)
    if all(own == [key for key in longest if key in own] for own in keys):
        return True
    rows = sum(map(len, groups))
    blanks = sum(not _text(places[number], 0) for group in groups for number in group)
    filled = {tuple(column for column, _ in starts(places[number])[-1:]) for number in groups[0]}
    return (
        2 * blanks >= rows
        and len(filled) == 1
        and all(value_kind(_text(places[group[0]], 0)) != "number" for group in groups)
        and all(value_kind(key) == "words" for own in keys for key in own)
    )


def _text(row: Row, column: int) -> str:
    slot = row[column] if column < len(row) else None
    return slot.text if slot and slot.is_first_column else ""
