"""Figures that are means over questions, or over what questions have several of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from aiqa.evaluation.metrics.retrieval import measure
from aiqa.evaluation.scoring import Row

Floats = NDArray[np.float64]

OUTCOMES: Mapping[bool, tuple[str, ...]] = {
    True: (
        "answerable_right", "answerable_wrong", "answerable_unsure_right",
        "answerable_unsure_wrong", "answerable_not_found",
    ),
    False: ("unanswerable_answered", "unanswerable_unsure", "unanswerable_not_found"),
}  # fmt: skip
"""Outcomes of answerable questions and of others; each question has exactly one."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """``sum(part) / sum(whole)`` over questions, each of shape ``(n,)``."""

    part: Floats
    whole: Floats

    @classmethod
    def mean(cls, values: Sequence[float | None]) -> Self:
        """The mean of the values that are not None."""
        counted = [value is not None for value in values]
        return cls(
            np.array([value or 0.0 for value in values], dtype=float),
            np.array(counted, dtype=float),
        )

    @classmethod
    def share(cls, flags: Sequence[Sequence[bool]]) -> Self:
        """The share of all flags that are set."""
        return cls(
            np.array([sum(row) for row in flags], dtype=float),
            np.array([len(row) for row in flags], dtype=float),
        )

    @property
    def value(self) -> float | None:
        """Return the figure; None if its denominator is 0."""
        whole = self.whole.sum()
        return float(self.part.sum() / whole) if whole else None

    def take(self, indices: NDArray[np.int64]) -> Ratio:
        """Return the ratio over the questions with these indices."""
        return Ratio(self.part[indices], self.whole[indices])


def per_question(rows: Sequence[Row]) -> dict[str, Ratio]:
    """The figures of ``Figures`` that are of this kind."""
    rankings = {
        row.question.id: row.ranking for row in rows if row.ranking and row.question.answerable
    }
    ranks = {
        name: dict(zip(rankings, values, strict=True)) for name, values in measure(rankings).items()
    }
    return {
        "em": Ratio.mean([row.em for row in rows]),
        "f1": Ratio.mean([row.f1 for row in rows]),
        **{
            name: Ratio.mean([values.get(row.question.id) for row in rows])
            for name, values in ranks.items()
        },
        "sentence_f1": Ratio.mean([row.sentence_f1 for row in rows]),
        "right": Ratio.mean([_if(row, answerable=True, value=row.right) for row in rows]),
        "verbatim": Ratio.share([row.verbatim for row in rows]),
        "citation_precision": Ratio.share(
            [row.supported if row.question.answerable else () for row in rows]
        ),
        "passage_precision": Ratio.share(
            [row.in_passage if row.question.answerable else () for row in rows]
        ),
        "citation_recall": Ratio.share([row.evidence_cited for row in rows]),
        "answered": Ratio.mean([_if(row, answerable=True, value=row.shown) for row in rows]),
        "abstained": Ratio.mean([_if(row, answerable=False, value=not row.shown) for row in rows]),
        "shown_right": Ratio.mean([row.right if row.shown else None for row in rows]),
        "shown_precision": Ratio.mean(
            [any(row.supported[:1]) if row.shown else None for row in rows]
        ),
        **{name: Ratio.mean(values) for name, values in _outcomes(rows).items()},
        "em_abstaining": Ratio.mean([_abstaining(row, row.em) for row in rows]),
        "f1_abstaining": Ratio.mean([_abstaining(row, row.f1) for row in rows]),
    }


def outcome_name(row: Row) -> str:
    """Return the name of the figure that counts what people see of an answer."""
    if not row.question.answerable:
        return f"unanswerable_{row.outcome.replace(' ', '_')}"
    if row.outcome == "not found":
        return "answerable_not_found"
    is_right = row.right if row.shown else row.candidate_right
    return f"answerable_{'' if row.shown else 'unsure_'}{'right' if is_right else 'wrong'}"


def _outcomes(rows: Sequence[Row]) -> dict[str, list[float | None]]:
    """Return by outcome whether each question has it; None where it does not apply."""
    return {
        name: [_if(row, answerable=answerable, value=outcome_name(row) == name) for row in rows]
        for answerable, names in OUTCOMES.items()
        for name in names
    }


def _if(row: Row, *, answerable: bool, value: bool) -> float | None:
    return float(value) if row.question.answerable == answerable else None


def _abstaining(row: Row, score: float | None) -> float | None:
    """SQuAD 2.0: an abstention is an empty answer, and right where there is no answer."""
    if not row.question.answerable:
        return float(not row.shown)
    return score if row.shown or score is None else 0.0
