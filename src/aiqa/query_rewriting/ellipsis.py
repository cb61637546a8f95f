"""Ellipsis resolution: fragments of questions, completed with the question before."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aiqa.embedders import Embedder
from aiqa.query_rewriting.noun_phrases import AUXILIARY, WH, Phrase, phrases, words
from aiqa.text.analysis import terms

_WHY_NOT = re.compile(r"why not (?=\w)", re.IGNORECASE)

_LONGEST = 300
"""Characters of the longest question that can complete a fragment."""


def completed(part: str, before: str, embedder: Embedder) -> str | None:
    """Return the question ``before`` with the fragment ``part`` in it; None if it does not fit.

    "in Australia?" replaces the most similar phrase, or is appended. "since when?" replaces the
    question word.
    """
    tokens = words(part)
    if len(before) > _LONGEST or not tokens:
        return None
    fragment, stem = part.rstrip(" ?.!"), before.rstrip(" ?.!")
    if match := _WHY_NOT.match(fragment):
        return f"Why {_denied(_without_wh(stem))} {fragment[match.end() :]}?"
    if any(word.lower in WH for word in tokens):
        return f"{fragment} {_without_wh(before)}"
    names = phrases(part)
    if not names:
        return None
    preposition = tokens[0].lower if tokens[0].tag in {"IN", "TO"} else None
    old = _counterpart(names[0], preposition, before, embedder)
    if old is None:
        return f"{stem} {fragment}?" if preposition else None
    if preposition and len(tokens) > 1:
        fragment = fragment[tokens[1].start :]
    start = old.start
    takes_article = names[0].determiner is not None or old.article in {"a", "an"}
    if old.determiner is not None and takes_article:
        start = old.determiner.start
    return f"{stem[:start]}{fragment}{stem[old.end :]}?"


def _counterpart(
    new: Phrase, preposition: str | None, before: str, embedder: Embedder
) -> Phrase | None:
    """Return the phrase of the question ``before`` that ``new`` replaces."""
    number = new.head.tag == "CD"
    own = set(terms(new.text))
    options = [
        phrase
        for whole in phrases(before)
        for phrase in _parts(whole)
        if not own & set(terms(phrase.text)) and (phrase.head.tag == "CD") == number
    ]
    if other := next((p for p in phrases(before) if _is_of_same_kind(new, p)), None):
        return other
    same = [
        phrase for phrase in options if preposition and _preposition(before, phrase) == preposition
    ]
    if same:
        options = same
    elif preposition:
        options = [phrase for phrase in options if phrase.is_proper and new.is_proper]
    if not options:
        return None
    vectors = embedder.encode([new.text, *(phrase.text for phrase in options)])
    cosines = vectors[1:] @ vectors[0]
    return options[max(range(len(options)), key=lambda i: (float(cosines[i]), -i))]


def _is_of_same_kind(new: Phrase, other: Phrase) -> bool:
    """Tell whether two phrases have a head in common, not what comes before it."""
    return (
        terms(new.head.text) == terms(other.head.text)
        and terms(new.text) != terms(other.text)
        and not new.is_complemented
        and not other.is_complemented
    )


def _parts(phrase: Phrase) -> Iterator[Phrase]:
    """Yield "price" and "SenseRobot" for "price of SenseRobot", other phrases as a whole."""
    if phrase.is_complemented and (owner := phrase.owner):
        yield phrase.head_part
        yield from _parts(owner)
    else:
        yield phrase


def _preposition(text: str, phrase: Phrase) -> str | None:
    first = phrase.determiner or phrase.words[0]
    before = [word for word in words(text) if word.end <= first.start]
    return before[-1].lower if before and before[-1].tag in {"IN", "TO"} else None


def _denied(clause: str) -> str:
    """Return a clause with "not" before its main verb, or at its end if it has no other."""
    main = [word for word in words(clause) if word.is_verb and word.lower not in AUXILIARY]
    return f"{clause[: main[-1].start]}not {clause[main[-1].start :]}" if main else f"{clause} not"


def _without_wh(question: str) -> str:
    """Return a question without its question word: "does the robot cost?"."""
    tokens = words(question)
    if not tokens or tokens[0].lower not in WH:
        return question
    verb = next((word for word in tokens if word.is_verb), None)
    return question[verb.start :] if verb else question
