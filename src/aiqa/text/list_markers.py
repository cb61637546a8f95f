"""Markers of list items: what stands before an item's own words in a line of text."""

from __future__ import annotations

import re

_BULLET = r"[-*•◦▪]"
_NUMBER = r"\(?(?:\d{1,3}|[ivx]{1,5}|[a-z]|[A-Z](?=\)))[.)]"
"""A capital letter needs a bracket: with a full stop, it may be the initial of a name."""

LIST_MARKER = re.compile(rf"\s*(?:{_BULLET}|{_NUMBER})\s+")
"""A marker at the start of a line, with the blanks around it."""
