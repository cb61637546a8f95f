"""Separated values: comma-, semicolon-, tab- or bar-separated, with what stands above the table."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from aiqa.documents.csv_dialect import (
    SEPARATORS,
    csv_records,
    is_single_quoted,
    separator,
    without_padding,
)
from aiqa.documents.encoding import decode
from aiqa.documents.spreadsheet.regions import sheet_regions
from aiqa.documents.table_grid import TableCell, value_kind
from aiqa.documents.text_builder import CanonicalText, Content
from aiqa.errors import DocumentError

_NAMED = re.compile(rf'"?sep=([{re.escape(SEPARATORS)}: ])"?', re.IGNORECASE)
"""A first line by which Excel is told the separator."""

_DOUBLED = re.compile(r'[^\\,;|\t\n"]""[^,;|\t\n"]')
"""A quote within a cell as most programs write it."""

_LONGEST_CELL = 1_000_000_000
_MOST_HEAD_CHARACTERS = 80
_SAMPLE_ROWS = 30

_Cells = Sequence[Sequence[str | TableCell]]


def load(data: bytes) -> Content:
    """Rows with their columns' names; pages are rows, counted as in the file with blank ones.

    Raises:
        DocumentError: a cell holds what cannot be a cell.
    """
    source = decode(data)
    lines = source.rstrip("\n").split("\n")
    named = _NAMED.fullmatch(lines[0].strip(" "))
    mark = named[1] if named else separator(lines)
    if named:
        lines[0] = ""
    quote = "'" if is_single_quoted(lines, mark) else '"'
    lines = without_padding(lines, mark)
    # Others escape a quote with a backslash instead of a second quote.
    escape = "\\" if '\\"' in source and not _DOUBLED.search(source) else None
    csv.field_size_limit(_LONGEST_CELL)
    try:
        sources = csv_records(lines, mark) if '"' in source and not escape else _ended(lines)
        rows = list(csv.reader(sources, delimiter=mark, escapechar=escape, quotechar=quote))
    except csv.Error as error:
        raise DocumentError(f"This table cannot be read: {error}.") from error
    text = CanonicalText()
    _add_rows(rows, text)
    return text.content(title=None)


def _ended(lines: Sequence[str]) -> Iterator[str]:
    """Yield ``lines`` with their ends, which may stand within a cell."""
    return (f"{line}\n" for line in lines)


def _add_rows(rows: Sequence[Sequence[str]], text: CanonicalText) -> None:
    """Add the tables that blank rows set apart, each row marked with its number."""
    filled = [number for number, row in enumerate(rows) if any(map(str.strip, row))]
    if not filled:
        return
    first, last = filled[0], filled[-1]
    if len(filled) == last - first + 1 or _are_spaced_out(filled):
        _add_table(rows[first : last + 1], first + 1, text, is_main=True)
        return
    cells = {
        number: {column: cell for column, cell in enumerate(row, 1) if cell.strip()}
        for number, row in enumerate(rows, 1)
    }
    regions = sheet_regions(cells, set(), ())
    main = max(regions, key=lambda region: len(region.cells))
    for region in regions:
        _add_table(region.cells, region.top, text, is_main=region is main)


def _are_spaced_out(filled: Sequence[int]) -> bool:
    """Whether as many blank rows stand between all rows, as where line ends were doubled."""
    gaps = [after - before for before, after in pairwise(filled)]
    return len(gaps) > 1 and min(gaps) > 1 and max(gaps) == min(gaps)


def _add_table(cells: _Cells, top: int, text: CanonicalText, *, is_main: bool) -> None:
    header = True if is_main and _has_names(cells) else None
    text.table(cells, header=header, numbers=range(top, top + len(cells)))


def _has_names(cells: _Cells) -> bool:
    """Whether the first row of several cells is all words, as the names that begin most files.

    Labels with values of several kinds beside them have no names above.
    """
    rows = [[cell for cell in map(_text, row) if cell] for row in cells[:_SAMPLE_ROWS]]
    wide = [row for row in rows if len(row) > 1]
    if len(wide) <= 1 or len(wide[0]) < max(map(len, wide)):
        return False
    if len(wide[0]) == len(("label", "value")):
        have_digits = {any(map(str.isdigit, row[1])) for row in wide[1:]}
        if len(have_digits) > 1:
            return False
    return all(
        value_kind(cell) == "words" and len(cell) <= _MOST_HEAD_CHARACTERS for cell in wide[0]
    )


def _text(cell: str | TableCell) -> str:
    return (cell if isinstance(cell, str) else cell.text).strip()
