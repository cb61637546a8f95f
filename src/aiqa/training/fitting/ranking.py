"""Fits linear ranking models: the choice among rows whose expected gain is best."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aiqa.reader.linear_model import FeatureTable, LinearModel, Values

_GOOD = 0.6
"""What the best row must gain for a question to count."""

_TINY = 1e-9


def fit_ranking(
    cases: Sequence[tuple[FeatureTable, Values]], names: Sequence[str], ridge: float = 1.0
) -> LinearModel:
    """Return the weights of ``names`` that choose best among the rows of each case.

    Each case is a table and the gain of each of its rows, in [0, 1], shape ``(rows,)``.
    Conditional logit (McFadden, "Conditional logit analysis of qualitative choice behavior", 1974)
    with gains in place of one choice, and a ridge on the weights of standardised features.
    """
    from scipy.optimize import minimize

    good = [(t, gain) for t, gain in cases if gain.max(initial=0.0) >= _GOOD]
    every = np.vstack([t.values[:, [t.names.index(n) for n in names]] for t, _ in good])
    gains = np.concatenate([gain for _, gain in good])
    firsts = np.cumsum([0, *(len(gain) for _, gain in good[:-1])])
    of_case = np.repeat(np.arange(len(good)), [len(gain) for _, gain in good])
    scale = every.std(0)
    scale[scale == 0] = 1
    x = every / scale

    def loss(weights: Values) -> tuple[float, Values]:
        scores = x @ weights
        shares = np.exp(scores - np.maximum.reduceat(scores, firsts)[of_case])
        shares /= np.add.reduceat(shares, firsts)[of_case]
        gained = shares * gains
        expected = np.maximum(np.add.reduceat(gained, firsts), _TINY)
        gradient = (shares - gained / expected[of_case]) @ x + ridge * weights
        return float(ridge * weights @ weights / 2 - np.log(expected).sum()), gradient

    weights = minimize(loss, np.zeros(len(names)), jac=True).x / scale
    return LinearModel({name: round(float(w), 4) for name, w in zip(names, weights, strict=True)})
