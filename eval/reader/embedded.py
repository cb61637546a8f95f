"""What an embedder said about a text, remembered: fitting and judging ask for the same ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from aiqa.embedders import Embedder, Vectors


class Embedded:
    """An embedder that asks ``embedder`` about each text once."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Vectors] = {}
        self.identity = embedder.identity
        self.dimensions = embedder.dimensions
        self.max_tokens = embedder.max_tokens

    def count_tokens(self, text: str) -> int:
        """That of the embedder."""
        return self._embedder.count_tokens(text)

    def encode(
        self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """Unit vectors, float32, shape ``(len(texts), dimensions)``."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            vectors = self._embedder.encode(new, on_progress)
            self._known |= dict(zip(new, vectors, strict=True))
        return np.array([self._known[text] for text in texts])
