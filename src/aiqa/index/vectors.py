"""Dense candidates: FAISS over the catalog's vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aiqa.embedding import Vectors


class VectorIndex:
    """Exact inner-product search; vectors are unit length, so scores are cosines."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def build(cls, keys: NDArray[np.int64], vectors: Vectors) -> VectorIndex:
        """Index ``vectors``, shape ``(n, dimensions)``, under ``keys``, shape ``(n,)``."""
        import faiss

        index = faiss.IndexIDMap2(faiss.IndexFlatIP(vectors.shape[1]))
        if len(keys):
            index.add_with_ids(vectors, keys)
        return cls(index)

    @classmethod
    def load(cls, path: Path) -> VectorIndex:
        """Read what ``save`` wrote.

        Raises:
            RuntimeError: the file is missing or damaged.
        """
        import faiss

        return cls(faiss.read_index(str(path)))

    def save(self, path: Path) -> None:
        """Write the index to ``path``."""
        import faiss

        faiss.write_index(self._index, str(path))

    def cosines(self, vector: NDArray[np.float32], keys: Sequence[int]) -> dict[int, float]:
        """Cosine of ``vector``, shape ``(dimensions,)``, with the vector under each of ``keys``."""
        return {key: float(self._index.reconstruct(key) @ vector) for key in keys}

    def search(
        self, vector: NDArray[np.float32], k: int, among: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """Up to ``k`` keys nearest to ``vector``, shape ``(dimensions,)``, with cosines, in order.

        ``among`` restricts the search to these keys. Equal scores are ordered by key.
        """
        import faiss

        parameters = None
        if among is not None:
            selector = faiss.IDSelectorBatch(np.asarray(among, dtype=np.int64))
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        scores, keys = self._index.search(vector[np.newaxis], k, params=parameters)
        hits = [(int(i), float(s)) for i, s in zip(keys[0], scores[0], strict=True) if i >= 0]
        return sorted(hits, key=lambda hit: (-hit[1], hit[0]))
