"""One-anaphora: "minor ones" after critical incidents, "which one" after "which country"."""

from __future__ import annotations

from aiqa.query_rewriting.noun_phrases import WH, Phrase, Word, phrases, words

_ONES = frozenset({"one", "ones"})
_PEOPLE = frozenset({"little", "young", "loved"})
"""What makes "ones" a word for people."""


def with_noun_for_one(question: str, before: str) -> str | None:
    """Return ``question`` with the noun for which "one" stands; None if it has no such word.

    The noun is the head of a phrase of the question ``before``: of what that asks "which" of, or
    else of its first phrase with the number of the word.
    """
    for word in words(question):
        if word.lower not in _ONES:
            continue
        head = _head(word, before) if _is_modified(question, word) else None
        if head is not None:
            return question[: word.start] + head + question[word.end :]
    return None


def _is_modified(question: str, word: Word) -> bool:
    """Tell whether an adjective or "which" says which one is meant."""
    tokens = words(question)
    place = tokens.index(word)
    before = tokens[place - 1] if place else None
    if before is None or before.lower in _PEOPLE:
        return False
    return before.tag in {"JJ", "JJR", "JJS"} or before.lower == "which"


def _head(word: Word, before: str) -> str | None:
    named = [phrase for phrase in phrases(before) if phrase.says_something]
    many = word.lower == "ones"
    like = [phrase for phrase in named if phrase.is_plural == many and not phrase.is_proper]
    asked = [phrase for phrase in like if _is_asked(phrase, before)]
    first = next(iter(asked or like), None)
    return first.head.text if first else None


def _is_asked(phrase: Phrase, before: str) -> bool:
    earlier = [word for word in words(before) if word.end <= phrase.start]
    return bool(earlier) and earlier[-1].lower in WH
