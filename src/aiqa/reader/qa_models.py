"""Question-answering models: logits per word piece and window."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from aiqa.checksums import sha256
from aiqa.errors import DependencyError
from aiqa.onnx_session import at_once, session
from aiqa.reader.integer_matrices import IntegerGraph, graph_files, graph_path, is_exact
from aiqa.reader.windows import Ids, Window, Windows, padded

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Scores = NDArray[np.float32]


class Logits(NamedTuple):
    """The logits of one window.

    ``starts`` and ``ends``: logits of each word piece starting and ending an answer, shape
    ``(len(window.ids),)``; those of the first, [CLS], score "no answer". ``evidence``: logits of
    each word piece being in a sentence that answers, same shape. ``answering``: the logit of the
    window answering the question.
    """

    starts: Scores
    ends: Scores
    evidence: Scores
    answering: float

    @property
    def null(self) -> float:
        """The score of "no answer": the start and end logits of [CLS]."""
        return float(self.starts[0] + self.ends[0])


Batch = tuple[Scores, Scores, Scores, Scores]
"""Starts, ends and evidence, ``(windows, length)``, and answering, ``(windows,)``."""

TOKENIZER = "tokenizer.json"

_OUTPUTS = ["starts", "ends", "evidence", "answering"]
_BATCH_PIECES = 2048
"""Word pieces per batch, including padding."""


class SpanModel(Protocol):
    """Cuts windows in the format of the model, and scores them."""

    @property
    def identity(self) -> str:
        """Name and weights of the model; a calibration is valid for one identity."""

    @property
    def windows(self) -> Windows:
        """Cuts a question and a passage into windows."""

    def logits(self, windows: Sequence[Window]) -> list[Logits]:
        """Return the logits of each window, in order."""


class OnnxModel:
    """A model in an ONNX file of ``folder``, with a ``tokenizer.json`` beside it.

    ``checksums`` has the SHA-256 of each weights file, and of the tokenizer. Files that share the
    stem of ``weights``, such as its external data, are verified before anything is loaded. Models
    with the same tokenizer may share ``windows``, which remembers the word pieces of texts.

    Each window is a run of its own, so it is never padded, and its logits are the same whatever is
    read beside it. As many runs go on at a time as there are processors, also for several callers.

    Raises:
        DependencyError: a file is missing or has another SHA-256.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        weights: str,
        checksums: Mapping[str, str],
        windows: Windows | None = None,
    ) -> None:
        stem = weights.partition(".")[0]
        for file, wanted in checksums.items():
            if file.partition(".")[0] == stem:
                _verify(folder / file, wanted)
        self.identity = f"{name}@{checksums[weights][:12]}"
        self.windows = windows or open_windows(folder, checksums)
        self._session = _session(folder / weights, checksums)
        self._inputs = {item.name for item in self._session.get_inputs()}

    def logits(self, windows: Sequence[Window]) -> list[Logits]:
        """Return the logits of each window, in order."""
        return [one for (one,) in at_once(lambda w: in_batches([w], self._run), windows)]

    def _run(self, ids: Ids, mask: Ids, segments: Ids) -> Batch:
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": segments}
        inputs = {name: value for name, value in inputs.items() if name in self._inputs}
        starts, ends, evidence, answering = self._session.run(_OUTPUTS, inputs)
        return starts, ends, evidence, answering


class TransformersModel:
    """Any Hugging Face question-answering model whose folder is on this machine.

    Nothing is downloaded, no code of the folder is run, and only safetensors are read: other
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
        """Return the logits of each window, in order."""
        return in_batches(windows, self._run)

    def _run(self, ids: Ids, mask: Ids, segments: Ids) -> Batch:
        import torch

        inputs = {"input_ids": ids, "attention_mask": mask}
        if self._has_segments:
            inputs["token_type_ids"] = segments
        with torch.inference_mode():
            out = self._model(**{name: torch.from_numpy(value) for name, value in inputs.items()})
        starts, ends = out.start_logits.float().numpy(), out.end_logits.float().numpy()
        return starts, ends, *_heads(starts, ends, mask, segments)


def _heads(starts: Scores, ends: Scores, mask: Ids, segments: Ids) -> tuple[Scores, Scores]:
    """Estimate evidence and answering from the logits of a model that has no such heads.

    Evidence is the log odds that an answer has started at or before a word piece and ends at or
    after it; answering is the margin of the best start and end over "no answer".
    """
    inside = (mask * segments).astype(bool)
    shares = []
    for logits in (starts, ends):
        open_logits = np.where(inside, logits, -np.inf)
        exponentials = np.exp(open_logits - open_logits.max(1, keepdims=True))
        shares.append(exponentials / exponentials.sum(1, keepdims=True))
    within = np.clip(shares[0].cumsum(1) * shares[1][:, ::-1].cumsum(1)[:, ::-1], 1e-6, 1 - 1e-6)
    best = sum(np.where(inside, logits, -np.inf).max(1) for logits in (starts, ends))
    return np.log(within / (1 - within)), best - starts[:, 0] - ends[:, 0]


def in_batches(windows: Sequence[Window], run: Callable[[Ids, Ids, Ids], Batch]) -> list[Logits]:
    """Return the logits of each window, in order; ``run`` scores a padded batch.

    Windows are sorted by length, so that batches have little padding.
    """
    by_index: dict[int, Logits] = {}
    order = sorted(range(len(windows)), key=lambda i: (-len(windows[i].ids), i))
    while order:
        size = max(1, _BATCH_PIECES // len(windows[order[0]].ids))
        batch, order = order[:size], order[size:]
        starts, ends, evidence, answering = run(*padded([windows[i] for i in batch]))
        for row, i in enumerate(batch):
            length = len(windows[i].ids)
            by_index[i] = Logits(
                starts[row, :length],
                ends[row, :length],
                evidence[row, :length],
                float(answering[row]),
            )
    return [by_index[i] for i in range(len(windows))]


def _session(weights: Path, checksums: Mapping[str, str]) -> Any:
    """Return a session of the file's graph of integer products, or of the file itself.

    It is that of the file if there is no such graph, or the processor is not exact with integers.
    """
    graph = graph_path(weights)
    if graph.name not in checksums or not is_exact():
        return session(weights)
    for file in graph_files(weights):
        _verify(file, checksums[file.name])
    return session(graph, tensors=IntegerGraph.read(graph).tensors(weights))


def _verify(path: Path, wanted: str) -> None:
    checksum = _digest(path)
    if checksum != wanted:
        raise DependencyError(
            f"The reader's {path} is not the one aiqa was made with (SHA-256 {checksum}).",
            "Reinstall aiqa with `pip install --force-reinstall aiqa`.",
        )


def open_windows(folder: Path, checksums: Mapping[str, str]) -> Windows:
    """Return windows by the tokenizer in ``folder``, which is verified if ``checksums`` has it.

    Raises:
        DependencyError: the file is missing or has another SHA-256.
    """
    if TOKENIZER in checksums:
        _verify(folder / TOKENIZER, checksums[TOKENIZER])
    return Windows(read_tokenizer(folder / TOKENIZER))


def read_tokenizer(path: Path) -> Tokenizer:
    """Return the tokenizer in ``path``, without truncation and padding.

    Raises:
        DependencyError: the file is missing.
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
    """Return a model's maximum length; RoBERTa does not use its first two positions."""
    most = int(config.max_position_embeddings)
    return most - 2 if getattr(config, "pad_token_id", 0) == 1 else most


def _digest(path: Path) -> str:
    if not path.is_file():
        raise DependencyError(f"The reader's {path} is missing.", "Install or copy them again.")
    return sha256(path)
