"""Fit the bundled readers and print their figures on collections that were left out in turn.

    python -m aiqa.training.fitting --data DEV --collection GOLD DOCS [--collection GOLD DOCS …]
        --work WORK --out FOLDER

DEV holds the public development sets. A collection is a gold set and the folder of documents that
it is about, and is named after the folder which that folder is in. FOLDER has the weights, and gets
`calibration.json`. What the models say is kept in WORK, so that a run that was cut off goes on.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from aiqa.checksums import sha256
from aiqa.config import Settings
from aiqa.reader.factory import (
    BASE,
    BUNDLED,
    BUNDLED_SMALL,
    EMBEDDINGS,
    FITTED,
    SMALL,
    Fitted,
    FittedReader,
)
from aiqa.reader.integer_matrices import graph_files
from aiqa.reader.qa_models import OnnxModel
from aiqa.training.fitting.cases import Case, cases
from aiqa.training.fitting.figures import by_tag, figures
from aiqa.training.fitting.fit import fit_reader
from aiqa.training.fitting.recorded import Recorded

_SETS = ("squad_v1_half", "nq_oracle_half")


def main() -> None:
    """Fit both readers and write what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--collection", type=Path, nargs=2, action="append", required=True)
    parser.add_argument("--work", type=Path, default=Path("runs/fitting"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--report", type=Path, default=Path("eval/results/reader.json"))
    given = parser.parse_args()
    asked: list[Case] = []
    for gold, documents in given.collection:
        asked += cases(documents.parent.name, gold, documents, given.work, None)
    for name in _SETS:
        asked += cases(name, given.data / f"{name}.jsonl.gz", None, given.work, given.questions)
    _say(f"{len(asked)} questions searched for")
    graphs = [file.name for name in (SMALL, BASE) for file in graph_files(given.out / name)]
    checksums = {name: sha256(given.out / name) for name in (SMALL, BASE, EMBEDDINGS, *graphs)}
    small, base = (
        Recorded(
            OnnxModel(name, given.out, name, checksums),
            given.work / f"{checksums[name][:12]}.sqlite3",
        )
        for name in (SMALL, BASE)
    )
    least = float(Settings.model_fields["min_confidence"].default)
    readers: dict[str, FittedReader] = {}
    report: dict[str, dict[str, Any]] = {}
    for name, second in ((BUNDLED, base), (BUNDLED_SMALL, None)):
        readers[name], judged = fit_reader(asked, small, second, _say)
        groups = dict.fromkeys(j.outcome.case.group.partition("/")[0] for j in judged)
        report[name] = {}
        for group in groups:
            own = [j for j in judged if j.outcome.case.group.partition("/")[0] == group]
            report[name][group] = {**figures(own, least), "by_tag": by_tag(own, least)}
    Fitted(checksums, readers).write(given.out / FITTED)
    text = json.dumps({"min_confidence": least, **report}, indent=1)
    given.report.write_text(text + "\n", "utf-8")
    sys.stdout.write(text + "\n")


_START = time.monotonic()


def _say(text: str) -> None:
    sys.stderr.write(f"{time.monotonic() - _START:6.0f} s  {text}\n")


if __name__ == "__main__":
    main()
