"""Markers of list items: what stands before an item's own words in a line of text."""

from __future__ import annotations

import re

_BULLET = r"[-*•◦▪]"
_NUMBER = r"\d{1,3}[.)]"
_LABEL = r"\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,5})[.)]"

LIST_MARKER = re.compile(rf"\s*(?:{_BULLET}|{_NUMBER})\s+")
"""A marker that belongs to no sentence, with the blanks around it."""

ITEM_START = re.compile(rf"(?:{_BULLET}|{_LABEL})\s+")
"""Any marker that a line of a list may begin with.

Labels such as "(b)" stay part of their sentence: clauses are referred to by them, and "A." may be
the initial of a name. Without them, sentences and answers were found no better.
"""
