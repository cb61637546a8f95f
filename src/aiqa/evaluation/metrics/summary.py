"""The figures of a run with their intervals, for all questions and for slices of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aiqa.evaluation.error_analysis import STAGES, UNEXPLAINED, PipelineStage
from aiqa.evaluation.metrics.aggregate import Ratio, per_question
from aiqa.evaluation.metrics.bootstrap import Interval, resample
from aiqa.evaluation.metrics.confidence import (
    Reliability,
    RiskCoverage,
    auroc,
    average_precision,
)
from aiqa.evaluation.runner import Timings
from aiqa.evaluation.scoring import Row

Values = dict[str, float | None]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Figures:
    """Headline figures in ``values``; rates are in [0, 1] and None where no question bears on them.

    Of the answerable questions, with the reader made to answer: ``em`` and ``f1`` (SQuAD 1.1),
    ``sentence_f1``, ``right`` (see ``Row``), ``recall@k``, ``mrr`` and ``ndcg@10`` (see
    ``metrics.retrieval``), ``citation_precision`` and ``passage_precision``, the shares of
    citations that overlap evidence and that stand in a chunk which does, and ``citation_recall``,
    the share of the pieces of evidence that are cited.

    Of all questions: ``verbatim``, the share of citations that slice their document exactly;
    ``auroc`` and ``ap``, how well confidence parts the answerable from the others;
    ``auroc_right``, the right answers from all else; ``aurc``, ``coverage@r%`` and ``risk@50%``
    (see ``RiskCoverage``) and ``ece`` (see ``Reliability``), for which an answer to an unanswerable
    question is wrong.

    With abstention: ``answered`` and ``abstained`` are the shares of answerable questions shown an
    answer and of the others refused one; ``shown_right`` and ``shown_precision`` the shares of
    shown answers that are right and whose first citation overlaps evidence; ``em_abstaining`` and
    ``f1_abstaining`` SQuAD 2.0's, where an abstention is an empty answer and the right one to
    unanswerable questions. ``answerable_…`` and ``unanswerable_…`` (``aggregate.OUTCOMES``) are the
    shares of answerable questions and of others by what people see; each kind's sum to 1.

    ``intervals`` are of 95 %, by bootstrap over questions. ``stages`` counts the questions that
    each stage got wrong; ``slices`` has the figures of parts of the set. ``latency_ms`` maps stages
    of answering to their median and 95th percentile.
    """

    n: int
    answerable: int
    values: Values
    intervals: Mapping[str, Interval]
    stages: Mapping[PipelineStage, int]
    slices: Slices
    latency_ms: Mapping[str, Mapping[str, float]]

    @classmethod
    def of(cls, rows: Sequence[Row], timings: Sequence[Timings]) -> Figures:
        """The figures of one or more questions."""
        ratios, judgements = per_question(rows), Judgements.of(rows)
        stages = Counter(row.stage for row in rows)
        return cls(
            n=len(rows),
            answerable=int(judgements.answerable.sum()),
            values={name: ratio.value for name, ratio in ratios.items()} | judgements.values(),
            intervals=resample(ratios, judgements),
            stages={
                stage: stages[stage]
                for stage in STAGES
                if stage != UNEXPLAINED or stages[UNEXPLAINED]
            },
            slices=slices(rows, ratios),
            latency_ms=_latency(timings),
        )

    def headline(self) -> dict[str, Any]:
        """One flat object, as ``aiqa eval --json`` prints it."""
        total = self.latency_ms.get("total", {})
        return {
            "n": self.n,
            "answerable": self.answerable,
            **self.values,
            "latency_ms": total.get("p50"),
            "latency_ms_p95": total.get("p95"),
        }


@dataclass(frozen=True, slots=True)
class Judgements:
    """Confidence of each question, whether its answer is right and whether it is answerable.

    Unless ``is_rated``, answers came without confidence, and there are no figures about it.
    """

    confidence: Floats
    right: NDArray[np.bool_]
    answerable: NDArray[np.bool_]
    is_rated: bool = True

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Judgements:
        """Those of ``rows``."""
        return cls(
            np.array([row.answer.confidence for row in rows]),
            np.array([row.right for row in rows]),
            np.array([row.question.answerable for row in rows]),
            all(row.is_rated for row in rows),
        )

    def take(self, indices: NDArray[np.int64]) -> Judgements:
        """The questions with these indices."""
        return replace(
            self,
            confidence=self.confidence[indices],
            right=self.right[indices],
            answerable=self.answerable[indices],
        )

    def values(self) -> Values:
        """The figures that are of all questions together."""
        if not self.is_rated:
            return {}
        curve = RiskCoverage.of(self.confidence, self.right)
        return {
            "auroc": auroc(self.confidence, self.answerable),
            "ap": average_precision(self.confidence, self.answerable),
            "auroc_right": auroc(self.confidence, self.right),
            "aurc": curve.area,
            **{f"coverage@{percent}%": curve.coverage_at(percent / 100) for percent in (1, 5, 10)},
            "risk@50%": curve.risk_at(0.5),
            "ece": Reliability.of(self.confidence, self.right).error,
        }


def _latency(timings: Sequence[Timings]) -> dict[str, dict[str, float]]:
    stages = dict.fromkeys(stage for timing in timings for stage in timing)
    points: dict[str, dict[str, float]] = {}
    for stage in stages:
        middle, late = np.percentile([t[stage] for t in timings if stage in t], [50, 95])
        points[stage] = {"p50": round(float(middle), 1), "p95": round(float(late), 1)}
    return points


Slices = Mapping[str, Mapping[str, Mapping[str, float | None]]]
"""What is sliced by, then the slice, then its figures and its number of questions ``n``."""

_WORDS = re.compile(
    r"\b(how\s+(?:many|much)|how|what|when|where|which|why|who)(?:m|se)?\b", re.IGNORECASE
)
_NONE = "none"


def slices(rows: Sequence[Row], ratios: Mapping[str, Ratio]) -> Slices:
    """Every slice, the largest first; a question may have several tags."""
    kinds: dict[str, dict[str, list[int]]] = {"tag": {}, "format": {}, "question word": {}}
    for number, row in enumerate(rows):
        for tag in row.question.tags:
            kinds["tag"].setdefault(tag, []).append(number)
        kinds["format"].setdefault(row.format or _NONE, []).append(number)
        kinds["question word"].setdefault(question_word(row.question.question), []).append(number)
    return {
        kind: {
            name: {"n": len(members)} | _values(members, ratios)
            for name, members in sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
        }
        for kind, found in kinds.items()
    }


def question_word(question: str) -> str:
    """The first question word, how many and how much apart from how; "none" if there is none.

    Whom and whose are counted as who.
    """
    word = _WORDS.search(question)
    return " ".join(word[1].lower().split()) if word else _NONE


def _values(members: Sequence[int], ratios: Mapping[str, Ratio]) -> dict[str, float | None]:
    indices = np.array(members)
    return {name: ratio.take(indices).value for name, ratio in ratios.items()}
