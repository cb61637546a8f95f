"""Conflicts: different values that the documents give for the same question."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aiqa.text.analysis import content_terms
from aiqa.types import Answer, Citation, Statement

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SCALES = frozenset(("thousand", "million", "billion", "trillion"))
_LONGEST = 60
"""Characters of the longest value."""

_LEAST = 0.2
"""Least confidence of another candidate that counts as a conflict."""


@dataclass(frozen=True, slots=True)
class Position:
    """A value in the words of the documents, with its citations, best first."""

    text: str
    citations: tuple[Citation, ...]

    @property
    def documents(self) -> int:
        """Number of documents that give the value."""
        return len({citation.document_id for citation in self.citations})


def positions(answer: Answer) -> tuple[Position, ...]:
    """Return the values that the documents give, that of the answer first.

    There is one if they all agree, and none if the answer is not a single span. Two values are
    compared only if they are numbers with the same unit.
    """
    if answer.kind != "span" or len(answer.statements) != 1:
        return ()
    (best,) = answer.statements
    values = [Position(best.text, best.citations)]
    for other in answer.alternatives:
        if other.confidence < _LEAST or not _comparable(best, other):
            continue
        for at, position in enumerate(values):
            if _numbers(position.text) == _numbers(other.text):
                values[at] = Position(position.text, position.citations + other.citations)
                break
        else:
            values.append(Position(other.text, other.citations))
    return tuple(values)


def _comparable(one: Statement, other: Statement) -> bool:
    if max(len(one.text), len(other.text)) > _LONGEST:
        return False
    if not (_numbers(one.text) and _numbers(other.text)):
        return False
    units, others = _units(one.text), _units(other.text)
    return bool(units & others) or not (units or others)


def _numbers(text: str) -> list[tuple[str, str]]:
    """Return the numbers of ``text`` without thousands separators, each with its scale."""
    numbers: list[tuple[str, str]] = []
    for match in _NUMBER.finditer(text):
        after = text[match.end() :].split()
        scale = after[0].casefold().strip(".,;") if after else ""
        numbers.append((match[0].replace(",", ""), scale if scale in _SCALES else ""))
    return numbers


def _units(text: str) -> set[str]:
    """Return the units of the numbers of ``text`` as stems: "dollar", "percent", "year"."""
    words = _NUMBER.sub(" ", text.replace("%", " percent ").replace("$", " dollar "))
    return set(content_terms(words)) - set(content_terms(" ".join(_SCALES)))
