"""Any sentence-transformers model of this machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from aiqa.checksums import sha256
from aiqa.embedders.base import Vectors
from aiqa.embedders.bundled import BUNDLED, WEIGHTS, bundled_path
from aiqa.errors import DependencyError
from aiqa.shared_property import SharedProperty

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


class SentenceTransformerEmbedder:
    """A sentence-transformers model on this machine, by path or by its name in the local cache.

    Nothing is downloaded; the user has to fetch a model before.

    Raises:
        DependencyError: the model cannot be loaded, or the bundled weights were altered.
    """

    _BATCH = 32

    def __init__(self, name: str = BUNDLED) -> None:
        self._name = name
        path = bundled_path() if name == BUNDLED else Path(name)
        self._location = str(path) if path.is_dir() else name
        self._lock = Lock()
        weights = path / WEIGHTS
        if weights.is_file():
            # The identity is known without loading the model, for an ingest with nothing to do.
            self.identity = f"{path.name if name != BUNDLED else name}@{sha256(weights)[:12]}"
        else:
            self.identity = name
            self._model  # noqa: B018  # an unknown name is an error at once

    @property
    def dimensions(self) -> int:
        """Number of dimensions of a vector."""
        return int(self._model.get_embedding_dimension() or 0)

    @property
    def max_tokens(self) -> int:
        """Most word pieces of a text, including special ones; longer texts are truncated."""
        return int(self._model.max_seq_length or 512)

    @SharedProperty
    def _model(self) -> SentenceTransformer:
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # type: ignore[no-untyped-call]  # aiqa shows its own
        try:
            return SentenceTransformer(
                self._location,
                device="cpu",
                # Only safetensors: other weight files are pickles and could run code.
                model_kwargs={"use_safetensors": True},
                local_files_only=True,
            )
        except (OSError, ValueError, RuntimeError) as error:
            raise DependencyError(
                f"The embedder {self._name!r} is not on this machine or cannot be loaded "
                f"({str(error).splitlines()[0]})",
                f"Give the folder of a sentence-transformers model, fetch it by this name with "
                f"`hf download`, or use {BUNDLED!r}.",
            ) from error

    def count_tokens(self, text: str) -> int:
        """Return the number of word pieces of ``text``, with special ones, without truncation."""
        return len(self._model.tokenizer(text, truncation=False, verbose=False)["input_ids"])

    def encode(
        self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """Return unit vectors, float32, shape ``(len(texts), dimensions)``."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        # Sorted by length, so that batches have little padding.
        order = sorted(range(len(texts)), key=lambda i: (-len(texts[i]), i))
        for start in range(0, len(order), self._BATCH):
            batch = order[start : start + self._BATCH]
            with self._lock:
                vectors[batch] = self._model.encode(
                    [texts[i] for i in batch],
                    batch_size=self._BATCH,
                    normalize_embeddings=True,
                    show_progress_bar=False,
                )
            if on_progress:
                on_progress(len(batch))
        return vectors
