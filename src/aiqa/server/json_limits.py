"""Limits on JSON that are checked before it is parsed.

A few megabytes of brackets become millions of objects, over which parser, validation and Gradio
would stop the server for seconds.
"""

from __future__ import annotations

import re
from itertools import accumulate

MOST_DEPTH = 100
MOST_CONTAINERS = 200_000
"""Most arrays and objects."""

MOST_ITEMS = 500_000
"""Most items of all arrays and objects together."""

_MOST_QUOTES = 3_000_000
"""Most quotation marks, in strings too: each costs time to look at."""

# An unclosed string goes to the end, so that each byte is looked at once.
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def is_within_limits(body: bytes) -> bool:
    """Tell whether ``body``, if it is JSON, is neither too deep nor of too many parts."""
    if len(body) <= MOST_DEPTH:
        return True
    if body.count(b'"') > _MOST_QUOTES:
        return False
    bare = _STRING.sub(b"", body)
    brackets = bare.translate(None, _NO_BRACKET)
    if len(brackets) > 2 * MOST_CONTAINERS or bare.count(b",") > MOST_ITEMS:
        return False
    return max(accumulate(map(_STEPS.__getitem__, brackets)), default=0) <= MOST_DEPTH
