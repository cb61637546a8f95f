"""What an index of many passages costs: time to open, search and change it, recall, and memory.

``python -m eval.benchmarks.scale [--sizes 10000 100000] [--folder DIR]``

Indexes are those of ``eval.benchmarks.generated_index``, always the same. They stay in --folder if
one is given, and are not made again. Searches are the middle of 50 questions, which the bundled
embedder embeds, and give the 20 passages that are read; opening and memory are those of a new
process. "ingest" is one of three new files, "update" of one that changed. Times are told by the
clock and in processor milliseconds. Figures are kept in eval/results/scale.json.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from eval.benchmarks.generated_index import (
    CHUNKS,
    DrawnEmbedder,
    document,
    generate,
    questions,
)
from eval.benchmarks.vectors import drawn

from aiqa import Assistant, Filters, Settings
from aiqa.embedders import open_embedder
from aiqa.errors import SourceError
from aiqa.index import Index
from aiqa.index.integrity import recall

RESULT = Path(__file__).parents[1] / "results" / "scale.json"
_QUESTIONS = 50
_READ = 20
_RECALLED = 200

Times = dict[str, float]


def measured(folder: Path, size: int) -> dict[str, Any]:
    """Open the index in ``folder``, search and change it; told of this process alone."""
    import faiss  # noqa: F401
    import tantivy  # noqa: F401

    embedder = open_embedder()
    embedder.encode(["warm up"])
    figures: dict[str, Any] = {}
    with Assistant(folder, Settings.load(), DrawnEmbedder(embedder)) as assistant:
        index = assistant.store.index
        figures["open"] = _timed(index.snapshot)
        with closing(Index(folder)) as opened:
            figures["vector_index"] = opened.snapshot().vectors.kind
        asked = list(questions(size // CHUNKS, 2 * _QUESTIONS))
        # The first ones bring the pages of the files that all searches need into memory.
        _middle(assistant, asked[_QUESTIONS:])
        figures["search"] = _middle(assistant, asked[:_QUESTIONS])
        tenth = Filters(sources=("reports/3/*",))
        figures["search in a tenth, first"] = _middle(assistant, asked[:1], tenth)
        figures["search in a tenth"] = _middle(assistant, asked[:_QUESTIONS], tenth)
        figures["resident_mib"] = _resident_mib()
        figures |= _changed(assistant, folder.parent / "changes")
    return figures


def recalled(folder: Path) -> float | None:
    """Return the recall at 20 of the nearest passages of questions that are drawn."""
    index = Index(folder)
    found = recall(index.catalog, index.snapshot(), drawn(_RECALLED, seed=7))
    index.close()
    return found


def _changed(assistant: Assistant, folder: Path) -> dict[str, Times]:
    """Ingest, change and remove a few small files."""
    with suppress(SourceError):
        # What a run that was broken off has left.
        assistant.remove(folder.name)
    folder.mkdir(exist_ok=True)
    for number in range(3):
        text = document(10**7 + number)[0].text[:500]
        (folder / f"{number}.md").write_text(f"# Note {number}\n\n{text}\n", "utf-8")
    figures = {"ingest": _timed(lambda: assistant.ingest(folder))}
    (folder / "0.md").write_text("# Note\n\nThis is another note.\n", "utf-8")
    figures["update"] = _timed(lambda: assistant.ingest(folder))
    figures["nothing new"] = _timed(lambda: assistant.ingest(folder))
    figures["removal"] = _timed(lambda: assistant.remove(folder.name))
    return figures


def _middle(assistant: Assistant, asked: Iterable[str], filters: Filters | None = None) -> Times:
    took = [
        _timed(lambda one=one: assistant.passages(one, k=_READ, filters=filters))  # type: ignore[misc]
        for one in asked
    ]
    return {key: round(median(one[key] for one in took), 1) for key in took[0]}


def _timed(act: Callable[[], object]) -> Times:
    clock, processor = time.perf_counter(), time.process_time()
    act()
    spent = time.perf_counter() - clock, time.process_time() - processor
    return {"ms": round(spent[0] * 1000, 1), "processor_ms": round(spent[1] * 1000, 1)}


def _resident_mib() -> int:
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) // 1024


def main() -> None:
    """Generate, measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--folder", type=Path)
    parser.add_argument(
        "--recall", action="store_true", help="compare with all vectors, which takes long"
    )
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        folder, size = options.measure
        print(json.dumps(measured(Path(folder), int(size))))
        return
    figures: dict[str, Any] = {}
    with TemporaryDirectory() as work:
        for size in options.sizes:
            folder = (options.folder or Path(work)) / str(size)
            found = figures.setdefault(str(size), {})
            if not folder.exists():
                found["written"] = _timed(lambda: generate(folder, size))  # noqa: B023
            command = [sys.executable, "-m", "eval.benchmarks.scale", "--measure", str(folder)]
            run = subprocess.run(  # noqa: S603
                [*command, str(size)], stdout=subprocess.PIPE, check=True, text=True
            )
            found |= json.loads(run.stdout)
            if options.recall:
                found["recall_at_20"] = recalled(folder)
            print(json.dumps({size: found}), flush=True)
    RESULT.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
