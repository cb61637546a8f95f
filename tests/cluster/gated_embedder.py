"""An embedder that waits, so that workers can be killed while they hold files."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from eval.benchmarks.hashing import HashEmbedder

from aiqa.embedders import Vectors
from aiqa.errors import DependencyError

_MOST_SECONDS = 60


def missing() -> HashEmbedder:
    """Fail as where a model is not installed."""
    raise DependencyError("The embedder is not on this machine.")


class GatedEmbedder(HashEmbedder):
    """Hashed bags of words, once there is a file ``gate``."""

    def __init__(self, gate: Path) -> None:
        self._gate = gate

    def encode(
        self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """Unit vectors, float32, shape ``(len(texts), dimensions)``."""
        limit = time.monotonic() + _MOST_SECONDS
        while not self._gate.exists() and time.monotonic() < limit:
            time.sleep(0.01)
        return super().encode(texts, on_progress)
