"""Conflicts: different values that the documents give for the same question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiqa.answers.same_question import adds_to, answers_too, are_apart
from aiqa.answers.values import ProperName, Value, related, value_of
from aiqa.text.analysis import folded
from aiqa.types import Citation, Position, ScoredSpan, Statement

_LEAST = 0.2
"""Least confidence of the first contender."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A statement and the span that it was made of."""

    statement: Statement
    span: ScoredSpan

    @property
    def citation(self) -> Citation:
        """The first citation."""
        return self.statement.citations[0]

    @property
    def passage(self) -> str:
        """The text of its chunk with the headings."""
        return f"{self.span.chunk.context}\n{self.span.chunk.text}"


def positions(question: str, contenders: Sequence[Contender]) -> tuple[Position, ...]:
    """Return the values that the documents give for ``question``, that of the first first.

    There is one if all agree, none if the first contender has no value that can be compared. Other
    contenders count if they have a value of the same type, the reader thinks it likelier than not
    that their passage answers, and they answer the same question about the same subject.
    """
    if not contenders or contenders[0].statement.confidence < _LEAST:
        return ()
    best, *others = contenders
    value = value_of(question, best.citation)
    if value is None:
        return ()
    held = [(value, Position(best.statement.text, best.statement.citations))]
    for other in others:
        if is_rival(question, best, other):
            _place(held, question, best, other)
    return tuple(position for _, position in held)


def is_rival(question: str, best: Contender, other: Contender) -> bool:
    """Return whether ``other`` answers the question, too, about the same subject as ``best``."""
    one, another = best.citation, other.citation
    return (
        other.span.stated
        and folded(one.sentence) != folded(another.sentence)
        and answers_too(question, one, another)
        and not are_apart(one, another, best.passage, other.passage)
    )


def _may_contradict(value: Value, one: Citation, other: Citation) -> bool:
    """Tell whether two citations are of different documents and neither adds to the other.

    A document seldom contradicts itself; its other values are mostly of other clauses and rows.
    """
    if one.document_id == other.document_id:
        return False
    # Of "who won, A or B?" each sentence has both names.
    is_beside = folded(other.quote) in folded(one.sentence)
    return not (isinstance(value, ProperName) and (is_beside or adds_to(one, other)))


def _place(
    held: list[tuple[Value, Position]], question: str, best: Contender, other: Contender
) -> None:
    """Add ``other`` to the position with its value, or as a position of its own."""
    value = value_of(question, other.citation)
    if value is None:
        return
    relations = [related(value, mine) for mine, _ in held]
    if "same" in relations:
        at = relations.index("same")
        mine, position = held[at]
        citations = position.citations + other.statement.citations
        held[at] = (mine, replace(position, citations=citations))
    elif relations[0] == "different" and _may_contradict(value, best.citation, other.citation):
        held.append((value, Position(other.statement.text, other.statement.citations)))
