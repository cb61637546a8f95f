"""The search of one generation of an index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from aiqa.types import Filters


class Search(Protocol):
    """What is searched of one generation: vectors and BM25, both of what ``filters`` leave.

    Hits come best first; equal scores are ordered by key. Filters without any condition leave
    everything. Any thread may search.

    Raises:
        CatalogError: what is searched cannot be read; from any method.
    """

    @property
    def generation(self) -> int:
        """The number of the generation."""
        ...

    def nearest(
        self, vector: NDArray[np.float32], k: int, filters: Filters | None = None
    ) -> list[tuple[int, float]]:
        """Return up to ``k`` keys nearest to ``vector``, ``(dimensions,)``, with exact cosines."""
        ...

    def cosines(self, vector: NDArray[np.float32], keys: Sequence[int]) -> dict[int, float]:
        """Return the cosine of ``vector``, ``(dimensions,)``, with that under each of ``keys``."""
        ...

    def lexical(
        self, question: str, k: int, filters: Filters | None = None
    ) -> list[tuple[int, float]]:
        """Return up to ``k`` keys of chunks that match ``question``, with BM25 scores."""
        ...

    def lexical_scores(self, question: str, keys: Sequence[int]) -> dict[int, float]:
        """Return the BM25 scores of those of ``keys`` whose chunks match ``question``."""
        ...

    def any_matches(self, filters: Filters) -> bool:
        """Tell whether ``filters`` leave any chunk."""
        ...
