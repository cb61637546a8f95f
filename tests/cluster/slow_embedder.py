"""An embedder that takes its time, so that workers can be killed while they hold files."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from eval.benchmarks.hashing import HashEmbedder

from aiqa.embedders import Vectors

_SECONDS = 0.6


class SlowEmbedder(HashEmbedder):
    """Hashed bags of words, after a while."""

    def encode(
        self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """Unit vectors, float32, shape ``(len(texts), dimensions)``."""
        time.sleep(_SECONDS)
        return super().encode(texts, on_progress)
