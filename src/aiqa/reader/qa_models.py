"""Span models: what gives every word piece a score for starting, and one for ending, an answer."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from aiqa.checksums import sha256
from aiqa.errors import DependencyError
from aiqa.reader.windows import Ids, Window, Windows, padded

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Scores = NDArray[np.float32]
Logits = tuple[Scores, Scores]
"""Of one window: how well its word pieces start and end an answer, both ``(len(window.ids),)``.

Those of the first word piece, [CLS], together say how well no answer at all would do.
"""

_BATCH_PIECES = 2048
"""Word pieces run at once, padding included: enough to keep the processor busy."""


class SpanModel(Protocol):
    """Cuts windows as it wants them, and scores them."""

    @property
    def identity(self) -> str:
        """Names the weights: a calibration holds for one identity."""

    @property
    def windows(self) -> Windows:
        """Cuts question and passage to windows."""

    def logits(self, windows: Sequence[Window]) -> list[Logits]:
        """The logits of each window, in order."""


class OnnxModel:
    """A BERT-like model in one ONNX file with a ``tokenizer.json`` beside it.

    Raises:
        DependencyError: a file is missing, or the weights' SHA-256 is not ``digest``.
    """

    def __init__(self, name: str, weights: Path, digest: str) -> None:
        found = _digest(weights)
        if found != digest:
            raise DependencyError(
                f"The reader's weights {weights} are not the ones aiqa was made with "
                f"(SHA-256 {found}).",
                "Reinstall aiqa with `pip install --force-reinstall aiqa`.",
            )
        self.identity = f"{name}@{digest[:12]}"
        self.windows = Windows(read_tokenizer(weights.with_name("tokenizer.json")))
        self._session = _session(weights)

    def logits(self, windows: Sequence[Window]) -> list[Logits]:
        """The logits of each window, in order."""
        return in_batches(windows, self._run)

    def _run(self, ids: Ids, mask: Ids, segments: Ids) -> Logits:
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": segments}
        starts, ends = self._session.run(["start_logits", "end_logits"], inputs)
        return starts, ends


class TransformersModel:
    """Any Hugging Face question-answering model whose folder is on this machine.

    Nothing is asked of a hub, no code of the folder is run, and only safetensors are read: other
    weight files are pickles.

    Raises:
        DependencyError: the folder holds no such model.
    """

    def __init__(self, folder: Path) -> None:
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            self._model: Any = AutoModelForQuestionAnswering.from_pretrained(
                folder, local_files_only=True, use_safetensors=True
            ).eval()
            length = min(int(tokenizer.model_max_length), _longest(self._model.config))
            backend: Tokenizer = tokenizer.backend_tokenizer
        except (OSError, ValueError, RuntimeError, AttributeError, KeyError) as error:
            raise DependencyError(
                f"The reader {folder} cannot be loaded ({str(error).splitlines()[0]})",
                "Give the folder of a Hugging Face question-answering model that has "
                "config.json, model.safetensors and tokenizer.json.",
            ) from error
        self.identity = f"{folder.name}@{_digest(folder / 'model.safetensors')[:12]}"
        self.windows = Windows(_whole(backend), min(384, length))
        self._has_segments = getattr(self._model.config, "type_vocab_size", 0) > 1

    def logits(self, windows: Sequence[Window]) -> list[Logits]:
        """The logits of each window, in order."""
        return in_batches(windows, self._run)

    def _run(self, ids: Ids, mask: Ids, segments: Ids) -> Logits:
        import torch

        inputs = {"input_ids": ids, "attention_mask": mask}
        if self._has_segments:
            inputs["token_type_ids"] = segments
        with torch.inference_mode():
            out = self._model(**{name: torch.from_numpy(value) for name, value in inputs.items()})
        return out.start_logits.float().numpy(), out.end_logits.float().numpy()


def in_batches(windows: Sequence[Window], run: Callable[[Ids, Ids, Ids], Logits]) -> list[Logits]:
    """The logits of each window, in order; ``run`` gives those of a padded batch.

    Longest first: windows of like length share a batch, so little of it is padding.
    """
    found: dict[int, Logits] = {}
    order = sorted(range(len(windows)), key=lambda i: (-len(windows[i].ids), i))
    while order:
        size = max(1, _BATCH_PIECES // len(windows[order[0]].ids))
        batch, order = order[:size], order[size:]
        starts, ends = run(*padded([windows[i] for i in batch]))
        for row, i in enumerate(batch):
            length = len(windows[i].ids)
            found[i] = (starts[row, :length], ends[row, :length])
    return [found[i] for i in range(len(windows))]


def _session(weights: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = _threads()
    options.inter_op_num_threads = 1
    # Threads that wait busily for the next window would hold up the embedder, which comes between.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])


def _threads() -> int:
    """As many as there are processors, unless the usual variable sets a number."""
    return int(os.environ.get("OMP_NUM_THREADS", "0")) or os.cpu_count() or 1


def read_tokenizer(path: Path) -> Tokenizer:
    """The tokeniser in the file ``path``, which then cuts and pads nothing.

    Raises:
        DependencyError: it is not there.
    """
    from tokenizers import Tokenizer

    if not path.is_file():
        raise DependencyError(
            f"The reader's tokenizer {path} is missing.",
            "Reinstall aiqa with `pip install --force-reinstall aiqa`.",
        )
    return _whole(Tokenizer.from_file(str(path)))


def _whole(tokenizer: Tokenizer) -> Tokenizer:
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _longest(config: Any) -> int:
    """Positions of a model; RoBERTa and its kin leave the first ones, up to the pad's, unused."""
    most = int(config.max_position_embeddings)
    return most - 2 if getattr(config, "pad_token_id", 0) == 1 else most


def _digest(path: Path) -> str:
    if not path.is_file():
        raise DependencyError(f"The weights {path} are missing.", "Install or copy them again.")
    return sha256(path)
