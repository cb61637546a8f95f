"""How much each feature of a candidate counts, fitted to choose the right one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from eval.reader.outcomes import Asked
from scipy.optimize import minimize
from scipy.special import softmax

from aiqa.calibration import Matrix
from aiqa.evaluation.metrics import token_f1
from aiqa.reading.spans import Ranking, features

_GOOD = 0.6
"""Token F1 that the best candidate of the right passage must have for a question to count."""

_RIDGE = 1.0
_TINY = 1e-9


def fit_ranking(asked: Sequence[Asked]) -> Ranking:
    """Conditional logit: the choice among candidates whose expected token F1 is best, in the log.

    McFadden, "Conditional logit analysis of qualitative choice behavior", 1974, with a gain for
    each candidate in place of the one that was chosen, and a ridge on the weights of standardised
    features. Candidates from other passages gain nothing; questions without a good one say nothing.
    """
    cases: list[tuple[Matrix, Matrix]] = []
    for item in asked:
        gain = np.array(
            [
                token_f1(c.text, item.case.answers) * (c.hit.chunk.source == item.case.source)
                for c in item.found
            ]
        )
        if gain.max(initial=0.0) >= _GOOD:
            cases.append((features(item.found), gain))
    every = np.vstack([x for x, _ in cases])
    scale = every.std(0)
    scale[scale == 0] = 1

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        total, gradient = _RIDGE * weights @ weights / 2, _RIDGE * weights
        for x, gain in cases:
            share = softmax((x / scale) @ weights)
            expected = max(float(share @ gain), _TINY)
            total -= np.log(expected)
            gradient = gradient + (share - share * gain / expected) @ (x / scale)
        return float(total), gradient

    weights = minimize(loss, np.zeros(every.shape[1]), jac=True).x / scale
    return Ranking(*(round(float(w), 4) for w in weights))
