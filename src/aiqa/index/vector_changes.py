"""Vectors added to and removed from a vector index whose file stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aiqa.index.vectors import Batches, VectorIndex

_ADDED = "added.faiss"
_REMOVED = "removed.npy"


@dataclass(frozen=True, slots=True)
class VectorChanges:
    """What differs from a vector index: an exact index of what is new, and the keys that are gone.

    A small change to a large index is thus written without the rest.
    """

    added: VectorIndex
    removed: NDArray[np.int64]

    @classmethod
    def none(cls, dimensions: int) -> VectorChanges:
        """Return no changes."""
        empty = VectorIndex.exact(dimensions)
        return cls(empty, np.zeros(0, dtype=np.int64))

    @classmethod
    def load(cls, folder: Path, *, to_change: bool = False) -> VectorChanges:
        """Read what ``save`` wrote.

        Raises:
            RuntimeError: a file is missing or damaged.
            OSError: a file is missing.
            ValueError: a file is damaged.
        """
        added = VectorIndex.load(folder / _ADDED, to_change=to_change)
        return cls(added, np.load(folder / _REMOVED, allow_pickle=False))

    def save(self, folder: Path) -> None:
        """Write the changes to ``folder``."""
        self.added.save(folder / _ADDED)
        np.save(folder / _REMOVED, self.removed)

    def extended(
        self,
        new: NDArray[np.int64],
        gone: NDArray[np.int64],
        fetch: Callable[[NDArray[np.int64]], Batches],
    ) -> VectorChanges:
        """Return these changes and further ones; ``added`` is changed in place."""
        removed = np.union1d(self.removed, np.setdiff1d(gone, self.added.keys()))
        self.added.remove(gone)
        self.added.add(fetch(new))
        return VectorChanges(self.added, removed)

    @property
    def count(self) -> int:
        """The number of vectors that were added or removed."""
        return len(self.added.keys()) + len(self.removed)
