"""Rows of a sheet to lines of text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aiqa.documents.text_builder import CanonicalText

_NUMBER = re.compile(r"[-+]?[\d.,\s]+%?")


def add_rows(rows: Sequence[Sequence[str]], text: CanonicalText) -> None:
    """Add the rows of one sheet, each marked with its number, which counts the header and blanks.

    The first row that is not blank is taken for the header if it has several cells, none of them a
    number.
    """
    filled = [(number, row) for number, row in enumerate(rows, 1) if any(map(str.strip, row))]
    if not filled:
        return
    first = [cell for cell in filled[0][1] if cell.strip()]
    header = len(filled) > 1 and len(first) > 1 and not any(map(_NUMBER.fullmatch, first))
    numbers = [number for number, _ in filled[header:]]
    text.table([row for _, row in filled], header=header, numbers=numbers)
