"""Question and chunks to the spans that answer."""

from aiqa.reader.base import Reader

__all__ = ["Reader"]
