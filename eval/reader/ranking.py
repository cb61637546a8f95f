"""How much each feature of a candidate counts, fitted to choose the right one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from eval.reader.outcomes import Asked
from scipy.optimize import minimize
from scipy.special import log_softmax, logsumexp, softmax

from aiqa.calibration import Flags, Matrix
from aiqa.evaluation.metrics import token_f1
from aiqa.reading.spans import Ranking, features

_GOOD = 0.6
"""Token F1 from which a candidate of the right passage is one to be chosen."""

_RIDGE = 1.0


def fit_ranking(asked: Sequence[Asked]) -> Ranking:
    """Conditional logit: maximise the probability that a right candidate is chosen.

    McFadden, "Conditional logit analysis of qualitative choice behavior", 1974; with a ridge on
    the weights of standardised features. Questions without a right candidate say nothing.
    """
    cases: list[tuple[Matrix, Flags]] = []
    for item in asked:
        right = np.array(
            [
                c.hit.chunk.source == item.case.source
                and token_f1(c.text, item.case.answers) >= _GOOD
                for c in item.found
            ]
        )
        if right.any():
            cases.append((features(item.found), right))
    every = np.vstack([x for x, _ in cases])
    scale = every.std(0)
    scale[scale == 0] = 1

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        total, gradient = _RIDGE * weights @ weights / 2, _RIDGE * weights
        for x, right in cases:
            utility = (x / scale) @ weights
            total -= logsumexp(log_softmax(utility)[right])
            chosen = softmax(utility[right]) @ (x / scale)[right]
            gradient = gradient + softmax(utility) @ (x / scale) - chosen
        return float(total), gradient

    weights = minimize(loss, np.zeros(every.shape[1]), jac=True).x / scale
    return Ranking(*(round(float(w), 4) for w in weights))
