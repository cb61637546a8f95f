"""Comparisons: an answer with statements for each of the two things that a question compares."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aiqa.text.analysis import content_terms
from aiqa.types import Answer, Citation, Statement

_SIDE = r"[^?,;:]{2,60}?"
_MORE = r"(?:more|less|\w+er|(?:more|less) \w+)"
_ARTICLE = re.compile(r"(?:the|a|an) ", re.IGNORECASE)
_COMPARED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bdifferences? (?:is there |are there )?between ({_SIDE}) and ({_SIDE})$",
        rf"\bhow (?:do|does|did|can) ({_SIDE}) (?:differ|deviate|depart) from ({_SIDE})$",
        rf"\bhow (?:do|does|did) ({_SIDE}) and ({_SIDE}) (?:differ|compare)$",
        rf"\bhow (?:do|does|did) ({_SIDE}) compare (?:with|to|against) ({_SIDE})$",
        rf"\b(?:is|are|was|were) ({_SIDE}) (?:any )?different (?:from|than|to) ({_SIDE})$",
        rf"\bcompare ({_SIDE}) (?:and|with|to|against) ({_SIDE})$",
        rf"\b(?:comparison|contrast) (?:of|between) ({_SIDE}) (?:and|with) ({_SIDE})$",
        rf"\b(?:distinguish(?:es)?|separates?|sets?) ({_SIDE}) (?:apart )?from ({_SIDE})$",
        rf"^({_SIDE}) (?:vs\.?|versus|compared (?:with|to)) ({_SIDE})(?: [-–—] .*|[,:;(].*)?$",
        rf"\b(?:do|does|did|will|can) ({_SIDE}) \w+ {_MORE} than ({_SIDE})$",
        rf"\b(?:is|are|was|were|do|does) ({_SIDE}) {_MORE} than ({_SIDE})$",
        rf"\b(?:is|are|was|were) ({_SIDE}) or ({_SIDE}) {_MORE}$",
        rf"\b(?:which|what)(?:['’]s)? [^,:]{{2,60}}[,:] ({_SIDE}) or ({_SIDE})$",
    )
)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the things compared, as the question calls it, and what is said of it."""

    name: str
    statements: Sequence[Statement]


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The two sides, and the statements that name both of them or none."""

    sides: tuple[Side, Side]
    of_both: Sequence[Statement] = ()
    of_none: Sequence[Statement] = ()

    @property
    def statements(self) -> tuple[Statement, ...]:
        """All statements in the order to be read."""
        one, other = self.sides
        return (*self.of_both, *one.statements, *other.statements, *self.of_none)


def comparison(answer: Answer) -> SideBySide | None:
    """Return the sides of ``answer``; None unless each statement is of one side or of both."""
    told = side_by_side(answer, answer.statements)
    return None if told is None or told.of_none else told


def side_by_side(answer: Answer, statements: Sequence[Statement]) -> SideBySide | None:
    """Return the sides of what ``answer`` compares in ``statements``; None if one has none."""
    names = compared(answer.interpreted or answer.question)
    if names is None:
        return None
    placed: dict[tuple[bool, bool], list[Statement]] = {}
    for statement in statements:
        placed.setdefault(_named(statement.citations[0], names), []).append(statement)
    one, other = placed.get((True, False)), placed.get((False, True))
    if not one or not other:
        return None
    return SideBySide(
        (Side(names[0], one), Side(names[1], other)),
        of_both=placed.get((True, True), ()),
        of_none=placed.get((False, False), ()),
    )


def compared(question: str) -> tuple[str, str] | None:
    """Return the two things that ``question`` compares, in its words; None if it does not."""
    text = " ".join(question.split()).rstrip("?.! ")
    for pattern in _COMPARED:
        if match := pattern.search(text):
            one, other = (_ARTICLE.sub("", side, count=1).strip() for side in match.groups())
            return (one, other) if _own(one, other) and _own(other, one) else None
    return None


def _named(citation: Citation, names: tuple[str, str]) -> tuple[bool, bool]:
    """Tell which of ``names`` are named by the sentence cited, or else by where it stands."""
    own = _own(*names), _own(names[1], names[0])
    for words in (citation.sentence, citation.section, citation.title):
        said = set(content_terms(words))
        named = own[0] <= said, own[1] <= said
        if any(named):
            return named
    return False, False


def _own(name: str, other: str) -> set[str]:
    """Return the terms of ``name`` that ``other`` does not have."""
    return set(content_terms(name)) - set(content_terms(other))
