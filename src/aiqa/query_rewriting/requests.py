"""Requests: "explain quantisation" and "name the six dragons" as the questions that they are."""

from __future__ import annotations

import re

from aiqa.query_rewriting.coreference import references
from aiqa.query_rewriting.noun_phrases import Phrase, phrases

_POLITE = r"(?:please |can you |could you )*"
_EXPLAIN = re.compile(
    rf"{_POLITE}(?:explain|define|describe|tell me about|give me the definition of)"
    r"(?: to me| me)? (?P<thing>.+)",
    re.IGNORECASE,
)
_NAME = re.compile(
    rf"{_POLITE}(?:name|list|enumerate|tell me|give me)(?: me)?(?: all)? (?P<thing>.+)",
    re.IGNORECASE,
)
_MOST_WORDS = 8


def as_question(request: str) -> str | None:
    """Return the question for what ``request`` wants explained or named; None if it is none."""
    text = request.strip().rstrip("?.! ")
    explained, listed = _EXPLAIN.fullmatch(text), _NAME.fullmatch(text)
    found = explained or listed
    # Most questions are no requests: only for these is the tagger loaded.
    if not found or references(text):
        return None
    thing = found["thing"]
    named = _only_phrase(thing)
    if not named or not (explained or named.is_plural):
        return None
    return f"What {'are' if named.is_plural else 'is'} {thing}?"


def _only_phrase(text: str) -> Phrase | None:
    """Return the noun phrase that ``text`` is; None if there is more in it, or it refers back."""
    found = phrases(text)
    if not found or not found[0].says_something or len(text.split()) > _MOST_WORDS:
        return None
    first = found[0]
    begins = first.determiner.start if first.determiner else first.start
    return first if len(found) == 1 and begins == 0 and first.end == len(text) else None
