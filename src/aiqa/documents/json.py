"""JSON and JSON lines: a line of text for each record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from aiqa.documents.encoding import decode
from aiqa.documents.text_builder import CanonicalText, Content
from aiqa.errors import DocumentError


def load(data: bytes) -> Content:
    """Each record as "path: value; …", numbered from 1; values within values have dotted paths.

    Raises:
        DocumentError: the text is neither JSON nor JSON lines.
    """
    text = CanonicalText()
    rows = ["; ".join(_pairs("", record)) for record in _records(decode(data))]
    text.table([[row] for row in rows], header=False, numbers=list(range(1, len(rows) + 1)))
    return text.content(title=None)


def _records(source: str) -> list[Any]:
    try:
        whole = json.loads(source)
    except ValueError:
        lines = ((n, line) for n, line in enumerate(source.split("\n"), 1) if line.strip())
        return [_line(number, line) for number, line in lines]
    return whole if isinstance(whole, list) else [whole]


def _line(number: int, line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise DocumentError(f"Line {number} of this file is not JSON: {error}.") from error


def _pairs(path: str, value: Any) -> Iterator[str]:
    match value:
        case dict():
            for key, inner in value.items():
                yield from _pairs(f"{path}.{key}" if path else str(key), inner)
        case list():
            for inner in value:
                yield from _pairs(path, inner)
        case None | "":
            pass
        case _:
            shown = value if isinstance(value, str) else json.dumps(value)
            yield f"{path}: {shown}" if path else shown
