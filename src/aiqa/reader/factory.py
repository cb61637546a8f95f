"""Opens a reader: a bundled one, a model in a folder, or the sentence reader."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, Self

from aiqa.answers.calibration import Calibration
from aiqa.checksums import sha256
from aiqa.embedders import Embedder
from aiqa.errors import DependencyError
from aiqa.reader import Reader
from aiqa.reader.integer_matrices import graph_files
from aiqa.reader.linear_model import LinearModel
from aiqa.reader.qa_models import TOKENIZER, OnnxModel, SpanModel, TransformersModel, open_windows
from aiqa.reader.sentence_reader import CALIBRATION, SentenceReader
from aiqa.reader.span_features import CONFIDENCE
from aiqa.reader.span_reader import ReaderWeights, SpanReader

BUNDLED = "aiqa-reader"
BUNDLED_SMALL = "aiqa-reader-small"
_BASE_ALONE = "aiqa-reader-base"
SENTENCES = "sentences"
FOLDER = Path(__file__).with_name("model")
"""The weights, tokenizer and calibrations of the bundled readers."""

FITTED = "calibration.json"
SMALL, BASE = "small.onnx", "base.onnx"
EMBEDDINGS = "base.embeddings"
"""The base model's word embeddings, which its ONNX file names as external data."""

_TOKENIZER_SHA256 = "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66"


@dataclass(frozen=True, slots=True)
class FittedReader:
    """The models that were fitted to the outcomes of a reader.

    ``confidence`` gives the probability that an answer is right, ``stated`` the probability that
    the documents state an answer at all; both weight ``span_features.CONFIDENCE``.
    """

    weights: ReaderWeights
    confidence: Calibration
    stated: Calibration

    def as_dict(self) -> dict[str, Any]:
        """Return a dictionary for JSON, which ``of`` reads."""
        return {
            "chunks": self.weights.chunks.as_dict(),
            "spans": self.weights.spans.as_dict(),
            "length": self.weights.length,
            "confidence": self.confidence.as_dict(),
            "stated": self.stated.as_dict(),
        }

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """Create one from the dictionary of ``as_dict``."""
        weights = ReaderWeights(
            LinearModel(data["chunks"]), LinearModel(data["spans"]), data["length"]
        )
        return cls(weights, Calibration.of(data["confidence"]), Calibration.of(data["stated"]))


@dataclass(frozen=True, slots=True)
class Fitted:
    """Content of ``calibration.json``: SHA-256 by weights file, and fitted readers by name."""

    checksums: Mapping[str, str]
    readers: Mapping[str, FittedReader]

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        data = {
            "checksums": dict(self.checksums),
            "readers": {name: reader.as_dict() for name, reader in self.readers.items()},
        }
        path.write_text(json.dumps(data, indent=1) + "\n", "utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what ``write`` wrote.

        Raises:
            DependencyError: the file is missing or has another format.
        """
        try:
            data: dict[str, Any] = json.loads(path.read_text("utf-8"))
            readers = {name: FittedReader.of(one) for name, one in data["readers"].items()}
            return cls(data["checksums"], readers)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DependencyError(
                f"The reader's {path} cannot be used: {error!r}.",
                "Reinstall aiqa with `pip install --force-reinstall aiqa`.",
            ) from error


class LoadedReader(NamedTuple):
    """A reader with its calibrations; ``is_borrowed`` if they were fitted to another model.

    ``stated`` is None if the reader cannot tell whether the documents state an answer. ``alone``
    was fitted to the first of two models, for when only that has time to read.
    """

    reader: Reader
    confidence: Calibration
    stated: Calibration | None
    is_borrowed: bool
    alone: FittedReader | None = None


def open_reader(name: str, embedder: Callable[[], Embedder]) -> LoadedReader:
    """Return the reader of that name or in that folder, with its calibrations.

    A folder without a ``calibration.json`` gets the calibrations of the bundled small reader. Only
    the sentence reader calls ``embedder``: the others do not wait for it.

    Raises:
        DependencyError: there is no such reader, it cannot be loaded, or its weights were altered.
    """
    if name == SENTENCES:
        return LoadedReader(SentenceReader(embedder()), CALIBRATION, None, is_borrowed=False)
    if name in (BUNDLED, BUNDLED_SMALL):
        return _open_bundled(name)
    folder = Path(name)
    model = _folder_model(name, folder)
    is_borrowed = not (folder / FITTED).is_file()
    path = FOLDER / FITTED if is_borrowed else folder / FITTED
    fitted = _fitted_to(BUNDLED_SMALL, Fitted.read(path), path)
    reader = SpanReader(model, None, fitted.weights)
    return LoadedReader(reader, fitted.confidence, fitted.stated, is_borrowed)


def _bundled_content() -> Fitted:
    content = Fitted.read(FOLDER / FITTED)
    return replace(content, checksums={**content.checksums, TOKENIZER: _TOKENIZER_SHA256})


def _open_bundled(name: str) -> LoadedReader:
    content = _bundled_content()
    checksums, windows = content.checksums, open_windows(FOLDER, content.checksums)

    def model(own_name: str, weights: str) -> OnnxModel:
        return OnnxModel(own_name, FOLDER, weights, checksums, windows)

    with ThreadPoolExecutor(1) as threads:
        second = threads.submit(model, _BASE_ALONE, BASE) if name == BUNDLED else None
        small = model(BUNDLED_SMALL, SMALL)
        base = second.result() if second else None
    fitted, alone = (_fitted_to(one, content, FOLDER / FITTED) for one in (name, BUNDLED_SMALL))
    reader = SpanReader(small, base, fitted.weights, alone.weights)
    return LoadedReader(
        reader, fitted.confidence, fitted.stated, is_borrowed=False, alone=alone if base else None
    )


def _fitted_to(name: str, fitted: Fitted, path: Path) -> FittedReader:
    if name not in fitted.readers:
        raise DependencyError(
            f"The reader's {path} has nothing fitted to {name!r}.",
            "Fit it again, or remove the file to borrow the calibrations of the bundled reader.",
        )
    reader = fitted.readers[name]
    if any(one.names != CONFIDENCE for one in (reader.confidence, reader.stated)):
        raise DependencyError(
            f"The reader's {path} was fitted by another version of aiqa, to other features.",
            "Fit it again, or remove the file to borrow the calibrations of the bundled reader.",
        )
    return reader


def _folder_model(name: str, folder: Path) -> SpanModel:
    if not folder.is_dir():
        raise DependencyError(
            f"There is no reader {name!r} on this machine.",
            f"Set `reader` to {BUNDLED!r}, {BUNDLED_SMALL!r}, {SENTENCES!r} or the folder of a "
            "Hugging Face question-answering model.",
        )
    # `aiqa train gold` writes ONNX: no Hugging Face class has the reader's heads.
    for weights in (SMALL, BASE):
        if (folder / weights).is_file():
            files = (folder / weights, *graph_files(folder / weights))
            checksums = {file.name: sha256(file) for file in files if file.is_file()}
            return OnnxModel(folder.name, folder, weights, checksums)
    return TransformersModel(folder)
