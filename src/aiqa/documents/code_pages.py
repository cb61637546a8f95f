"""Windows code pages, the numbers by which older files name the encoding of their text."""

from __future__ import annotations

import codecs

_UNICODE = {65001: "utf-8", 1200: "utf-16-le", 1201: "utf-16-be"}


def encoding_of(page: int) -> str:
    """Return the encoding of code page ``page``; that of Western Europe if it is unknown."""
    try:
        return codecs.lookup(_UNICODE.get(page, f"cp{page}")).name
    except LookupError:
        return "cp1252"
