"""Extractive readers: question and chunks to answer spans."""

from aiqa.reader.base import Reader

__all__ = ["Reader"]
