"""Tables as text: comma-, semicolon-, tab- or bar-separated values."""

from __future__ import annotations

import csv
from io import StringIO

from aiqa.documents.encoding import decode
from aiqa.documents.rows import add_rows
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
