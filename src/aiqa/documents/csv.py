"""Tables as text: comma-, semicolon-, tab- or bar-separated values, and the rows of sheets."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from io import StringIO

from aiqa.documents.encoding import decode
from aiqa.documents.text_builder import CanonicalText, Content
from aiqa.errors import DocumentError

_SEPARATORS = ",;\t|"


def load(data: bytes) -> Content:
    """Rows with their columns' names; the separator is the one most used in the first line.

    Raises:
        DocumentError: a cell is endless or holds what cannot be a cell.
    """
    source = decode(data)
    first_line = source.partition("\n")[0]
    separator = max(_SEPARATORS, key=first_line.count)
    text = CanonicalText()
    try:
        add_rows(list(csv.reader(StringIO(source), delimiter=separator)), text)
    except csv.Error as error:
        raise DocumentError(f"This table cannot be read: {error}.") from error
    return text.content(title=None)


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
    numbers = [number for number, _ in filled]
    text.table([row for _, row in filled], header=header, numbers=numbers)
