"""Fusion of dense and lexical scores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def fuse(dense: Values, lexical: Values, weights: tuple[float, float]) -> Values:
    """The weighed mean of scaled cosines and BM25 of the same chunks, from 0 to 1.

    Cosines are scaled so that the lowest of these is 0 and the highest 1, which makes little of how
    an embedder spreads them; BM25 so that the highest is 1, 0 being that of a chunk with none of
    the words. Bruch, Gai & Ingber, "An analysis of fusion functions for hybrid retrieval", ACM TOIS
    2023: it finds more than ranks do, which know nothing of how much better one is than the next.
    """
    if not len(dense):
        return dense
    spread = dense.max() - dense.min()
    near = (dense - dense.min()) / spread if spread else np.ones_like(dense)
    said = lexical / (lexical.max() or 1.0)
    return np.average([near, said], axis=0, weights=weights)
