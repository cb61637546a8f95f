"""Spans to an answer: choose, give a confidence, cite, or abstain."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiqa.sentences import enclosing
from aiqa.types import Answer, Citation, Document, ScoredSpan, Statement, heading_path


@dataclass(frozen=True, slots=True)
class Calibration:
    """Platt scaling of a reader's best score: ``confidence = 1 / (1 + exp(-(slope·s + offset)))``.

    Platt, "Probabilistic outputs for support vector machines", 1999. The fitted values are made by
    ``python eval/fit.py``, which prints them.
    """

    slope: float
    offset: float

    def confidence(self, score: float) -> float:
        """Probability, in [0, 1], that a best candidate of this score answers the question."""
        logit = self.slope * score + self.offset
        return 1 / (1 + math.exp(-max(min(logit, 700.0), -700.0)))


FITTED = Calibration(slope=0.280, offset=-3.093)


_MOST_CITATIONS = 5
"""Places cited for the same words: a boilerplate sentence may stand in hundreds."""


@dataclass(frozen=True, slots=True)
class Answerer:
    """Makes an ``Answer`` of a reader's spans; ``document`` looks a document up by its id."""

    calibration: Calibration
    alternatives: int
    document: Callable[[str], Document]

    def answer(self, question: str, spans: Sequence[ScoredSpan], min_confidence: float) -> Answer:
        """The best span with its citations, or an abstention if it is below ``min_confidence``.

        The same words found elsewhere are further citations of the same answer. ``spans`` are best
        first, as a ``Reader`` gives them.
        """
        distinct = _group(spans)
        if not distinct:
            return Answer(
                question=question,
                text=None,
                confidence=0.0,
                kind="abstention",
                cause="nothing retrieved",
                reason="Nothing in the documents resembles the question.",
            )
        options = [self._option(group) for group in distinct[: self.alternatives + 1]]
        best = options[0]
        if best.confidence < min_confidence:
            return Answer(
                question=question,
                text=None,
                confidence=best.confidence,
                kind="abstention",
                alternatives=tuple(options[: self.alternatives]),
                cause="below strictness",
                reason=(
                    f"The nearest passage answers with a probability of {best.confidence:.0%}; "
                    f"at least {min_confidence:.0%} is asked for."
                ),
            )
        return Answer(
            question=question,
            text=best.text,
            confidence=best.confidence,
            kind=distinct[0][0].kind,
            statements=(best,),
            alternatives=tuple(options[1:]),
        )

    def _option(self, group: Sequence[ScoredSpan]) -> Statement:
        return Statement(
            text=group[0].text,
            confidence=self.calibration.confidence(group[0].score),
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
        )


def _group(spans: Sequence[ScoredSpan]) -> list[list[ScoredSpan]]:
    """Spans with the same words, case and blanks aside, together; best first."""
    groups: dict[str, list[ScoredSpan]] = {}
    for span in spans:
        groups.setdefault(" ".join(span.text.casefold().split()), []).append(span)
    return list(groups.values())
