"""Score fusion of dense and lexical retrieval."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def fuse(dense: Values, lexical: Values, weights: tuple[float, float]) -> Values:
    """Return the convex combination of normalised scores, from 0 to 1, shape ``(n,)``.

    Cosines are min-max normalised. BM25 is divided by its maximum, since 0 is its theoretical
    minimum. Bruch, Gai & Ingber, "An analysis of fusion functions for hybrid retrieval", ACM TOIS
    2023, find this better than reciprocal rank fusion, which discards the distances of scores.

    Args:
        dense: cosines of the chunks, shape ``(n,)``.
        lexical: BM25 scores of the same chunks, shape ``(n,)``.
        weights: the weights of the dense and the lexical score.
    """
    if not len(dense):
        return dense
    spread = dense.max() - dense.min()
    cosines = (dense - dense.min()) / spread if spread else np.ones_like(dense)
    bm25 = lexical / (lexical.max() or 1.0)
    return np.average([cosines, bm25], axis=0, weights=weights)
