"""Bootstrap intervals of figures, by resampling questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from aiqa.evaluation.metrics.aggregate import Ratio

REPLICATES = 1000

Interval = tuple[float, float]
"""From the 2.5th to the 97.5th percentile of the replicates."""


class JointFigures(Protocol):
    """What is computed of all questions together."""

    def take(self, indices: NDArray[np.int64]) -> Self:
        """The same for the questions with these indices."""

    def values(self) -> dict[str, float | None]:
        """The figures."""

    @property
    def confidence(self) -> NDArray[np.float64]:
        """Shape ``(n,)``."""


def resample(ratios: Mapping[str, Ratio], joint: JointFigures) -> dict[str, Interval]:
    """The percentile interval of each figure (Efron & Tibshirani, 1993), always the same one.

    A replicate in which a figure does not exist, for want of questions that it is about, is left
    out of its interval.
    """
    drawn: dict[str, list[float]] = {}
    for indices in draws(len(joint.confidence)):
        counts = np.bincount(indices, minlength=len(indices))
        for name, ratio in ratios.items():
            whole = counts @ ratio.whole
            if whole:
                drawn.setdefault(name, []).append(float(counts @ ratio.part / whole))
        for name, value in joint.take(indices).values().items():
            if value is not None:
                drawn.setdefault(name, []).append(value)
    return {name: interval(values) for name, values in drawn.items()}


def draws(n: int) -> Iterator[NDArray[np.int64]]:
    """The indices of each replicate: ``n`` of ``n`` questions, with replacement."""
    chance = np.random.default_rng(0)
    for _ in range(REPLICATES):
        yield chance.integers(0, n, n)


def interval(values: list[float]) -> Interval:
    """The middle 95 % of ``values``."""
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
