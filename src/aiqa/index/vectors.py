"""The vector index: FAISS over the catalog's vectors."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from aiqa.embedders import Vectors

EXACT_UP_TO = 100_000
"""Vectors up to which the search is exact, by ``python -m eval.benchmarks.vectors``."""

_TRAINING = 64
"""Training vectors per inverted list; FAISS advises 39 to 256."""

_TRAINING_BYTES = 128_000_000
"""Most memory of the training vectors."""

_ROUNDS = 10
"""Rounds of k-means; FAISS makes 25, which find no more here, see the benchmark."""

_TUNING = 128
"""Queries that tune the number of lists to search."""

_TUNING_COSINE = 0.6
"""Cosine of such a query with the indexed vector of which it is made, by adding noise. Questions
are not as near to passages as those are to one another, so passages themselves would choose too few
lists: see ``--vectors`` of the benchmark."""

_TUNING_DEPTH = 50
_TUNED_RECALL = 0.99

_STEP = 4 / 3
"""Factor from one number of lists that is tried to the next."""

_OUTGROWN = 1.1
"""Multiple of ``EXACT_UP_TO`` from which an exact index that grows is built anew: one whose size
goes to and fro about the limit must not be, time and again."""

_MOST_CROWDED = 2
"""Largest factor between the number of lists and that of a new index."""

_EXACT_HEAD = b"IxM2"
"""How FAISS begins the file of an exact index with keys."""

Batches = Iterable[tuple[NDArray[np.int64], Vectors]]
SearchKind = Literal["exact", "inverted lists"]


class KeySelection:
    """Keys, shape ``(n,)``, that searches are restricted to; to prepare many takes a while."""

    def __init__(self, keys: NDArray[np.int64]) -> None:
        import faiss

        self.selector = faiss.IDSelectorBatch(keys)


class VectorIndex:
    """Inner-product search; vectors are unit length, so scores are cosines.

    Up to ``EXACT_UP_TO`` vectors the search is exact. Beyond, vectors are quantised to 8 bits per
    dimension in inverted lists (Jégou, Douze & Schmid, "Product quantization for nearest neighbor
    search", 2011; here with a scalar quantiser). The number of lists to search is tuned for recall;
    scores are then approximate, and the caller computes exact ones.
    """

    def __init__(self, index: Any) -> None:
        self._index = index

    @property
    def kind(self) -> SearchKind:
        """Whether the search is exact or uses inverted lists."""
        return "inverted lists" if self.lists else "exact"

    @classmethod
    def build(
        cls,
        keys: NDArray[np.int64],
        dimensions: int,
        fetch: Callable[[NDArray[np.int64]], Batches],
    ) -> VectorIndex:
        """Index the vectors that ``fetch`` yields in batches for ``keys``, shape ``(n,)``."""
        import faiss

        if len(keys) <= EXACT_UP_TO:
            index = cls.exact(dimensions)
            index.add(fetch(keys))
            return index
        lists = round(4 * len(keys) ** 0.5)
        index = cls(faiss.index_factory(dimensions, f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT))
        # Fewer training vectors than FAISS advises lose little here, see the benchmark.
        index._index.cp.min_points_per_centroid = 1
        index._index.cp.niter = _ROUNDS
        most = min(lists * _TRAINING, _TRAINING_BYTES // (4 * dimensions))
        index._index.train(_fetch_all(_evenly(keys, most), fetch))
        index.add(fetch(keys))
        index._choose_probes(noisy(_fetch_all(_evenly(keys, _TUNING), fetch)))
        return index

    @classmethod
    def exact(cls, dimensions: int) -> VectorIndex:
        """Return an empty index with exact search."""
        import faiss

        return cls(faiss.IndexIDMap2(faiss.IndexFlatIP(dimensions)))

    @classmethod
    def load(cls, path: Path, *, to_change: bool = False) -> VectorIndex:
        """Read what ``save`` wrote; vectors stay on disk unless they are ``to_change``.

        Raises:
            RuntimeError: the file is missing or damaged.
        """
        import faiss

        if to_change:
            return cls(faiss.read_index(str(path)))
        # FAISS maps the two kinds of index into memory in two ways.
        is_exact = _head(path) == _EXACT_HEAD
        mapped = faiss.IO_FLAG_MMAP_IFC if is_exact else faiss.IO_FLAG_MMAP
        return cls(faiss.read_index(str(path), mapped))

    def save(self, path: Path) -> None:
        """Write the index to ``path``."""
        import faiss

        faiss.write_index(self._index, str(path))

    def fits(self, count: int) -> bool:
        """Tell whether an index of this kind and size is still right for ``count`` vectors."""
        if not self.lists:
            return count <= _OUTGROWN * EXACT_UP_TO
        # Recall drops if the centres were trained on far fewer or far more vectors.
        crowding = 4 * count**0.5 / self.lists
        return count > EXACT_UP_TO and 1 / _MOST_CROWDED < crowding < _MOST_CROWDED

    def add(self, batches: Batches) -> None:
        """Index further vectors under their keys."""
        for keys, vectors in batches:
            self._index.add_with_ids(vectors, keys)

    def remove(self, keys: NDArray[np.int64]) -> None:
        """Remove the vectors under ``keys``, shape ``(n,)``."""
        if len(keys):
            self._index.remove_ids(keys)

    def keys(self) -> NDArray[np.int64]:
        """Return all keys of an exact index, shape ``(n,)``."""
        import faiss

        return np.asarray(faiss.vector_to_array(self._index.id_map), dtype=np.int64)

    def search(
        self,
        vector: NDArray[np.float32],
        k: int,
        among: KeySelection | None = None,
        without: NDArray[np.int64] | None = None,
    ) -> list[tuple[int, float]]:
        """Return up to ``k`` keys nearest to ``vector``, ``(dimensions,)``, with cosines, in order.

        ``among`` restricts the search to these keys; otherwise ``without`` excludes some. Equal
        scores are ordered by key.
        """
        import faiss

        options: dict[str, Any] = {}
        if among is not None:
            options["sel"] = among.selector
        elif without is not None and len(without):
            excluded = faiss.IDSelectorBatch(without)
            options["sel"] = faiss.IDSelectorNot(excluded)
        parameters: Any = None
        if self.lists:
            # A few allowed keys may be in lists far from the question, so all are searched.
            options["nprobe"] = self.lists if among is not None else self._index.nprobe
            parameters = faiss.SearchParametersIVF(**options)
        elif options:
            parameters = faiss.SearchParameters(**options)
        scores, keys = self._index.search(vector[np.newaxis], k, params=parameters)
        hits = [(int(i), float(s)) for i, s in zip(keys[0], scores[0], strict=True) if i >= 0]
        return sorted(hits, key=lambda hit: (-hit[1], hit[0]))

    def _choose_probes(self, questions: Vectors) -> None:
        """Set ``nprobe`` to the fewest lists, in steps of a third, that reach ``_TUNED_RECALL``."""
        self._index.nprobe = self.lists
        _, truth = self._index.search(questions, _TUNING_DEPTH)
        probes = 8
        while probes < self.lists:
            self._index.nprobe = probes
            _, nearest = self._index.search(questions, _TUNING_DEPTH)
            hits = sum(len(np.intersect1d(*pair)) for pair in zip(nearest, truth, strict=True))
            if hits >= _TUNED_RECALL * truth.size:
                return
            probes = round(probes * _STEP)
        self._index.nprobe = self.lists

    @property
    def lists(self) -> int:
        """The number of inverted lists; 0 for an exact index."""
        return int(getattr(self._index, "nlist", 0))

    @property
    def probes(self) -> int:
        """The number of inverted lists that are searched for a question; 0 for an exact index."""
        return int(getattr(self._index, "nprobe", 0))


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(len(_EXACT_HEAD))
    except OSError as error:
        raise RuntimeError(f"{path} cannot be read: {error}") from error


def _evenly(keys: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    return keys[np.linspace(0, len(keys) - 1, min(most, len(keys))).astype(np.int64)]


def noisy(vectors: Vectors) -> Vectors:
    """Return unit vectors with cosines of about ``_TUNING_COSINE`` with ``vectors``."""
    noise = np.random.default_rng(0).standard_normal(vectors.shape, dtype=np.float32)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    made = _TUNING_COSINE * vectors + (1 - _TUNING_COSINE**2) ** 0.5 * noise
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), dtype=np.float32)


def _fetch_all(keys: NDArray[np.int64], fetch: Callable[[NDArray[np.int64]], Batches]) -> Vectors:
    return np.concatenate([vectors for _, vectors in fetch(keys)])
