"""How much each feature of a candidate counts, fitted to choose the right one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from eval.reader.outcomes import Asked
from scipy.optimize import minimize

from aiqa.answers.calibration import Matrix
from aiqa.embedders import Embedder
from aiqa.evaluation.metrics.answers import token_f1
from aiqa.reader.features import Support, likeness
from aiqa.reader.span_decoder import Candidate
from aiqa.reader.span_ranker import SpanRanker, apart, span_features

_GOOD = 0.6
"""What the best candidate must gain for a question to count."""

_PASSAGE = 0.5
"""The gain of any candidate of the right passage; the other half is for its words."""

_RIDGE = 1.0
_TINY = 1e-9


def fit_ranking(asked: Sequence[Asked], embedder: Embedder) -> SpanRanker:
    """Conditional logit: the choice among candidates whose expected gain is best, in the log.

    McFadden, "Conditional logit analysis of qualitative choice behavior", 1974, with a gain for
    each candidate in place of the one that was chosen, and a ridge on the weights of standardised
    features. A candidate of the right passage gains half by that and half by its words' token F1,
    others nothing; questions without a good one say nothing.
    """
    cases: list[tuple[Matrix, Matrix]] = []
    for item in asked:
        found = apart(item.found)
        gain = np.array([_gain(item, candidate) for candidate in found])
        if gain.max(initial=0.0) >= _GOOD:
            support = Support(item.case.question, item.hits)
            like = likeness(item.case.question, found, found, support, embedder)
            cases.append((span_features(found, support, like), gain))
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
    return SpanRanker(*(round(float(w), 4) for w in weights))


def _gain(asked: Asked, candidate: Candidate) -> float:
    if candidate.hit.chunk.source != asked.case.source:
        return 0.0
    return _PASSAGE + (1 - _PASSAGE) * token_f1(candidate.text, asked.case.answers)
