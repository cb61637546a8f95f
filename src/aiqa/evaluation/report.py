"""The figures of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aiqa.evaluation.metrics import auroc, success_at
from aiqa.evaluation.run import DEPTH, Row

_CUTOFFS = (1, 5, DEPTH)


@dataclass(frozen=True, slots=True)
class Report:
    """Headline figures; rates are in [0, 1] and None where no question bears on them.

    ``em`` and ``f1`` are over the answerable questions with the reader made to answer; ``recall``
    maps k to the share of answerable questions with evidence among the first k chunks. ``verbatim``
    is over all citations; ``citation_precision`` is the share of the citations of answerable
    questions that overlap evidence. ``auroc`` says how well confidence parts the answerable from
    the others. ``answered`` and ``abstained`` are the shares of answerable questions shown an
    answer and of unanswerable ones refused one; ``shown_precision`` is the share of shown answers
    whose first citation overlaps evidence.
    """

    n: int
    answerable: int
    em: float | None
    f1: float | None
    recall: Mapping[int, float | None]
    verbatim: float | None
    citation_precision: float | None
    auroc: float | None
    answered: float | None
    abstained: float | None
    shown_precision: float | None
    latency_ms: Mapping[str, float]

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Report:
        """The figures of ``rows``."""
        answerable = [row for row in rows if row.question.answerable]
        others = [row for row in rows if not row.question.answerable]
        shown = [row for row in rows if row.answered]
        latency = np.percentile([row.answer.timings_ms["total"] for row in rows], [50, 95])
        return cls(
            n=len(rows),
            answerable=len(answerable),
            em=_mean([row.em for row in answerable]),
            f1=_mean([row.f1 for row in answerable]),
            recall=success_at(_CUTOFFS, {row.question.id: row.hits for row in answerable}),
            verbatim=_share(sum(r.verbatim for r in rows), sum(r.citations for r in rows)),
            citation_precision=_share(
                sum(r.supported for r in answerable), sum(r.citations for r in answerable)
            ),
            auroc=auroc(
                [row.answer.confidence for row in rows], [row.question.answerable for row in rows]
            ),
            answered=_mean([row.answered for row in answerable]),
            abstained=_mean([not row.answered for row in others]),
            shown_precision=_mean([row.supported > 0 for row in shown]),
            latency_ms={"p50": round(float(latency[0]), 1), "p95": round(float(latency[1]), 1)},
        )

    def as_dict(self) -> dict[str, Any]:
        """One flat object, as ``aiqa eval --json`` prints it."""
        return {
            "n": self.n,
            "answerable": self.answerable,
            "em": self.em,
            "f1": self.f1,
            **{f"recall@{k}": value for k, value in self.recall.items()},
            "verbatim": self.verbatim,
            "citation_precision": self.citation_precision,
            "auroc": self.auroc,
            "answered": self.answered,
            "abstained": self.abstained,
            "shown_precision": self.shown_precision,
            "latency_ms": dict(self.latency_ms),
        }


def row_dict(row: Row) -> dict[str, Any]:
    """One question's outcome, as it is written beside the figures."""
    return {
        "id": row.question.id,
        "question": row.question.question,
        "gold": list(row.question.answers),
        "answer": row.answer.text,
        "confidence": row.answer.confidence,
        "answered": row.answered,
        "em": row.em,
        "f1": row.f1,
        "evidence_rank": row.hits.index(True) + 1 if True in row.hits else None,
        "sources": [citation.source for citation in row.answer.citations],
        "supported": row.supported,
    }


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
