"""Dialects of separated values: which character separates the cells, and which quotes are meant."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

SEPARATORS = ",;\t|"

_NO_SEPARATOR = "\x1f"
"""Never occurs, so that each line is a single cell."""

_SAMPLE_LINES = 300
_LEAST_SHARE = 0.2
"""Lines of one width, among those sampled, that make a table."""

_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")


def separator(lines: Sequence[str]) -> str:
    """Return the character that separates cells: the one that makes most rows equally wide.

    What stands in quotes is not looked at. Among separators that do equally well, commas within
    numbers count little, and more columns count more.
    """
    sample = [line for line in lines[:_SAMPLE_LINES] if line.strip()]
    bare = [_QUOTED.sub("", line) for line in sample]
    scores = {}
    for mark in SEPARATORS:
        widths = Counter(line.count(mark) + 1 for line in bare if mark in line)
        if not widths:
            continue
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
        share = count / len(sample)
        if share >= _LEAST_SHARE:
            is_decimal = mark == "," and any(map(_DECIMAL_COMMA.search, bare))
            scores[mark] = (share, not is_decimal, width)
    return max(scores, key=lambda mark: scores[mark], default=_NO_SEPARATOR)


def is_single_quoted(lines: Sequence[str], mark: str) -> bool:
    """Whether cells that hold ``mark`` stand in single quotes, as none do in double ones."""
    if any('"' in line for line in lines):
        return False
    end = re.escape(mark)
    cell = re.compile(rf"(?:^|{end})'[^']*{end}[^']*'(?:{end}|$)")
    return any(map(cell.search, lines[:_SAMPLE_LINES]))


def without_padding(lines: Sequence[str], mark: str) -> list[str]:
    """Return ``lines`` without the blanks between a separator and a cell in quotes."""
    if not any(f'{mark} "' in line for line in lines[:_SAMPLE_LINES]):
        return list(lines)
    end = re.escape(mark)
    padding = re.compile(rf'(?<={end}) +(?="(?:[^"]|"")*" *(?:{end}|$))')
    return [padding.sub("", line) for line in lines]


def csv_records(lines: Sequence[str], mark: str) -> Iterator[str]:
    """Yield the source of each row: one line, or several where a cell in quotes goes on.

    A quote that would run into rows of their own, or is never closed, is an inch mark or the like
    and is put in quotes itself.
    """
    usual = _usual_width(lines, mark)
    number = 0
    open_lines = [n for n, line in enumerate(lines) if line.count('"') % 2]
    closing = dict(pairwise(open_lines))
    is_open = set(open_lines)
    while number < len(lines):
        last = closing.get(number, number)
        if number not in is_open and ('"' not in lines[number] or _is_row(lines[number], mark)):
            yield lines[number]
        elif last > number and _is_long_row(lines[number : last + 1], mark, usual):
            yield "\n".join(lines[number : last + 1])
            number = last
        else:
            yield _literal(lines[number], mark)
        number += 1


def _usual_width(lines: Sequence[str], mark: str) -> int:
    widths = Counter(
        _QUOTED.sub("", line).count(mark) + 1
        for line in lines[:_SAMPLE_LINES]
        if line.strip() and line.count('"') % 2 == 0
    )
    return max(widths, key=lambda width: (widths[width], width), default=0)


def _is_long_row(lines: Sequence[str], mark: str, usual: int) -> bool:
    """Whether ``lines`` are a row with a cell of several lines, and not rows with stray quotes."""
    if all(line.count(mark) + 1 == usual for line in lines):
        return False
    return _is_row("\n".join(lines), mark)


def _is_row(source: str, mark: str) -> bool:
    """Whether every quote in ``source`` opens or closes a cell, or is doubled within one."""
    try:
        return len(list(csv.reader([source], delimiter=mark, strict=True))) == 1
    except csv.Error:
        return False


def _literal(line: str, mark: str) -> str:
    """Return ``line`` with its quotes as part of the cells, but those around a whole cell."""
    cells = [
        cell[1:-1].replace('""', '"') if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell
        for cell in line.split(mark)
    ]
    return mark.join('"' + cell.replace('"', '""') + '"' for cell in cells)
