"""Spans to an answer: give each a confidence, cite, or abstain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from aiqa.answers.calibration import Calibration, in_percent
from aiqa.text.analysis import folded
from aiqa.text.sentences import enclosing
from aiqa.types import (
    Answer,
    AnswerKind,
    Cause,
    Citation,
    Document,
    Outcome,
    Reading,
    ScoredSpan,
    Statement,
    heading_path,
)

_MOST_CITATIONS = 5
"""Places cited for the same words: a boilerplate sentence may stand in hundreds."""

MOST_CANDIDATES = 3
"""Candidates of an unsure answer that people are shown."""

_LEAST_STATED = 0.35
"""Below this probability that the documents state an answer, none is said to be found."""


@dataclass(frozen=True, slots=True)
class Answerer:
    """Makes an ``Answer`` of what a reader found; ``document`` looks a document up by its id.

    ``confidence`` gives the probability that a span is right, ``stated`` that the documents state
    an answer; without the latter, the reader's own view of the best span decides.
    """

    confidence: Calibration
    stated: Calibration | None
    alternatives: int
    document: Callable[[str], Document]

    def answer(self, question: str, reading: Reading, least: float) -> Answer:
        """Return the answer with its citations if its confidence is at ``least`` so high.

        Otherwise it is unsure, or finds nothing: see ``Answer.outcome``. The same words found
        elsewhere are further citations of the same statement.
        """
        if not reading.answer:
            return _abstention(
                question, 0.0, (), "nothing retrieved", "Nothing in the documents resembles it."
            )
        groups = _groups([*reading.answer, *reading.others])
        given = {_words(span): span for span in reading.answer}
        answer = tuple(self._statement(groups.pop(words)) for words in given)
        others = [self._statement(group) for group in groups.values()]
        confidence = max(statement.confidence for statement in answer)
        stated = self._stated(reading.answer[0])
        came = outcome(confidence, stated, least)
        if came == "answered":
            return Answer(
                question=question,
                text="\n".join(statement.text for statement in answer),
                confidence=confidence,
                kind=_kind(reading.answer),
                statements=answer,
                alternatives=apart(others, answer)[: self.alternatives],
                stated=stated,
            )
        return _abstention(
            question,
            confidence,
            _by_confidence(apart((*answer, *others)))[: self.alternatives],
            "below strictness" if came == "unsure" else "not stated",
            f"The nearest passage answers with a probability of {in_percent(confidence)}; "
            f"at least {least:.0%} is asked for."
            if came == "unsure"
            else "Passages on the subject were found, but none of them seems to state it.",
            stated,
        )

    def _stated(self, best: ScoredSpan) -> float | None:
        if self.stated is None:
            return None if best.stated else 0.0
        return self.stated.confidence(best.evidence)

    def _statement(self, group: Sequence[ScoredSpan]) -> Statement:
        best = group[0]
        return Statement(
            text=best.text,
            confidence=self.confidence.confidence(best.evidence),
            citations=tuple(self._cite(span) for span in group[:_MOST_CITATIONS]),
        )

    def _cite(self, span: ScoredSpan) -> Citation:
        document = self.document(span.chunk.document_id)
        around = enclosing(document.text, span.span, span.chunk.span)
        return Citation(
            document_id=document.id,
            source=span.chunk.source,
            title=document.title,
            page=document.page_at(span.span.start),
            section=heading_path(span.chunk.section),
            start=span.span.start,
            end=span.span.end,
            quote=document.text[span.span.start : span.span.end],
            sentence_start=around.start,
            sentence_end=around.end,
            sentence=document.text[around.start : around.end],
            place=document.place_at(span.span.start),
        )


def outcome(confidence: float, stated: float | None, least: float) -> Outcome:
    """Return what comes of a question for which something was read; nothing else decides it.

    ``confidence`` and ``stated`` are those of ``Answer``.
    """
    if confidence >= least:
        return "answered"
    return "unsure" if stated is None or stated >= _LEAST_STATED else "not found"


def possible_answers(answer: Answer) -> tuple[Statement, ...]:
    """Return what is shown of ``answer`` if it is unsure, the likeliest first.

    It makes no difference whether it was made to answer.
    """
    found = apart((*answer.statements, *answer.alternatives))
    return _by_confidence(found)[:MOST_CANDIDATES]


def apart(
    statements: Iterable[Statement], besides: Iterable[Statement] = ()
) -> tuple[Statement, ...]:
    """Return those of ``statements`` whose sentence neither an earlier one has nor ``besides``."""
    seen = {_sentence(statement) for statement in besides}
    kept = []
    for statement in statements:
        if (sentence := _sentence(statement)) not in seen:
            seen.add(sentence)
            kept.append(statement)
    return tuple(kept)


def _abstention(
    question: str,
    confidence: float,
    nearest: tuple[Statement, ...],
    cause: Cause,
    reason: str,
    stated: float | None = None,
) -> Answer:
    return Answer(
        question=question,
        text=None,
        confidence=confidence,
        kind="abstention",
        alternatives=nearest,
        cause=cause,
        reason=reason,
        stated=stated,
    )


def _kind(answer: Sequence[ScoredSpan]) -> AnswerKind:
    if len(answer) == 1:
        return answer[0].kind
    return "list" if answer[0].kind == "span" else "sentences"


def _groups(spans: Sequence[ScoredSpan]) -> dict[str, list[ScoredSpan]]:
    """Spans with the same words, case and blanks aside, together; in order of the first of each."""
    groups: dict[str, list[ScoredSpan]] = {}
    for span in spans:
        groups.setdefault(_words(span), []).append(span)
    return groups


def _by_confidence(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    return tuple(sorted(statements, key=lambda statement: -statement.confidence))


def _sentence(statement: Statement) -> str:
    return folded(statement.citations[0].sentence)


def _words(span: ScoredSpan) -> str:
    return folded(span.text)
