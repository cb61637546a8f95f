"""Which reader: the bundled one, any Hugging Face model in a folder, or the sentence reader."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

from aiqa.answers.calibration import Calibration
from aiqa.embedders import Embedder
from aiqa.errors import DependencyError
from aiqa.reader import Reader
from aiqa.reader.qa_models import OnnxModel, TransformersModel
from aiqa.reader.sentence_reader import CALIBRATION, SentenceReader
from aiqa.reader.sentence_selector import Explaining, SentenceWeights
from aiqa.reader.span_ranker import SpanRanker
from aiqa.reader.span_reader import SpanReader

BUNDLED = "aiqa-reader"
SENTENCES = "sentences"
FOLDER = Path(__file__).with_name("model")
"""The bundled reader's weights with what belongs to them."""

FITTED = "calibration.json"


@dataclass(frozen=True, slots=True)
class Fitted:
    """What is fitted to a span model's outcomes, as ``calibration.json`` keeps it.

    ``weights_sha256`` is that of the model's weights. ``calibrations`` are by kind of span.
    """

    weights_sha256: str
    ranking: SpanRanker
    sentences: SentenceWeights
    calibrations: Mapping[str, Calibration]

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", "utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what ``write`` wrote.

        Raises:
            DependencyError: the file is missing or is not such a file.
        """
        try:
            data: dict[str, Any] = json.loads(path.read_text("utf-8"))
            return cls(
                data["weights_sha256"],
                SpanRanker(**data["ranking"]),
                SentenceWeights(**data["sentences"]),
                {kind: Calibration.of(c) for kind, c in data["calibrations"].items()},
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DependencyError(
                f"The reader's {path} cannot be used: {error!r}.",
                "Reinstall aiqa with `pip install --force-reinstall aiqa`.",
            ) from error


class LoadedReader(NamedTuple):
    """A reader with its calibrations by kind of span; ``is_borrowed``: those of another model."""

    reader: Reader
    calibrations: Mapping[str, Calibration]
    is_borrowed: bool


def open_reader(name: str, embedder: Embedder) -> LoadedReader:
    """The reader of that name or in that folder, with the calibration that it brings.

    A folder without a ``calibration.json`` borrows the bundled reader's.

    Raises:
        DependencyError: there is no such reader, it cannot be loaded, or weights were altered.
    """
    if name == SENTENCES:
        calibrations = dict.fromkeys(("sentence", "sentences"), CALIBRATION)
        return LoadedReader(SentenceReader(embedder), calibrations, is_borrowed=False)
    folder = FOLDER if name == BUNDLED else Path(name)
    own = folder / FITTED
    is_borrowed = not own.is_file()
    fitted = Fitted.read(FOLDER / FITTED if is_borrowed else own)
    if name == BUNDLED:
        model: Any = OnnxModel(name, folder / "reader.onnx", fitted.weights_sha256)
    elif folder.is_dir():
        model = TransformersModel(folder)
    else:
        raise DependencyError(
            f"There is no reader {name!r} on this machine.",
            f"Set `reader` to {BUNDLED!r}, {SENTENCES!r} or the folder of a Hugging Face "
            "question-answering model.",
        )
    explaining = Explaining(embedder, fitted.sentences)
    reader = SpanReader(model, fitted.ranking, explaining, embedder)
    return LoadedReader(reader, fitted.calibrations, is_borrowed)
