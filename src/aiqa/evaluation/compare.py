"""Comparison of two runs: differences of figures and their significance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aiqa.errors import GoldError
from aiqa.evaluation.metrics.aggregate import per_question
from aiqa.evaluation.metrics.bootstrap import Interval, draws, interval
from aiqa.evaluation.metrics.summary import Judgements
from aiqa.evaluation.run_store import Run
from aiqa.evaluation.scoring import Row


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure in both runs; ``change`` is that of the second minus that of the first.

    ``p`` is the share of replicates on the other side of no change, doubled: how easily chance in
    the choice of questions would bring about such a change.
    """

    a: float
    b: float
    change: float
    interval: Interval
    p: float


@dataclass(frozen=True, slots=True)
class Flip:
    """A question that only one of the runs got right.

    ``got`` is the direction; the answers are None if none was shown.
    """

    id: str
    question: str
    gold: tuple[str, ...]
    got: str
    a: str | None
    b: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Differences by figure over the ``questions`` that both runs asked, and what flipped.

    ``systems`` are the two that were asked.
    """

    questions: int
    only_a: int
    only_b: int
    differences: dict[str, Difference]
    flips: tuple[Flip, ...]
    systems: tuple[str, str]


def compare(a: Run, b: Run) -> Comparison:
    """Compare two runs by paired bootstrap: each replicate draws the same questions for both.

    Efron & Tibshirani, "An introduction to the bootstrap", 1993; Koehn, "Statistical significance
    tests for machine translation evaluation", EMNLP 2004.

    Raises:
        GoldError: they have no question in common.
    """
    of_b = {row.question.id: row for row in b.rows}
    pairs = [(row, of_b[row.question.id]) for row in a.rows if row.question.id in of_b]
    if not pairs:
        raise GoldError("The two runs have no question in common.", "Compare runs of one gold set.")
    first, second = (list(rows) for rows in zip(*pairs, strict=True))
    return Comparison(
        questions=len(pairs),
        only_a=len(a.rows) - len(pairs),
        only_b=len(b.rows) - len(pairs),
        differences=_differences(first, second),
        flips=tuple(_flip(x, y) for x, y in pairs if is_good(x) != is_good(y)),
        systems=(a.inputs.system, b.inputs.system),
    )


def is_good(row: Row) -> bool:
    """Tell whether a right answer was shown, or an unanswerable question got an abstention."""
    return row.stage is None


def _differences(a: Sequence[Row], b: Sequence[Row]) -> dict[str, Difference]:
    ratios_a, ratios_b = per_question(a), per_question(b)
    judgements_a, judgements_b = Judgements.of(a), Judgements.of(b)

    def values(indices: Any) -> dict[str, tuple[float, float]]:
        both = (
            {name: ratio.take(indices).value for name, ratio in ratios.items()}
            | judged.take(indices).values()
            for ratios, judged in ((ratios_a, judgements_a), (ratios_b, judgements_b))
        )
        left, right = both
        return {
            name: (x, y)
            for name, x in left.items()
            if x is not None and (y := right.get(name)) is not None
        }

    whole = values(np.arange(len(a)))
    changes: dict[str, list[float]] = {name: [] for name in whole}
    for indices in draws(len(a)):
        for name, (x, y) in values(indices).items():
            if name in changes:
                changes[name].append(y - x)
    return {
        name: Difference(x, y, y - x, interval(changes[name]), _p(changes[name]))
        for name, (x, y) in whole.items()
    }


def _p(changes: Sequence[float]) -> float:
    """Return the two-sided p-value; the data count as one replicate."""
    drawn = np.asarray(changes)
    least = min((drawn <= 0).sum(), (drawn >= 0).sum())
    return float(min(2 * (least + 1) / (len(drawn) + 1), 1.0))


def _flip(a: Row, b: Row) -> Flip:
    return Flip(
        id=a.question.id,
        question=a.question.question,
        gold=a.question.answers,
        got="worse" if is_good(a) else "better",
        a=a.answer.text if a.shown else None,
        b=b.answer.text if b.shown else None,
    )
