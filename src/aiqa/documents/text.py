"""Plain text: paragraphs between empty lines, lists and tables by their lines."""

from __future__ import annotations

import re

from aiqa.documents.encoding import decode
from aiqa.documents.text_builder import Content

_FULL_LINE = 40
"""Characters from which a line was probably broken by its margin, not by its author."""

_OWN_LINE = re.compile(r"[\s\-*•|+>#]|\d{1,3}[.)]\s")
"""How a line begins that stands for itself: indents, list items, table rows, quotes."""


def load(data: bytes) -> Content:
    """The text as it stands, but with lines that only the margin broke joined again.

    Such a break becomes a blank, so every character keeps its place.
    """
    lines = decode(data).split("\n")
    text = ""
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        soft = len(line) >= _FULL_LINE and following and not _OWN_LINE.match(following)
        text += line + (" " if soft else "\n")
    return Content(text=text[:-1])
