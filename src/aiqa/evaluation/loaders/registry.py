"""Gold sets by format: each is read by a module of this package into an ``EvalDataset``."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Literal, Protocol

from aiqa.errors import GoldError
from aiqa.evaluation.dataset import EvalDataset, Split

DatasetFormat = Literal["auto", "jsonl", "squad", "beir", "table"]

_BY_SUFFIX: dict[str, DatasetFormat] = {
    ".jsonl": "jsonl",
    ".json": "squad",
    ".csv": "table",
    ".tsv": "table",
    ".xlsx": "table",
}


class DatasetLoader(Protocol):
    """A module that reads one format."""

    def read(self, path: Path, split: Split | None) -> EvalDataset:
        """The questions of ``split``, or of all, in order, with the passages that come with them.

        Raises:
            GoldError: something in the file breaks the format.
        """


def load_dataset(
    path: Path, split: Split | None = None, gold_format: DatasetFormat = "auto"
) -> EvalDataset:
    """The gold set at ``path``, of one ``split`` or of all; ``.gz`` files are unpacked.

    Raises:
        GoldError: the file cannot be read or breaks its format, an id stands twice, or no question
            is left.
    """
    format_name = _detected(path) if gold_format == "auto" else gold_format
    reader: DatasetLoader = import_module(f"aiqa.evaluation.loaders.{format_name}")
    try:
        gold = reader.read(path, split)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise GoldError(f"The gold set {path} cannot be read: {error}.") from error
    seen: set[str] = set()
    for question in gold.questions:
        if question.id in seen:
            raise GoldError(f"{path}: the id {question.id!r} stands twice.")
        seen.add(question.id)
    questions = tuple(q for q in gold.questions if split is None or q.split == split)
    if not questions:
        raise GoldError(f"There are no questions in {path}{f' of split {split}' if split else ''}.")
    return replace(gold, questions=questions)


def _detected(path: Path) -> DatasetFormat:
    if path.is_dir():
        return "beir"
    suffix = Path(path.name.removesuffix(".gz")).suffix.lower()
    if suffix not in _BY_SUFFIX:
        raise GoldError(
            f"The gold set {path} is of no known format.",
            f"Name it with one of the endings {' '.join(_BY_SUFFIX)}, give a BEIR folder, or say "
            "which it is with --format.",
        )
    return _BY_SUFFIX[suffix]
