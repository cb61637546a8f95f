"""What an embedder is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Maps texts to unit vectors, whose dot product is their cosine."""

    @property
    def identity(self) -> str:
        """Name and weights of the model; vectors are comparable only if this is equal."""

    @property
    def dimensions(self) -> int:
        """Number of dimensions of a vector."""

    @property
    def max_tokens(self) -> int:
        """Most word pieces of a text, including special ones; longer texts are truncated."""

    def count_tokens(self, text: str) -> int:
        """Return the number of word pieces of ``text``, with special ones, without truncation."""

    def encode(
        self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """Return unit vectors, float32, shape ``(len(texts), dimensions)``.

        ``on_progress`` is called with the number of texts newly encoded.
        """
