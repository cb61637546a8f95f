"""Whether text in pictures can be read: the packages for it are an extra."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

REMEDY = "Run `pip install 'aiqa[ocr]'` and ingest again."


@cache
def has_ocr() -> bool:
    """Whether the packages of the extra ``ocr`` are installed."""
    return find_spec("rapidocr") is not None
