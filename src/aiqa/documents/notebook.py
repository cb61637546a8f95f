"""Jupyter notebooks: their text, code and what the code wrote, cell by cell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from aiqa.documents import html_blocks, markdown
from aiqa.documents.encoding import decode
from aiqa.documents.text_builder import CanonicalText, Content
from aiqa.errors import DocumentError

_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def load(data: bytes) -> Content:
    """Return Markdown as it is shown, code, and outputs that are text or tables.

    Raises:
        DocumentError: the file is no notebook.
    """
    try:
        notebook = json.loads(decode(data))
    except ValueError as error:
        raise DocumentError(f"This is not a readable notebook: {error}.") from error
    text = CanonicalText()
    for cell in _cells(notebook):
        source = _joined(cell.get("source", cell.get("input", "")))
        if cell.get("cell_type") == "markdown":
            markdown.add_markdown(source, text)
        elif cell.get("cell_type") == "heading":
            text.heading(min(max(int(cell.get("level", 1)), 1), 6), source)
        else:
            text.code(source)
        for output in _dicts(cell.get("outputs")):
            _output(output, text)
    return text.content(title=None)


def _cells(notebook: Any) -> Iterator[dict[str, Any]]:
    """Yield the cells of a notebook; before version 4 they were in worksheets.

    Raises:
        DocumentError: there are none.
    """
    if not isinstance(notebook, dict) or not {"cells", "worksheets"} & notebook.keys():
        raise DocumentError("This is not a readable notebook: it has no cells.")
    for holder in (notebook, *_dicts(notebook.get("worksheets"))):
        yield from _dicts(holder.get("cells"))


def _output(output: dict[str, Any], text: CanonicalText) -> None:
    """Add what a piece of code wrote: a stream, or a value in the form that is read best."""
    shown = output.get("data", output)
    if output.get("output_type") in ("error", "pyerr"):
        # The way to the error is that of the program, not of the notebook.
        parts = (_joined(output.get(part, "")) for part in ("ename", "evalue"))
        text.code(": ".join(filter(None, parts)))
        return
    if not isinstance(shown, dict):
        return
    if markup := _joined(shown.get("text/html", shown.get("html", ""))):
        if (page := html_blocks.parse(markup)) is not None:
            html_blocks.add_body(page, text)
    elif source := _joined(shown.get("text/markdown", "")):
        markdown.add_markdown(source, text)
    else:
        words = _joined(shown.get("text/plain", shown.get("text", "")))
        text.code(_COLOURS.sub("", words))


def _joined(value: Any) -> str:
    """Return a text that is given as one string or as its lines."""
    return "".join(filter(lambda part: isinstance(part, str), value))


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    yield from (item for item in value or () if isinstance(item, dict))
