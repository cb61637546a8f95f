"""Scoring of one answer against its gold question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pydantic import BaseModel, ConfigDict

from aiqa.answers.builder import possible_answers
from aiqa.evaluation.dataset import EvalExample
from aiqa.evaluation.error_analysis import PipelineStage
from aiqa.evaluation.evidence import Located
from aiqa.evaluation.metrics.answers import exact_match, set_f1, token_f1
from aiqa.evaluation.metrics.retrieval import RankedGrades, rank
from aiqa.evaluation.systems import SystemUnderTest
from aiqa.text.sentences import sentences
from aiqa.types import Answer, Citation, Format, Outcome, ScoredChunk, Span, Statement

LEAST_F1 = 0.3
"""A span with at least this token F1 counts as right: it is the answer, give or take some words."""


class Row(BaseModel):
    """The result of one question when the reader was made to answer.

    ``answer`` is kept without its alternatives, its timings and the counts of what was not read.
    ``outcome`` is the one that the settings would have given, and ``candidate_right`` whether one
    of the candidates is right that are shown where it is unsure: by its words, or where it is a
    whole sentence, by standing where the evidence does. ``em`` and ``f1`` are None
    without gold wordings, ``sentence_f1`` without evidence. ``right`` is whether the answer is: a
    span by its words (``LEAST_F1``), whole sentences by standing where the evidence does.

    Of each citation is told whether it slices its document exactly (``verbatim``), overlaps
    evidence (``supported``) and stands in a chunk that does (``in_passage``); ``evidence_cited``
    tells of each piece of evidence whether a citation overlaps it. ``ranking`` is None where
    nothing was searched. ``stage`` is where it went wrong, None where it did not. ``is_rated``
    tells whether the system gave a confidence at all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: EvalExample
    answer: Answer
    outcome: Outcome
    candidate_right: bool
    format: Format | None
    em: float | None
    f1: float | None
    sentence_f1: float | None
    right: bool
    verbatim: tuple[bool, ...]
    supported: tuple[bool, ...]
    in_passage: tuple[bool, ...]
    evidence_cited: tuple[bool, ...]
    ranking: RankedGrades | None
    stage: PipelineStage | None
    is_rated: bool = True

    @property
    def shown(self) -> bool:
        """Whether the answer would have been shown."""
        return self.outcome == "answered"


def judge(
    question: EvalExample,
    answer: Answer,
    hits: Sequence[ScoredChunk] | None,
    located: Located,
    system: SystemUnderTest,
) -> Row:
    """The row of one question, without a ``stage`` yet; ``hits`` are the candidates."""
    text = answer.text or ""
    f1 = token_f1(text, question.answers) if question.answers else None
    cited = [(c.document_id, Span(c.start, c.end)) for c in answer.citations]
    supported = tuple(located.holds(*place) for place in cited)
    by_words = answer.kind == "span" and f1 is not None
    return Row(
        question=question,
        answer=replace(answer, timings_ms={}, unread={}, alternatives=()),
        outcome=system.outcome_of(answer),
        is_rated=system.is_rated(question),
        candidate_right=any(
            _is_right(candidate, question, located)
            for candidate in possible_answers(answer)[: system.assistant.settings.alternatives]
        ),
        format=located.format,
        em=exact_match(text, question.answers) if question.answers else None,
        f1=f1,
        sentence_f1=_sentence_f1(answer, located, system) if question.answerable else None,
        right=f1 >= LEAST_F1 if by_words and f1 is not None else any(supported[:1]),
        verbatim=tuple(_is_verbatim(citation, system) for citation in answer.citations),
        supported=supported,
        in_passage=tuple(_in_passage(*place, located, system) for place in cited),
        evidence_cited=tuple(
            any(place.overlaps(*quoted) for quoted in cited) for place in located.places
        ),
        ranking=None if hits is None else rank(question, hits, located, system.chunks),
        stage=None,
    )


def _is_right(candidate: Statement, question: EvalExample, located: Located) -> bool:
    citation = candidate.citations[0]
    if question.answers and citation.quote != citation.sentence:
        return token_f1(candidate.text, question.answers) >= LEAST_F1
    return located.holds(citation.document_id, Span(citation.start, citation.end))


def _is_verbatim(citation: Citation, system: SystemUnderTest) -> bool:
    text = system.document(citation.document_id).text
    return text[citation.start : citation.end] == citation.quote


def _in_passage(document_id: str, span: Span, located: Located, system: SystemUnderTest) -> bool:
    return any(
        chunk.span.holds(span) and located.holds(document_id, chunk.span)
        for chunk in system.chunks(document_id)
    )


def _sentence_f1(answer: Answer, located: Located, system: SystemUnderTest) -> float:
    """Return the F1 of the quoted sentences, the best over the pieces of evidence.

    Only the first citation of each statement counts.
    """
    cited = [citation for one in answer.statements for citation in one.citations[:1]]
    quoted = _sentences_of([(c.document_id, Span(c.start, c.end)) for c in cited], system)
    gold = (
        _sentences_of([(place.document_id, span) for span in place.spans], system)
        for place in located.places
    )
    return max((set_f1(quoted, wanted) for wanted in gold), default=0.0)


def _sentences_of(
    spans: Sequence[tuple[str, Span]], system: SystemUnderTest
) -> set[tuple[str, Span]]:
    """Return the sentences of documents that overlap these spans."""
    return {
        (document_id, sentence)
        for document_id, span in spans
        for sentence in _around(system.document(document_id).text, span)
    }


def _around(text: str, span: Span) -> list[Span]:
    start = text.rfind("\n", 0, span.start) + 1
    end = text.find("\n", span.end)
    candidates = sentences(text, start, end if end >= 0 else len(text))
    return [sentence for sentence in candidates if sentence.overlaps(span)]
