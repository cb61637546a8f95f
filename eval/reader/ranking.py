"""How much each feature of a candidate counts, fitted to choose the right one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from eval.reader.outcomes import Asked
from scipy.optimize import minimize

from aiqa.calibration import Matrix
from aiqa.evaluation.metrics import token_f1
from aiqa.reading.candidates import Candidate
from aiqa.reading.ranking import Ranking, features, worth
from aiqa.reading.support import Support

_GOOD = 0.6
"""Token F1 that the best candidate of the right passage must have for a question to count."""

_LENGTHS = [0.25 * step for step in range(9)]
_RIDGE = 1.0
_TINY = 1e-9


def fit_ranking(asked: Sequence[Asked]) -> Ranking:
    """Conditional logit: the choice among candidates whose expected token F1 is best, in the log.

    McFadden, "Conditional logit analysis of qualitative choice behavior", 1974, with a gain for
    each candidate in place of the one that was chosen, and a ridge on the weights of standardised
    features. Candidates from other passages gain nothing; questions without a good one say nothing.
    Before, ``length`` is the one by which the best words of the right passage have the best F1.
    """
    length = max(_LENGTHS, key=lambda each: _f1_of_words(asked, each))
    apart = Ranking(length).apart
    cases: list[tuple[Matrix, Matrix]] = []
    for item in asked:
        found = apart(item.found)
        gain = np.array([token_f1(c.text, item.case.answers) * _is_own(item, c) for c in found])
        if gain.max(initial=0.0) >= _GOOD:
            cases.append((features(found, Support(item.case.question, item.hits)), gain))
    every, gains = np.vstack([x for x, _ in cases]), np.concatenate([gain for _, gain in cases])
    firsts = np.cumsum([0, *(len(gain) for _, gain in cases[:-1])])
    of_case = np.repeat(np.arange(len(cases)), [len(gain) for _, gain in cases])
    scale = every.std(0)
    scale[scale == 0] = 1
    x = every / scale

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        scores = x @ weights
        shares = np.exp(scores - np.maximum.reduceat(scores, firsts)[of_case])
        shares /= np.add.reduceat(shares, firsts)[of_case]
        gained = shares * gains
        expected = np.maximum(np.add.reduceat(gained, firsts), _TINY)
        gradient = (shares - gained / expected[of_case]) @ x + _RIDGE * weights
        return float(_RIDGE * weights @ weights / 2 - np.log(expected).sum()), gradient

    weights = minimize(loss, np.zeros(every.shape[1]), jac=True).x / scale
    return Ranking(length, *(round(float(w), 4) for w in weights))


def _f1_of_words(asked: Sequence[Asked], length: float) -> float:
    """The sum over questions of the token F1 that the best words of the right passage have."""
    return sum(
        token_f1(max(own, key=lambda c: worth(c, length)).text, item.case.answers)
        for item in asked
        if (own := [c for c in item.found if _is_own(item, c)])
    )


def _is_own(asked: Asked, candidate: Candidate) -> bool:
    return candidate.hit.chunk.source == asked.case.source
