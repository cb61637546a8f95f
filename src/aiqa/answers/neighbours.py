"""Whole sentences that follow each other, as one statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from aiqa.types import Citation, Statement

_STOPS = ".!?:; "


def with_neighbours_joined(statements: Iterable[Statement]) -> list[Statement]:
    """Return ``statements``; whole sentences that follow each other are one, cited once.

    What stands between two of them is at most one character, here a blank.
    """
    result: list[Statement] = []
    for statement in statements:
        before = result[-1] if result else None
        if before and _is_whole(before) and _is_whole(statement) and follows(before, statement):
            result[-1] = _one_of(before, statement)
        else:
            result.append(statement)
    return result


def follows(one: Statement, other: Statement) -> bool:
    """Tell whether the sentence of ``other`` comes next after that of ``one``, in its paragraph."""
    first, second = one.citations[0], other.citations[0]
    gap = second.sentence_start - first.sentence_end
    return first.document_id == second.document_id and 0 <= gap <= 1


def quotes_all(citation: Citation) -> bool:
    """Return whether the quote is the whole sentence, a stop at its end or lacking it aside."""
    return citation.quote.rstrip(_STOPS) == citation.sentence.rstrip(_STOPS)


def _is_whole(statement: Statement) -> bool:
    return quotes_all(statement.citations[0])


def _one_of(first: Statement, second: Statement) -> Statement:
    """Return a statement that quotes two sentences, the ``second`` right after the ``first``."""
    (one, *others), (other, *more) = first.citations, second.citations
    gap = " " * (other.sentence_start - one.sentence_end)
    text = f"{one.sentence}{gap}{other.sentence}"
    both = replace(
        one, start=one.sentence_start, end=other.sentence_end, quote=text,
        sentence_end=other.sentence_end, sentence=text,
    )  # fmt: skip
    least = min(first.confidence, second.confidence)
    return Statement(f"{first.text}{gap}{second.text}", least, (both, *others, *more))
