"""Words of questions: whether they are clear by themselves, and how they stand in a question."""

from __future__ import annotations

import re

from aiqa.query_rewriting.noun_phrases import Word, words
from aiqa.types import Document

_UNCLEAR = frozenset({
    "it", "its", "this", "that", "these", "those", "they", "them", "their", "he", "him", "his",
    "she", "her", "hers", "here", "there", "one", "ones", "such", "other", "others", "another",
    "same", "both",
    "following", "above", "below", "each", "first", "second", "third",
    "last", "next", "former", "latter",
})  # fmt: skip
"""Words that refer to earlier text."""


_SPOKEN = tuple(
    (re.compile(rf"\b{written}\b", re.IGNORECASE), said)
    for written, said in (
        (r"you (?:aren['’]t|are not)", "I am not"),
        (r"you(?:['’]re| are)", "I am"),
        (r"you(?=['’])", "I"),
        ("your", "my"),
        ("yours", "mine"),
        ("yourself", "myself"),
    )
)
_DETERMINERS = frozenset({
    "the", "a", "an", "all", "any", "each", "every", "some", "no", "most", "many", "your", "our",
})  # fmt: skip


def is_unclear(text: str) -> bool:
    """Tell whether ``text`` has a word that refers to earlier text."""
    return any(word.lower in _UNCLEAR for word in words(text))


def has_name(text: str) -> bool:
    """Tell whether ``text`` has a capital letter."""
    return any(letter.isupper() for letter in text)


def is_titled(text: str) -> bool:
    """Tell whether words after the first are capitalised: "Ada Moor", not "Price in dollars"."""
    return any(word.istitle() for word in text.split()[1:])


def mid_sentence(text: str, document: Document) -> str:
    """Return words from the beginning of a sentence as they are written within one."""
    tokens = words(text)
    is_kept = is_name(tokens[0], document) or (tokens[0].is_noun and is_titled(text))
    return text if is_kept else text[0].lower() + text[1:]


def of_reader(text: str) -> str:
    """Return ``text`` as its reader says it: "I lose my key" for "you lose your key"."""
    for pattern, said in _SPOKEN:
        text = pattern.sub(said, text)
    tokens = words(text)
    spoken, at = "", 0
    for before, token in zip((None, *tokens), tokens, strict=False):
        if token.lower == "you":
            is_object = before is not None and (before.is_verb or before.tag in ("IN", "TO"))
            spoken += text[at : token.start] + ("me" if is_object else "I")
            at = token.end
    return spoken + text[at:]


def is_name(word: Word, document: Document) -> bool:
    """Tell whether the first word of a sentence is also capitalised within sentences."""
    if word.lower in _DETERMINERS:
        return False
    if any(letter.isupper() for letter in word.text[1:]):
        return True
    return bool(re.search(rf"[a-z,] {re.escape(word.text)}\b", document.text))
