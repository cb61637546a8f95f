"""A question and its answer as HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from aiqa.answers.citation_check import Standing
from aiqa.answers.conflicts import Position, positions
from aiqa.errors import AiqaError
from aiqa.server.rendering import render
from aiqa.server.suggestions import Section
from aiqa.text.analysis import content_terms
from aiqa.types import Answer, Citation, Statement

_HIGH, _MEDIUM = 0.8, 0.6
"""Confidence from which an answer is called by these words."""

_NOTES = {
    "moved": "The document has changed since; these words still stand in it.",
    "changed": "The document has changed since; these words are no longer in it.",
    "gone": "The document is no longer among those that are searched.",
}
"""What is shown beside a citation whose document has changed."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its outcome, either an answer or an error.

    ``identity`` tells it from the other turns of a page. ``standings`` are the results of checking
    the citations of an earlier answer; ``questions`` and ``sections`` are offered where there is
    no answer. The ``sources`` most cited documents are shown at once, the others folded.
    """

    identity: str
    question: str
    answer: Answer | None = None
    error: AiqaError | None = None
    standings: Sequence[Standing] = ()
    questions: Sequence[str] = ()
    sections: Sequence[Section] = ()
    sources: int = 3


def turn_html(turn: Turn) -> str:
    """Return the question with its answer, an abstention, or an error."""
    context: dict[str, Any] = {}
    kind = "error" if turn.error else ""
    if turn.answer and not turn.error:
        kind = turn.answer.kind
        lay_out = _abstention if turn.answer.abstained else _answer
        context = lay_out(turn, turn.answer)
    return render("turn.html", turn=turn, kind=kind, understood=_understood(turn), **context)


class CitationNumbers:
    """Numbers the places cited in a turn, from 1, in the order of being cited."""

    def __init__(self, identity: str, citations: Iterable[Citation]) -> None:
        self._identity = identity
        self._cited: dict[tuple[str, int, int], Citation] = {}
        for citation in citations:
            self._cited.setdefault(_place(citation), citation)
        self._numbers = {place: number for number, place in enumerate(self._cited, 1)}

    def __iter__(self) -> Iterator[Citation]:
        """Iterate over the citations, each place once, by number."""
        return iter(self._cited.values())

    def of(self, citation: Citation) -> int:
        """Return the number of ``citation``."""
        return self._numbers[_place(citation)]

    def tip_id(self, citation: Citation) -> str:
        """Return the id of the element that describes ``citation``."""
        return f"tip-{self._identity}-{self.of(citation)}"


def _place(citation: Citation) -> tuple[str, int, int]:
    return citation.document_id, citation.start, citation.end


@dataclass(frozen=True, slots=True)
class _Source:
    """A citation in the list of sources; ``is_quoted`` if the answer shows its sentence."""

    citation: Citation
    is_quoted: bool
    note: str


@dataclass(frozen=True, slots=True)
class _NearMiss:
    """A statement that does not answer, and the words of the question that its source lacks."""

    statement: Statement
    missing_words: Sequence[str]


def _understood(turn: Turn) -> str:
    """Return the question as it was rewritten; empty where it was taken as it stands."""
    answer = turn.answer
    if not answer or not answer.interpreted or answer.interpreted == answer.question:
        return ""
    return answer.interpreted


def _answer(turn: Turn, answer: Answer) -> dict[str, Any]:
    """Return the context of answer.html."""
    compared = _compared(answer)
    shown = [
        *answer.citations,
        *(citation for position in compared for citation in position.citations),
        *(citation for other in answer.alternatives for citation in other.citations),
    ]
    confidence = answer.confidence
    return {
        "answer": answer,
        "numbers": CitationNumbers(turn.identity, shown),
        "positions": compared,
        "sources": _sources(turn, answer),
        "lost": sum(standing.state != "stands" for standing in turn.standings),
        "level": "High" if confidence >= _HIGH else "Medium" if confidence >= _MEDIUM else "Low",
    }


def _compared(answer: Answer) -> Sequence[Position]:
    """Return the values that several documents give; empty where only one document has any."""
    found = positions(answer)
    return () if len(found) == 1 and found[0].documents == 1 else found


def _sources(turn: Turn, answer: Answer) -> list[_Source]:
    states = {id(standing.citation): standing.state for standing in turn.standings}
    quoted = {statement.citations[0].sentence for statement in answer.statements}
    return [
        _Source(citation, citation.sentence in quoted, _NOTES.get(states.get(id(citation), ""), ""))
        for citation in answer.citations
    ]


def _abstention(turn: Turn, answer: Answer) -> dict[str, Any]:
    """Return the context of abstention.html."""
    question = answer.interpreted or answer.question
    shown = [citation for near in answer.alternatives for citation in near.citations]
    return {
        "answer": answer,
        "numbers": CitationNumbers(turn.identity, shown),
        "near_misses": [
            _NearMiss(near, _missing_words(question, near.citations[0]))
            for near in answer.alternatives
        ],
    }


def _missing_words(question: str, citation: Citation) -> list[str]:
    """Return the content words of ``question`` that neither the sentence nor its headings have."""
    terms = set(content_terms(f"{citation.sentence} {citation.section} {citation.title}"))
    words = dict.fromkeys(re.findall(r"\w+", question))
    return [word for word in words if (stems := content_terms(word)) and not terms & set(stems)]
