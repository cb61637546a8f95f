"""Whether words are clear by themselves: names, and words that refer to earlier text."""

from __future__ import annotations

import re

from aiqa.query_rewriting.noun_phrases import Word, words
from aiqa.types import Document

_UNCLEAR = frozenset({
    "it", "its", "this", "that", "these", "those", "they", "them", "their", "he", "him", "his",
    "she", "her", "hers", "here", "there", "one", "ones", "such", "other", "others", "another",
    "same", "both", "each", "first", "second", "third", "last", "next", "former", "latter",
})  # fmt: skip
"""Words that refer to earlier text."""


def is_unclear(text: str) -> bool:
    """Tell whether ``text`` has a word that refers to earlier text."""
    return any(word.lower in _UNCLEAR for word in words(text))


def has_name(text: str) -> bool:
    """Tell whether ``text`` has a capital letter."""
    return any(letter.isupper() for letter in text)


def is_titled(text: str) -> bool:
    """Tell whether words after the first are capitalised: "Ada Moor", not "Price in dollars"."""
    return any(word.istitle() for word in text.split()[1:])


def is_name(word: Word, document: Document) -> bool:
    """Tell whether the first word of a sentence is also capitalised within sentences."""
    if any(letter.isupper() for letter in word.text[1:]):
        return True
    return bool(re.search(rf"[a-z,] {re.escape(word.text)}\b", document.text))
