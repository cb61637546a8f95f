"""Programs and style sheets: their lines as they stand, in parts that empty lines set apart."""

from __future__ import annotations

import re

from aiqa.documents.encoding import decode
from aiqa.documents.text_builder import CanonicalText, Content

SUFFIXES = (
    ".py", ".js", ".ts", ".jsx", ".tsx", ".java", ".c", ".cpp", ".h", ".hpp", ".cs", ".go", ".rs",
    ".rb", ".php", ".sh", ".sql", ".r", ".css", ".scss", ".kt", ".swift", ".lua", ".pl", ".ps1",
)  # fmt: skip

_PART = re.compile(r"\n(?:[ \t]*\n)+(?=\S)")
"""Where a part ends: empty lines before one that is not indented."""


def load(data: bytes) -> Content:
    """Return the code of a file, comments included; nothing is run."""
    text = CanonicalText()
    for part in _PART.split(decode(data).replace("\f", "\n")):
        text.code(part)
    return text.content(title=None)
