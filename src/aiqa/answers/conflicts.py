"""What the cited documents say on one value, and whether they say the same."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aiqa.text.analysis import content_terms
from aiqa.types import Answer, Citation, Statement

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SCALES = frozenset(("thousand", "million", "billion", "trillion"))
_LONGEST = 60
"""Characters of a value; what is longer states more than one."""

_LEAST = 0.2
"""Confidence from which another candidate is a contradiction worth showing: one in five."""


@dataclass(frozen=True, slots=True)
class Position:
    """A value in the words of the documents that give it, every place that does, best first."""

    text: str
    citations: tuple[Citation, ...]

    @property
    def documents(self) -> int:
        """Number of documents that say so."""
        return len({citation.document_id for citation in self.citations})


def positions(answer: Answer) -> tuple[Position, ...]:
    """The values that the documents give for a question about one, the answer's first.

    One where they all agree; none where the answer is not a single short value. Two values are set
    against each other only if they are numbers of the same thing, as far as their words tell.
    """
    if answer.kind != "span" or len(answer.statements) != 1:
        return ()
    (best,) = answer.statements
    held = [Position(best.text, best.citations)]
    for other in answer.alternatives:
        if other.confidence < _LEAST or not _comparable(best, other):
            continue
        for at, position in enumerate(held):
            if _numbers(position.text) == _numbers(other.text):
                held[at] = Position(position.text, position.citations + other.citations)
                break
        else:
            held.append(Position(other.text, other.citations))
    return tuple(held)


def _comparable(one: Statement, other: Statement) -> bool:
    if max(len(one.text), len(other.text)) > _LONGEST:
        return False
    if not (_numbers(one.text) and _numbers(other.text)):
        return False
    units, others = _units(one.text), _units(other.text)
    return bool(units & others) or not (units or others)


def _numbers(text: str) -> list[tuple[str, str]]:
    """The numbers of ``text`` without the commas of thousands, each with its scale."""
    found: list[tuple[str, str]] = []
    for match in _NUMBER.finditer(text):
        after = text[match.end() :].split()
        scale = after[0].casefold().strip(".,;") if after else ""
        found.append((match[0].replace(",", ""), scale if scale in _SCALES else ""))
    return found


def _units(text: str) -> set[str]:
    """What the numbers of ``text`` count, as stems: "dollar", "percent", "year"."""
    words = _NUMBER.sub(" ", text.replace("%", " percent ").replace("$", " dollar "))
    return set(content_terms(words)) - set(content_terms(" ".join(_SCALES)))
