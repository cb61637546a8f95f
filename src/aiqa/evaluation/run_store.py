"""Runs on disk: a folder with what was asked of what, each question's row, and the figures.

``run.json`` holds the inputs and, once all is done, the figures; ``rows.jsonl`` a row for each
question. The same questions put to the same index by the same settings give the same rows. What
differs from run to run, the time taken, is apart in ``timings.jsonl``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from aiqa.errors import GoldError, SettingsError
from aiqa.evaluation.dataset import EvalDataset
from aiqa.evaluation.metrics.summary import Figures
from aiqa.evaluation.runner import Timings, evaluate
from aiqa.evaluation.scoring import Row
from aiqa.evaluation.systems import Mode, SystemUnderTest

_BATCH = 16
"""Questions per write to disk."""

AIQA = "aiqa"
"""The name of the system unless it is another."""

_MEASURED = ("aiqa", "faiss-cpu", "sentence-transformers", "tantivy", "torch")


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that the rows of a run depend on.

    ``gold_digest`` is the SHA-256 of the questions and their passages; ``withheld`` the share of
    answerable questions whose passages were left out. ``index`` has the folder, generation and
    numbers of what is searched; it is None for passages read one by one. ``system`` is what was
    asked: aiqa, or the function of another system with a digest of its file.
    """

    gold: str
    gold_digest: str
    mode: Mode
    questions: int
    withheld: float
    embedder: str
    settings: dict[str, Any]
    index: dict[str, Any] | None
    versions: dict[str, str]
    system: str = AIQA

    @classmethod
    def of(
        cls,
        gold: EvalDataset,
        mode: Mode,
        withheld: float,
        system: SystemUnderTest,
        system_name: str = AIQA,
    ) -> Inputs:
        """The inputs of asking ``gold`` of ``system``."""
        assistant = system.assistant
        index: dict[str, Any] | None = None
        if mode != "reading":
            state = assistant.status()
            index = {"documents": state.documents, "chunks": state.chunks}
            if mode == "corpus":
                index |= {"folder": state.index, "generation": state.generation}
        return cls(
            gold=gold.name,
            gold_digest=_digest(gold),
            mode=mode,
            questions=len(gold.questions),
            withheld=withheld,
            embedder=assistant.embedder.identity,
            settings=assistant.settings.model_dump(mode="json"),
            index=index,
            versions={name: version(name) for name in _MEASURED},
            system=system_name,
        )


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run."""

    inputs: Inputs
    rows: tuple[Row, ...]
    timings: tuple[Timings, ...]
    figures: Figures

    @classmethod
    def load(cls, folder: Path) -> Run:
        """The run kept in ``folder``.

        Raises:
            GoldError: there is none, it was not finished, or it is damaged.
        """
        stored = _Folder(folder)
        inputs, finished = stored.state()
        if inputs is None:
            raise GoldError(f"There is no run in {folder}.", "`aiqa eval GOLD --out` makes one.")
        if not finished:
            raise GoldError(f"The run in {folder} was not finished.", "Repeat it to go on with it.")
        rows, timings = stored.done()
        return cls(inputs, rows, timings, Figures.of(rows, timings))


def perform(
    gold: EvalDataset,
    mode: Mode,
    withheld: float,
    system: SystemUnderTest,
    folder: Path,
    on_progress: Callable[[int], None] | None = None,
    system_name: str = AIQA,
) -> Run:
    """Ask ``gold`` and store the run in ``folder``, in place of what was there.

    An interrupted run with the same inputs is resumed. ``on_progress`` is
    called with the number of questions done.

    Raises:
        GoldError: none of the evidence is in the documents.
        SettingsError: the folder cannot be written.
    """
    inputs = Inputs.of(gold, mode, withheld, system, system_name)
    stored = _Folder(folder)
    try:
        rows, timings = stored.resume(inputs)
        outcomes = evaluate(system, gold.questions, done=len(rows))
        while batch := tuple(islice(outcomes, _BATCH)):
            stored.add(batch)
            rows += tuple(row for row, _ in batch)
            timings += tuple(timing for _, timing in batch)
            if on_progress:
                on_progress(len(rows))
        run = Run(inputs, rows, timings, Figures.of(rows, timings))
        stored.finish(run)
    except OSError as error:
        raise SettingsError(
            f"The run cannot be written to {folder}: {error.strerror}.", "Choose another --out."
        ) from error
    return run


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._run = folder / "run.json"
        self._rows = folder / "rows.jsonl"
        self._timings = folder / "timings.jsonl"

    def state(self) -> tuple[Inputs | None, bool]:
        """The inputs, if there is a run, and whether it was finished."""
        try:
            stored = json.loads(self._run.read_text("utf-8"))
            return Inputs(**stored["inputs"]), "figures" in stored
        except FileNotFoundError:
            return None, False
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise GoldError(
                f"{self._run} is no run that can be read: {error}.", "Delete it or repeat the run."
            ) from error

    def done(self) -> tuple[tuple[Row, ...], tuple[Timings, ...]]:
        """Return the stored rows; an incomplete line is skipped."""
        try:
            timings = [json.loads(line) for line in _lines(self._timings)]
            rows = [Row.model_validate_json(line) for line in _lines(self._rows)]
        except (OSError, ValidationError, ValueError) as error:
            raise GoldError(
                f"The rows in {self._folder} cannot be read: {error}.", "Repeat the run."
            ) from error
        count = min(len(rows), len(timings))
        return tuple(rows[:count]), tuple(timings[:count])

    def resume(self, inputs: Inputs) -> tuple[tuple[Row, ...], tuple[Timings, ...]]:
        """Make ready for these inputs, and give what is done already."""
        self._folder.mkdir(parents=True, exist_ok=True)
        rows: tuple[Row, ...] = ()
        timings: tuple[Timings, ...] = ()
        if self._run.exists() and self.state() == (inputs, False):
            rows, timings = self.done()
        _write(self._run, _json({"inputs": asdict(inputs)}))
        _write(self._rows, "".join(_row(row) for row in rows))
        _write(self._timings, "".join(_timing(timing) for timing in timings))
        return rows, timings

    def add(self, batch: Iterable[tuple[Row, Timings]]) -> None:
        """Append the rows of some questions."""
        with self._rows.open("a", encoding="utf-8") as rows, self._timings.open("a") as timings:
            for row, timing in batch:
                rows.write(_row(row))
                timings.write(_timing(timing))

    def finish(self, run: Run) -> None:
        """Write the figures, with timings in a separate file."""
        figures = replace(run.figures, latency_ms={})
        _write(self._run, _json({"inputs": asdict(run.inputs), "figures": asdict(figures)}))


def _digest(gold: EvalDataset) -> str:
    digest = hashlib.sha256()
    for question in gold.questions:
        digest.update(question.model_dump_json().encode())
    for passage in gold.passages:
        digest.update(json.dumps(asdict(passage)).encode())
    return digest.hexdigest()


def _row(row: Row) -> str:
    return row.model_dump_json() + "\n"


def _timing(timing: Timings) -> str:
    return json.dumps(dict(timing)) + "\n"


def _lines(path: Path) -> Sequence[str]:
    # Not splitlines(): JSON may hold U+2028 and others that it would split at.
    return path.read_text("utf-8").split("\n")[:-1]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _write(path: Path, text: str) -> None:
    """Write ``path`` atomically."""
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(text, "utf-8")
    draft.replace(path)
