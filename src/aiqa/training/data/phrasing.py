"""Questions the way people type them: as keywords, without capitals, with typos, politely.

Readers trained on edited questions fail on typed ones (Ravichander et al., "NoiseQA: Challenge set
evaluation for user-centric question answering", EACL 2021); these are the kinds of noise they name
for a keyboard, and the framings that help desks see. The words are in ``phrasing.toml``.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

_WORDS: dict[str, Any] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
_FUNCTION_WORDS = frozenset(_WORDS["function_words"].split())
_QUESTION_WORDS = frozenset(_WORDS["question_words"].split())

_WH = re.compile(r"^(?:what|when|where|which|who|whom|whose|why|how)\b", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W\d_]+")
_TERM = re.compile(r"[\w'’$%€£.,/-]*\w[\w%]*")

_OPENING_WORDS = 2
"""Among so many words at the start, a question word is kept in keywords."""
_SHORTEST_MISTYPED = 4
_LOWERED_TOO, _PREAMBLE, _CLOSING = 0.6, 0.8, 0.4
"""Shares: of mistyped questions, those lowered too; of framed ones, those with each part."""


def as_typed(question: str, chance: random.Random) -> str:
    """Return ``question``, or, half of the time, a way that somebody may type it.

    How often each way is drawn is in ``_SHARES``.
    """
    (vary,) = chance.choices(_WAYS, list(_SHARES.values()))
    return vary(question, chance)


def lowered(question: str) -> str:
    """Drop capitals and the question mark."""
    return question.lower().rstrip("? ")


def keywords(question: str) -> str:
    """Keep the content words and the question word; all of it where they are fewer than two."""
    kept = [
        word
        for index, word in enumerate(_TERM.findall(question.lower()))
        if word not in _FUNCTION_WORDS or (index < _OPENING_WORDS and word in _QUESTION_WORDS)
    ]
    return " ".join(kept) if len(kept) > 1 else lowered(question)


def mistyped(question: str, chance: random.Random) -> str:
    """Mistype one letter in one or two longer words: swap, drop, double it or hit its neighbour.

    A word keeps its first letter, as mistyped words mostly do.
    """
    places = [m for m in _LETTERS.finditer(question) if len(m[0]) >= _SHORTEST_MISTYPED]
    picked = chance.sample(places, min(len(places), chance.choice((1, 1, 2))))
    for match in sorted(picked, key=lambda m: -m.start()):
        word = _with_typo(match[0], chance)
        question = question[: match.start()] + word + question[match.end() :]
    return question


def _with_typo(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    match chance.randrange(4):
        case 0:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case 1:
            return word[:at] + word[at + 1 :]
        case 2:
            return word[:at] + word[at] + word[at:]
        case _:
            neighbours: str = _WORDS["neighbours"].get(word[at].lower(), "e")
            beside = chance.choice(neighbours)
            return word[:at] + beside + word[at + 1 :]


def framed(question: str, chance: random.Random) -> str:
    """Put a greeting, a reason or thanks around the question."""
    start = chance.choice(_WORDS["preambles"]) if chance.random() < _PREAMBLE else ""
    end = chance.choice(_WORDS["closings"]) if chance.random() < _CLOSING or not start else ""
    return f"{start}{question}{end}"


def as_statement(question: str, chance: random.Random) -> str:
    """Ask a wh-question indirectly; other questions lose their question mark only."""
    if not _WH.match(question):
        return question.rstrip("? ")
    inner = question[0].lower() + question[1:].rstrip("? ")
    return str(chance.choice(_WORDS["statements"])).format(inner)


def respelled(question: str) -> str:
    """Exchange British for American spelling, or the other way round, in the first pair found.

    Endings are exchanged wherever they stand, so that "size" becomes "sise": people do that too.
    """
    for british, american in _WORDS["spellings"]:
        if british in question:
            return question.replace(british, american)
        if american in question:
            return question.replace(american, british)
    return question


def _mistyped_or_lowered_too(question: str, chance: random.Random) -> str:
    is_lowered = chance.random() < _LOWERED_TOO
    typed = mistyped(question, chance)
    return lowered(typed) if is_lowered else typed


_SHARES: dict[Callable[[str, random.Random], str], float] = {
    lambda question, _: question: 0.50,
    lambda question, _: lowered(question): 0.16,
    lambda question, _: keywords(question): 0.10,
    _mistyped_or_lowered_too: 0.09,
    framed: 0.07,
    as_statement: 0.05,
    lambda question, _: respelled(question): 0.03,
}
_WAYS = list(_SHARES)
