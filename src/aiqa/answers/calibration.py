"""Calibration: evidence to the probability that an answer is right; selective prediction."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from aiqa.types import RiskLevel

RISKS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3)
"""Shares of wrong answers with a threshold for ``max_risk``."""

_SURE = 0.9
"""Probability with which a risk level holds."""

_RIDGE, _RIDGE_OF_PAIRS = 1.0, 100.0
"""L2 penalties of the weights, and of the many weights of pairs."""

_FAR = 3.0
"""Standard deviations at which evidence is clipped in pairs."""

Matrix = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Logistic regression of "is right" on a reader's evidence.

    ``confidence = 1 / (1 + exp(-(offset + Σ weight · z + Σ pair · z · other z)))`` with
    ``z = (evidence - mean) / scale``; Platt, "Probabilistic outputs for support vector machines",
    1999, with several inputs and their products: the effect of one feature depends
    on the others. ``names`` are the features, in order; ``pairs`` are the weights of the products
    of each with each later one, all 0 if empty; ``risks`` has a threshold for each risk level.
    ``source`` describes the data of the fit, ``questions`` is the number of outcomes in it.
    """

    names: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    offset: float
    risks: tuple[RiskLevel, ...] = ()
    source: str = ""
    questions: int = 0
    pairs: tuple[float, ...] = ()

    def confidence(self, evidence: Sequence[float]) -> float:
        """Return the probability, in [0, 1], that a span with this evidence is right."""
        return float(self.confidences(np.array([evidence], dtype=np.float64))[0])

    def confidences(self, evidence: Matrix) -> Matrix:
        """Return the probabilities, shape ``(n,)``, for evidence of shape ``(n, len(names))``."""
        weights = np.array([*self.weights, *self._pairs()])
        logits = self._standard(evidence) @ weights + self.offset
        return np.asarray(1 / (1 + np.exp(-np.clip(logits, -700, 700))))

    def min_confidence(self, max_risk: float) -> float:
        """Return the least confidence at which at most ``max_risk`` of the answers are wrong.

        It is that of the nearest level of ``risks`` that is no higher; 1 if there is none.
        """
        return next(
            (r.min_confidence for r in reversed(self.risks) if r.risk <= max_risk + 1e-9), 1.0
        )

    def _standard(self, evidence: Matrix) -> Matrix:
        """Return standardised evidence with the products of its pairs."""
        z = (evidence - np.array(self.mean)) / np.array(self.scale)
        near = np.clip(z, -_FAR, _FAR)
        first, second = np.triu_indices(len(self.names), 1)
        return np.hstack([z, near[:, first] * near[:, second]])

    def _pairs(self) -> tuple[float, ...]:
        return self.pairs or (0.0,) * math.comb(len(self.names), 2)

    def as_dict(self) -> dict[str, Any]:
        """Return a dictionary for JSON, which ``of`` reads."""
        return asdict(self)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """Create a calibration from the dictionary of ``as_dict``."""
        names = ("names", "mean", "scale", "weights", "pairs")
        sequences = {name: tuple(data[name]) for name in names}
        risks = tuple(RiskLevel(**level) for level in data["risks"])
        return cls(**{**data, **sequences, "risks": risks})


def in_percent(confidence: float) -> str:
    """Format as whole per cent, rounded down, so that no value seems to meet a higher threshold."""
    return f"{math.floor(confidence * 100 + 1e-9)}%"


@dataclass(frozen=True, slots=True)
class Strictness:
    """The condition for showing an answer: ``max_risk`` if set, otherwise ``min_confidence``."""

    min_confidence: float = 0.0
    max_risk: float | None = None

    def least(self, calibration: Calibration) -> float:
        """Return the least confidence of an answer that is shown."""
        if self.max_risk is None:
            return self.min_confidence
        return calibration.min_confidence(self.max_risk)


def fit(
    names: Sequence[str],
    evidence: Matrix,
    right: Flags,
    prior: Calibration | None,
    source: str,
    counts: Matrix | None = None,
) -> Calibration:
    """Return the most probable calibration given ``evidence`` of shape ``(n, len(names))``.

    This is the maximum a posteriori estimate with a normal prior around the weights of ``prior``;
    around 0 if that is None. The result has no risk levels, see ``risk_levels``.

    Args:
        names: the names of the features.
        evidence: the features, shape ``(n, len(names))``.
        right: whether each outcome is right, shape ``(n,)``.
        prior: the calibration to start from.
        source: a description of the data.
        counts: the weight of each outcome, shape ``(n,)``; 1 if None.
    """
    from scipy.optimize import minimize

    if prior is None:
        mean, scale = evidence.mean(0), evidence.std(0)
        scale[scale == 0] = 1
        prior = Calibration(
            tuple(names), tuple(mean), tuple(scale), (0.0,) * len(names), _log_odds(right)
        )
    x = prior._standard(evidence)  # noqa: SLF001 - of the same class
    count = len(names)
    before = np.array([*prior.weights, *prior._pairs(), prior.offset])  # noqa: SLF001 - likewise
    penalty = np.array([_RIDGE] * count + [_RIDGE_OF_PAIRS] * (len(before) - count - 1) + [0.0])
    sign = np.where(right, 1.0, -1.0)
    each = np.ones(len(right)) if counts is None else counts

    def loss(after: Matrix) -> tuple[float, Matrix]:
        margin = sign * (x @ after[:-1] + after[-1])
        slope = -sign * each / (1 + np.exp(np.clip(margin, -700, 700)))
        moved = after - before
        gradient = np.array([*(slope @ x), slope.sum()]) + penalty * moved
        return float(each @ np.logaddexp(0, -margin) + penalty @ moved**2 / 2), gradient

    after = minimize(loss, before, jac=True).x
    values = [float(weight) for weight in after]
    return Calibration(
        tuple(names), prior.mean, prior.scale, tuple(values[:count]), values[-1],
        source=source, questions=len(right), pairs=tuple(values[count:-1]),
    )  # fmt: skip


def risk_levels(confidence: Matrix, right: Flags, answerable: Flags) -> tuple[RiskLevel, ...]:
    """Return for each of ``RISKS`` the lowest threshold at which it holds, on held-out outcomes.

    A level holds if it does so with a probability of 90 %, by the exact binomial bound of Clopper &
    Pearson (1934), as in Geifman & El-Yaniv, "Selective classification for deep neural networks",
    NeurIPS 2017.
    """
    order = np.argsort(-confidence, kind="stable")
    ranked, wrong = confidence[order], np.cumsum(~right[order], dtype=np.int64)
    bound = _upper_bound(wrong, np.arange(1, len(order) + 1))
    # A threshold includes all outcomes with its confidence.
    ends = np.flatnonzero(np.append(ranked[1:] < ranked[:-1], True))
    levels = []
    for risk in RISKS:
        valid = [end for end in ends if bound[end] <= risk]
        if valid:
            least = float(ranked[valid[-1]])
            coverage = float((confidence[answerable] >= least).mean()) if answerable.any() else 0.0
            levels.append(RiskLevel(risk, least, coverage))
        else:
            levels.append(RiskLevel(risk, 1.0, 0.0))
    return tuple(levels)


def _upper_bound(wrong: NDArray[np.int64], shown: NDArray[np.int64]) -> Matrix:
    from scipy.stats import beta

    return np.asarray(np.where(wrong < shown, beta.ppf(_SURE, wrong + 1, shown - wrong), 1.0))


def _log_odds(right: Flags) -> float:
    share = (right.sum() + 1) / (len(right) + 2)
    return float(math.log(share / (1 - share)))
