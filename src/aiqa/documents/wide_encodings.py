"""Texts of two or four bytes a character (UTF-16, UTF-32) that have no byte-order mark."""

from __future__ import annotations

import re

from aiqa.documents.charset_detection import likeness

_ENCODINGS = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufffe\uffff]")
_LEAST_ZEROS = 0.2
"""Of the bytes: more than any other text has."""

_LEAST_LIKENESS = 0.5
_MOST_CHARACTERS = 20_000
"""That are looked at: more do not tell more."""


def wide_text(data: bytes) -> str | None:
    """Return ``data`` as text if it is in UTF-16 or UTF-32, told by its zeros or its letters."""
    if not _CONTROL.search(data.decode("latin-1")):
        return None
    texts = [text for encoding in _ENCODINGS if (text := _text(data, encoding)) is not None]
    best = min(texts, key=_spread, default=None)
    if best is None:
        return None
    if data.count(0) >= _LEAST_ZEROS * len(data):
        return best
    return best if likeness(best[:_MOST_CHARACTERS]) >= _LEAST_LIKENESS else None


def _text(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if _CONTROL.search(text) else text


def _spread(text: str) -> tuple[int, str]:
    """Return of how many parts of Unicode ``text`` is: more in the wrong order of bytes."""
    sample = text[:_MOST_CHARACTERS]
    return len({ord(character) >> 8 for character in sample}), max(sample, default="")
