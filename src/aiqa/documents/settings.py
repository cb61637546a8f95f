"""Settings (YAML, TOML, INI): their lines as they stand, under the names of their sections."""

from __future__ import annotations

import re

from aiqa.documents.encoding import decode
from aiqa.documents.text_builder import CanonicalText, Content

_SECTION = re.compile(r"\[+\s*([^\[\]\n]+?)\s*\]+[ \t]*(?:[#;].*)?")
_PART = re.compile(r"\n(?:[ \t]*\n)+(?=\S)")


def load(data: bytes) -> Content:
    """Return the settings and the comments on them; a section's name in brackets is a heading."""
    text = CanonicalText()
    lines: list[str] = []
    for line in decode(data).split("\n"):
        if section := _SECTION.fullmatch(line):
            _add(lines, text)
            lines = []
            text.heading(min(1 + section[1].count("."), 6), section[1].strip("\"'"))
        else:
            lines.append(line)
    _add(lines, text)
    return text.content(title="")


def _add(lines: list[str], text: CanonicalText) -> None:
    for part in _PART.split("\n".join(lines)):
        text.code(part)
