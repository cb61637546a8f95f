"""A question and its answer as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aiqa.answers.builder import other_answers, possible_answers
from aiqa.answers.citation_check import Standing, State
from aiqa.answers.comparison import comparison, side_by_side
from aiqa.answers.neighbours import quotes_all, with_neighbours_joined
from aiqa.errors import AiqaError
from aiqa.query_rewriting.noun_phrases import AUXILIARY, words
from aiqa.server.interface_language import t
from aiqa.server.interpretation import interpretation
from aiqa.server.passage_view import Find, ShownPassage, passages, passages_by_list
from aiqa.server.rendering import confidence, render
from aiqa.text.analysis import content_terms, folded
from aiqa.types import Answer, Citation, Position, Statement

_HIGH, _MEDIUM = 0.8, 0.6
"""Labels of an answer by its least confidence."""

_LONGEST_SHORT = 120
"""Characters of words that are set above their sentence; longer ones are read within it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its outcome, either an answer or an error.

    ``identity`` tells it from the other turns of a page. ``standings`` are the results of checking
    the citations of an earlier answer; ``questions`` are offered where there is no answer. The
    ``sources`` most cited sections are shown at once, the others folded. ``find`` looks up the
    documents, whose tables and lists are shown as such. ``is_scoped`` says that only some of the
    documents were asked.
    """

    identity: str
    question: str
    answer: Answer | None = None
    error: AiqaError | None = None
    standings: Sequence[Standing] = ()
    questions: Sequence[str] = ()
    sources: int = 3
    find: Find = lambda _: None
    is_scoped: bool = False


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
    understood = interpretation(turn.answer) if turn.answer else ""
    return render("turn.html", turn=turn, kind=kind, understood=understood, **context)


class CitationNumbers:
    """Numbers the places cited in a turn, from 1, in order of citation."""

    def __init__(self, identity: str, citations: Iterable[Citation], find: Find) -> None:
        self._identity = identity
        self._find = find
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

    def language(self, citation: Citation) -> str:
        """Return the language of the document, for ``lang``; empty if it is unknown."""
        document = self._find(citation.document_id)
        return (document.language if document else None) or ""

    def tip_id(self, citation: Citation) -> str:
        """Return the id of the element that describes ``citation``."""
        return f"tip-{self._identity}-{self.of(citation)}"


def _place(citation: Citation) -> tuple[str, int, int]:
    return citation.document_id, citation.start, citation.end


@dataclass(frozen=True, slots=True)
class _Source:
    """A section that is cited, with the ``quotes`` from it that the answer does not show."""

    citations: Sequence[Citation]
    quotes: Sequence[ShownPassage]
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A possible answer, or the likeliest of several in one list, and the passage around it."""

    statement: Statement
    passage: ShownPassage


@dataclass(frozen=True, slots=True)
class _ShownSide:
    """One of two things compared, and the passages about it; with their shares if in doubt."""

    name: str
    passages: Sequence[ShownPassage] = ()
    candidates: Sequence[_Candidate] = ()


def _answer(turn: Turn, answer: Answer) -> dict[str, Any]:
    """Return the context of answer.html."""
    compared = _compared(answer)
    others = other_answers(answer)
    if told := comparison(answer):
        # Sources are numbered in the order they are shown.
        answer = replace(answer, statements=told.statements)
    elif all(standing.state == "stands" for standing in turn.standings):
        answer = replace(answer, statements=tuple(with_neighbours_joined(answer.statements)))
    shown = [
        *answer.citations,
        *(citation for position in compared for citation in position.citations),
        *(citation for other in others for citation in other.citations),
    ]
    return {
        "answer": answer,
        "short": () if told else _short(answer),
        "passages": passages(told.of_both if told else answer.statements, turn.find),
        "sides": [
            _ShownSide(side.name, passages(side.statements, turn.find))
            for side in (told.sides if told else ())
        ],
        "numbers": CitationNumbers(turn.identity, shown, turn.find),
        "positions": compared,
        "others": _candidates(others, turn),
        "sources": _sources(turn, answer),
        "lost": sum(standing.state != "stands" for standing in turn.standings),
        **_level(answer.confidence),
    }


def _level(share: float) -> dict[str, str]:
    """Return the degree of a confidence, and what is told of it."""
    told = confidence(share)
    if share >= _HIGH:
        return {"degree": "high", "level": t("High confidence, {share}", share=told)}
    if share >= _MEDIUM:
        return {"degree": "medium", "level": t("Medium confidence, {share}", share=told)}
    return {"degree": "low", "level": t("Low confidence, {share}", share=told)}


def _compared(answer: Answer) -> Sequence[Position]:
    """Return the values of several documents; empty if only one document gives any."""
    held = answer.positions
    return () if len(held) == 1 and held[0].documents == 1 else held


def _sources(turn: Turn, answer: Answer) -> list[_Source]:
    """Return the sections that are cited, each once, and each sentence of them once."""
    states = {id(standing.citation): standing.state for standing in turn.standings}
    shown = {folded(statement.citations[0].sentence) for statement in answer.statements}
    sections: dict[tuple[str, int | None, str], list[Citation]] = {}
    for citation in answer.citations:
        place = citation.document_id, citation.page, citation.section
        sections.setdefault(place, []).append(citation)
    sources = []
    for cited in sections.values():
        quotes = []
        for citation in cited:
            if (sentence := folded(citation.sentence)) not in shown:
                shown.add(sentence)
                quotes.append(Statement(citation.quote, 0.0, (citation,)))
        notes = dict.fromkeys(_note(states.get(id(one))) for one in cited)
        distinct = {_place(citation): citation for citation in cited}
        told = passages(quotes, turn.find)
        sources.append(_Source(list(distinct.values()), told, [note for note in notes if note]))
    return sources


def _note(state: State | None) -> str:
    """Return what is told of a citation whose document has changed."""
    match state:
        case "moved":
            return t("The document has changed since; these words still stand in it.")
        case "changed":
            return t("The document has changed since; these words are no longer in it.")
        case "gone":
            return t("The document is no longer among those that are searched.")
        case _:
            return ""


def _unsure(turn: Turn, answer: Answer) -> dict[str, Any]:
    """Return the context of unsure.html."""
    shown = possible_answers(answer)
    if told := side_by_side(answer, shown):
        shown = told.statements
    compared = answer.positions if answer.conflicts else ()
    cited = [
        *(citation for candidate in shown for citation in candidate.citations),
        *(citation for position in compared for citation in position.citations),
    ]
    numbers = CitationNumbers(turn.identity, cited, turn.find)
    return {
        "candidates": _candidates((*told.of_both, *told.of_none) if told else shown, turn),
        "sides": [
            _ShownSide(side.name, candidates=_candidates(side.statements, turn))
            for side in (told.sides if told else ())
        ],
        "positions": compared,
        "numbers": numbers,
    }


def _candidates(statements: Iterable[Statement], turn: Turn) -> list[_Candidate]:
    """Return each of ``statements`` in its passage, those of one list in that list.

    What introduces several passages is shown only once.
    """
    leads = {""}
    candidates = []
    for statement, shown in passages_by_list(statements, turn.find):
        lead = "" if shown.lead in leads else shown.lead
        leads.add(lead)
        candidates.append(_Candidate(statement, replace(shown, lead=lead)))
    return candidates


def _not_found(_: Turn, answer: Answer) -> dict[str, Any]:
    """Return the context of not_found.html."""
    nearest: dict[str, Citation] = {}
    for near in answer.alternatives:
        nearest.setdefault(near.citations[0].document_id, near.citations[0])
    return {"asked": answer.interpreted or answer.question, "nearest": list(nearest.values())}


def _short(answer: Answer) -> Sequence[str]:
    """Return the words that answer in short, where they are less than their sentence.

    A question that is answered by yes or no is answered by what is said, not by a part of it.
    """
    first = words(answer.question)[:1]
    if first and first[0].lower in AUXILIARY:
        return ()
    is_short = answer.kind in ("span", "list") and all(
        len(statement.text) <= _LONGEST_SHORT and not quotes_all(statement.citations[0])
        for statement in answer.statements
    )
    texts = {folded(statement.text): statement.text for statement in answer.statements}
    return _distinct(list(texts.values())) if is_short else ()


def _distinct(texts: Sequence[str]) -> list[str]:
    """Return those of ``texts`` that have a word which none of the others has with all theirs."""
    words_of = [set(content_terms(text)) for text in texts]

    def is_told(at: int) -> bool:
        mine = words_of[at]
        return any(mine < other for other in words_of) or mine in words_of[:at]

    return [text for at, text in enumerate(texts) if not (words_of[at] and is_told(at))]
