"""Is damage caught? Ten mutants of aiqa, each broken in one place, are held to the gate.

``python -m eval.mutants [--limit 40] [NAME…]``

The bundled corpus is indexed and the gold set asked once by aiqa as it is. Then each mutant, a copy
of the source with one piece of code replaced, is asked the same by ``aiqa eval`` with
``--baseline``, ``--max-drop`` and ``--fail-under``: it is caught if that exits with 9, or fails as
a whole. What fell short is printed and kept in eval/results/mutants.json.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "eval" / "results" / "mutants.json"

GATE = (
    "--max-drop",
    "right=0.01,recall@1=0.01,recall@5=0.01,mrr=0.01,citation_precision=0.01,auroc_right=0.02,ece=0.02",
    "--fail-under",
    "verbatim=1",
)  # fmt: skip
"""Answers repeat themselves to the digit, so that the gate can be narrow."""

_FELL_SHORT = 9


@dataclass(frozen=True, slots=True)
class Mutant:
    """``old``, which stands once in ``file``, is replaced by ``new``."""

    name: str
    breaks: str
    file: str
    old: str
    new: str

    def write(self, folder: Path) -> None:
        """Write a copy of aiqa's source that is this mutant."""
        shutil.copytree(ROOT / "src" / "aiqa", folder / "aiqa")
        path = folder / "aiqa" / self.file
        text = path.read_text("utf-8")
        if text.count(self.old) != 1:
            raise ValueError(f"{self.name}: {self.file} no longer has, once, {self.old!r}.")
        path.write_text(text.replace(self.old, self.new), "utf-8")


MUTANTS = (
    Mutant(
        "worst-first", "retrieval: passages come in the reverse order",
        "retrieval/retriever.py", "(-hit.score, hit.chunk.source", "(hit.score, hit.chunk.source",
    ),
    Mutant(
        "cosines-upside-down", "retrieval: low cosines count more than high ones in the fusion",
        "retrieval/fusion.py",
        "(dense - dense.min()) / spread", "(dense.max() - dense) / spread",
    ),
    Mutant(
        "first-passages-lost", "retrieval: the best three passages are left out",
        "retrieval/retriever.py", "hit.chunk.start))[:k]", "hit.chunk.start))[3:k]",
    ),
    Mutant(
        "question-cut", "retrieval: of the question only the first word is embedded",
        "retrieval/retriever.py", "else [question]\n", "else [question.split()[0]]\n",
    ),
    Mutant(
        "wrong-option", "spans: the second best candidate is the answer",
        "reader/span_reader.py", "answer = spans[:1]", "answer = spans[1:2] or spans[:1]",
    ),
    Mutant(
        "span-ends-early", "spans: a citation ends a character before its quote",
        "answers/builder.py",
        "            end=span.span.end,\n", "            end=span.span.end - 1,\n",
    ),
    Mutant(
        "quote-shifted", "citations: the quote begins a character late",
        "answers/builder.py", "document.text[span.span.start", "document.text[span.span.start + 1",
    ),
    Mutant(
        "no-citations", "citations: answers come without them",
        "answers/builder.py", "in (best, *likely)[:_MOST_CITATIONS]", "in group[:0]",
    ),
    Mutant(
        "confidence-reversed", "calibration: the surer the reader, the lower the confidence",
        "answers/calibration.py", "@ weights + self.offset", "@ -weights - self.offset",
    ),
    Mutant(
        "overconfident", "calibration: everything is all but certain",
        "answers/calibration.py", "@ weights + self.offset", "@ weights + 9",
    ),
)  # fmt: skip


def evaluated(
    project: Path, out: Path, limit: int, source: Path | None = None, gate: Sequence[str] = ()
) -> tuple[int, dict[str, Any]]:
    """Exit code and figures of ``aiqa eval`` in a project folder, run from ``source``."""
    command = [
        sys.executable, "-m", "aiqa", "eval", str(ROOT / "eval" / "gold.jsonl"),
        "--index", "index", "--limit", str(limit), "--out", str(out), "--json", *gate,
    ]  # fmt: skip
    done = subprocess.run(  # noqa: S603  # our own program
        command,
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(source or ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, _FELL_SHORT):
        raise RuntimeError(f"{' '.join(command)} failed: {done.stdout}{done.stderr}")
    return done.returncode, json.loads(done.stdout)


def caught(mutant: Mutant, project: Path, baseline: Path, limit: int) -> list[str]:
    """What the gate says against ``mutant``; nothing if it passes."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        mutant.write(folder)
        gate = ("--baseline", str(baseline), *GATE)
        try:
            code, figures = evaluated(project, folder / "run", limit, folder, gate)
        except RuntimeError:
            return ["aiqa eval fails."]
    short: list[str] = figures["fell_short"]
    return short if code == _FELL_SHORT else []


def main() -> None:
    """Try the mutants, print and keep what becomes of them; fail if one passes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these mutants")
    parser.add_argument("--limit", type=int, default=40, help="questions asked")
    options = parser.parse_args()
    table: dict[str, Any] = {}
    with TemporaryDirectory() as name:
        project = Path(name)
        (project / "corpus").symlink_to(ROOT / "corpus")
        ingest = [sys.executable, "-m", "aiqa", "ingest", "corpus", "--index", "index", "--json"]
        subprocess.run(ingest, cwd=project, check=True, capture_output=True)  # noqa: S603
        evaluated(project, project / "base", options.limit)
        gate = ("--baseline", str(project / "base"), *GATE)
        code, _ = evaluated(project, project / "again", options.limit, gate=gate)
        if code:
            sys.exit("aiqa as it is does not pass its own gate.")
        for mutant in MUTANTS:
            if not options.names or mutant.name in options.names:
                short = caught(mutant, project, project / "base", options.limit)
                table[mutant.name] = {"breaks": mutant.breaks, "fell_short": short}
                print(mutant.name, "caught:" if short else "PASSES", *short, flush=True)
    if not options.names:
        kept = {"limit": options.limit, "gate": GATE, "mutants": table}
        RESULT.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    sys.exit(any(not told["fell_short"] for told in table.values()))


if __name__ == "__main__":
    main()
