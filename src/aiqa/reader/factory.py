"""Which reader: a bundled one, a model in a folder, or the sentence reader."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

from aiqa.answers.calibration import Calibration
from aiqa.checksums import sha256
from aiqa.embedders import Embedder
from aiqa.errors import DependencyError
from aiqa.reader import Reader
from aiqa.reader.linear_model import LinearModel
from aiqa.reader.qa_models import OnnxModel, SpanModel, TransformersModel
from aiqa.reader.sentence_reader import CALIBRATION, SentenceReader
from aiqa.reader.span_reader import ReaderWeights, SpanReader

BUNDLED = "aiqa-reader"
BUNDLED_SMALL = "aiqa-reader-small"
SENTENCES = "sentences"
FOLDER = Path(__file__).with_name("model")
"""The bundled readers' weights with what belongs to them."""

FITTED = "calibration.json"
SMALL, BASE = "small.onnx", "base.onnx"
EMBEDDINGS = "base.embeddings"
"""The base model's word embeddings, which its ONNX file names as external data."""


@dataclass(frozen=True, slots=True)
class FittedReader:
    """What is fitted to a reader's outcomes.

    ``confidence`` gives the probability that an answer is right, ``stated`` the probability that
    the documents state an answer at all; both weigh ``span_features.CONFIDENCE``.
    """

    weights: ReaderWeights
    confidence: Calibration
    stated: Calibration

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it; see ``of``."""
        return {
            "chunks": self.weights.chunks.as_dict(),
            "spans": self.weights.spans.as_dict(),
            "length": self.weights.length,
            "confidence": self.confidence.as_dict(),
            "stated": self.stated.as_dict(),
        }

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """Make one of what ``as_dict`` gave and JSON kept."""
        weights = ReaderWeights(
            LinearModel(data["chunks"]), LinearModel(data["spans"]), data["length"]
        )
        return cls(weights, Calibration.of(data["confidence"]), Calibration.of(data["stated"]))


@dataclass(frozen=True, slots=True)
class Fitted:
    """What ``calibration.json`` holds: the weights' SHA-256 by file, and the readers by name."""

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
            DependencyError: the file is missing or is not such a file.
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
    """A reader with its calibrations; ``is_borrowed``: those of another model.

    ``stated`` is None where the reader cannot tell whether the documents state an answer.
    """

    reader: Reader
    confidence: Calibration
    stated: Calibration | None
    is_borrowed: bool


def open_reader(name: str, embedder: Embedder) -> LoadedReader:
    """Return the reader of that name or in that folder, with the calibrations that it brings.

    A folder without a ``calibration.json`` borrows those of the bundled small reader.

    Raises:
        DependencyError: there is no such reader, it cannot be loaded, or weights were altered.
    """
    if name == SENTENCES:
        return LoadedReader(SentenceReader(embedder), CALIBRATION, None, is_borrowed=False)
    first, second, own = _models(name)
    is_borrowed = not own.is_file()
    fitted = Fitted.read(FOLDER / FITTED if is_borrowed else own)
    chosen = _fitted_to(BUNDLED if second else BUNDLED_SMALL, fitted, own)
    reader = SpanReader(first, second, chosen.weights)
    return LoadedReader(reader, chosen.confidence, chosen.stated, is_borrowed)


def _fitted_to(name: str, fitted: Fitted, path: Path) -> FittedReader:
    if name not in fitted.readers:
        raise DependencyError(
            f"The reader's {path} has nothing fitted to {name!r}.",
            "Fit it again, or remove the file to borrow the calibrations of the bundled reader.",
        )
    return fitted.readers[name]


def _models(name: str) -> tuple[SpanModel, SpanModel | None, Path]:
    """The models of a reader, and the file with what is fitted to them."""
    if name in (BUNDLED, BUNDLED_SMALL):
        checksums = Fitted.read(FOLDER / FITTED).checksums
        small = OnnxModel(BUNDLED_SMALL, FOLDER, SMALL, checksums)
        base = OnnxModel("aiqa-reader-base", FOLDER, BASE, checksums) if name == BUNDLED else None
        return small, base, FOLDER / FITTED
    folder = Path(name)
    if not folder.is_dir():
        raise DependencyError(
            f"There is no reader {name!r} on this machine.",
            f"Set `reader` to {BUNDLED!r}, {BUNDLED_SMALL!r}, {SENTENCES!r} or the folder of a "
            "Hugging Face question-answering model.",
        )
    # `aiqa train gold` writes ONNX, whose heads no class of Hugging Face has.
    for weights in (SMALL, BASE):
        if (folder / weights).is_file():
            checksums = {weights: sha256(folder / weights)}
            return OnnxModel(folder.name, folder, weights, checksums), None, folder / FITTED
    return TransformersModel(folder), None, folder / FITTED
