"""A stand-in for the embedder where its speed, not its understanding, would decide a measurement.

Words are hashed into a fixed number of dimensions (Weinberger et al., "Feature hashing for large
scale multitask learning", 2009), so texts that share words are near one another.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence

import numpy as np

from aiqa.embedders import Vectors

_WORD = re.compile(r"\w+")


class HashEmbedder:
    """Hashed bags of words as unit vectors; counts word pieces as six characters each."""

    identity = "feature-hashing"
    dimensions = 384
    max_tokens = 256

    def count_tokens(self, text: str) -> int:
        """About as many as word pieces would be."""
        return 2 + len(text) // 6

    def encode(
        self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """Unit vectors, float32, shape ``(len(texts), dimensions)``."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in _WORD.findall(text.lower()):
                code = zlib.crc32(word.encode())
                vectors[row, code % self.dimensions] += 1.0 if code & 0x8000_0000 else -1.0
            if on_progress:
                on_progress(1)
        vectors[~vectors.any(axis=1), 0] = 1.0
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors
