"""How far the candidates of a question agree with one another in their words."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

import numpy as np

from aiqa.text.analysis import terms

_LIKELY = math.log(1e-3)
"""Words with a smaller share of the probability than this speak for none but themselves."""


def consensus(wanted: Collection[str], shares: Mapping[str, float]) -> dict[str, float]:
    """For each of the ``wanted`` words, the log of their expected overlap with what is right.

    ``shares``: the log of the probability that each words are right, the ``wanted`` ones among
    them. Overlap is Dice's coefficient of the content terms, 1 for the same words: "the government"
    and "government access" speak for each other, in one passage or in two. To weigh an answer by
    its expected overlap is minimum Bayes risk decoding (Kumar & Byrne, NAACL 2004), here used to
    tell how sure an answer is, not to choose it.
    """
    likely = {words: math.exp(share) for words, share in shares.items() if share > _LIKELY}
    held = {words: frozenset(terms(words)) for words in {*wanted, *likely}}
    found = {}
    for words in wanted:
        others = math.fsum(
            probability * _dice(held[words], held[other])
            for other, probability in likely.items()
            if other != words
        )
        own = shares[words]
        found[words] = float(np.logaddexp(own, math.log(others))) if others else own
    return found


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    either = len(one) + len(other)
    return 2 * len(one & other) / either if either else 0.0
