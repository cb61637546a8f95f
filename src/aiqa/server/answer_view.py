"""A question and its answer as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from aiqa.answers.builder import possible_answers
from aiqa.answers.citation_check import Standing
from aiqa.errors import AiqaError
from aiqa.server.rendering import quotes_all, render
from aiqa.types import Answer, Citation, Position, Span, Statement

_HIGH, _MEDIUM = 0.8, 0.6
"""Labels of an answer by its least confidence."""

_LONGEST_SHORT = 120
"""Characters of words that are set above their sentence; longer ones are read within it."""

_NOTES = {
    "moved": "The document has changed since; these words still stand in it.",
    "changed": "The document has changed since; these words are no longer in it.",
    "gone": "The document is no longer among those that are searched.",
}
"""Labels of citations whose document has changed."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its outcome, either an answer or an error.

    ``identity`` tells it from the other turns of a page. ``standings`` are the results of checking
    the citations of an earlier answer; ``questions`` are offered where there is no answer. The
    ``sources`` most cited documents are shown at once, the others folded.
    """

    identity: str
    question: str
    answer: Answer | None = None
    error: AiqaError | None = None
    standings: Sequence[Standing] = ()
    questions: Sequence[str] = ()
    sources: int = 3


def turn_html(turn: Turn) -> str:
    """Return the question with its answer, an abstention, or an error."""
    context: dict[str, Any] = {}
    kind = "error" if turn.error else ""
    if turn.answer and not turn.error:
        came = turn.answer.outcome
        if came == "unsure" and not possible_answers(turn.answer):
            came = "not found"
        lay_out = {"answered": _answer, "unsure": _unsure, "not found": _not_found}[came]
        kind, context = came.replace(" ", "-"), lay_out(turn, turn.answer)
    return render("turn.html", turn=turn, kind=kind, understood=_understood(turn), **context)


class CitationNumbers:
    """Numbers the places cited in a turn, from 1, in order of citation."""

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
class _Passage:
    """A sentence in parts, some of them marked, and every place that is cited for the marked."""

    parts: Sequence[tuple[str, bool]]
    citations: Sequence[Citation]


def _understood(turn: Turn) -> str:
    """Return the rewritten question; empty if it was not rewritten."""
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
        "short": _short(answer),
        "passages": _passages(answer.statements),
        "numbers": CitationNumbers(turn.identity, shown),
        "positions": compared,
        "sources": _sources(turn, answer),
        "lost": sum(standing.state != "stands" for standing in turn.standings),
        "level": "High" if confidence >= _HIGH else "Medium" if confidence >= _MEDIUM else "Low",
    }


def _compared(answer: Answer) -> Sequence[Position]:
    """Return the values of several documents; empty if only one document gives any."""
    held = answer.positions
    return () if len(held) == 1 and held[0].documents == 1 else held


def _sources(turn: Turn, answer: Answer) -> list[_Source]:
    states = {id(standing.citation): standing.state for standing in turn.standings}
    quoted = {statement.citations[0].sentence for statement in answer.statements}
    return [
        _Source(citation, citation.sentence in quoted, _NOTES.get(states.get(id(citation), ""), ""))
        for citation in answer.citations
    ]


def _unsure(turn: Turn, answer: Answer) -> dict[str, Any]:
    """Return the context of unsure.html."""
    shown = possible_answers(answer)
    compared = answer.positions if answer.conflicts else ()
    cited = [
        *(citation for candidate in shown for citation in candidate.citations),
        *(citation for position in compared for citation in position.citations),
    ]
    numbers = CitationNumbers(turn.identity, cited)
    return {"candidates": shown, "positions": compared, "numbers": numbers}


def _not_found(_: Turn, answer: Answer) -> dict[str, Any]:
    """Return the context of not_found.html."""
    nearest: dict[str, Citation] = {}
    for near in answer.alternatives:
        nearest.setdefault(near.citations[0].document_id, near.citations[0])
    return {"asked": answer.interpreted or answer.question, "nearest": list(nearest.values())}


def _short(answer: Answer) -> Sequence[str]:
    """Return the words that answer in short, where they are less than their sentence."""
    is_short = answer.kind in ("span", "list") and all(
        len(statement.text) <= _LONGEST_SHORT and not quotes_all(statement.citations[0])
        for statement in answer.statements
    )
    return [statement.text for statement in answer.statements] if is_short else ()


def _passages(statements: Sequence[Statement]) -> list[_Passage]:
    """Return the sentences that are quoted from, each once, with all that is quoted of it."""
    by_sentence: dict[tuple[str, int, int], list[Statement]] = {}
    for statement in statements:
        first = statement.citations[0]
        place = first.document_id, first.sentence_start, first.sentence_end
        by_sentence.setdefault(place, []).append(statement)
    return [_passage(group) for group in by_sentence.values()]


def _passage(group: Sequence[Statement]) -> _Passage:
    first = group[0].citations[0]
    marks = sorted(
        (Span(statement.citations[0].start, statement.citations[0].end) for statement in group),
        key=lambda span: span.start,
    )
    parts, at = [], first.sentence_start
    for mark in marks:
        for end, is_marked in ((mark.start, False), (mark.end, True)):
            if end > at:
                text = first.sentence[at - first.sentence_start : end - first.sentence_start]
                # A whole sentence needs no mark.
                parts.append((text, is_marked and not quotes_all(first)))
                at = end
    if at < first.sentence_end:
        parts.append((first.sentence[at - first.sentence_start :], False))
    return _Passage(parts, [citation for statement in group for citation in statement.citations])
