"""How long an ingest takes, beside sentence-transformers that only embeds the same passages.

``python -m eval.benchmarks.ingest [FOLDER] [--times 2]``

`aiqa ingest` is a new process, reading processes and the writing of the index included;
`SentenceTransformer.encode`, with its defaults, is timed without its import and loading. Both in
turns; the fastest of each is told. Figures are kept in eval/results/ingest.json.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from eval.benchmarks.startup import measured
from sentence_transformers import SentenceTransformer

from aiqa import Assistant
from aiqa.embedders import bundled_path

RESULT = Path(__file__).parents[1] / "results" / "ingest.json"


def passages(index: Path) -> list[str]:
    """Return what was embedded: every passage below its headings."""
    with Assistant.open(index) as assistant:
        chunks = [c for d in assistant.documents() for c in assistant.chunks(d.id)]
    return [f"{chunk.context}\n{chunk.text}".strip() for chunk in chunks]


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", default="corpus")
    parser.add_argument("--times", type=int, default=2)
    options = parser.parse_args()
    reference = SentenceTransformer(str(bundled_path()), device="cpu")
    figures: dict[str, Any] = {}

    def keep(name: str, found: dict[str, float]) -> None:
        best = figures.setdefault(name, found)
        figures[name] = {key: min(value, best[key]) for key, value in found.items()}

    with TemporaryDirectory() as work:
        for number in range(options.times):
            index = Path(work) / str(number)
            command = [sys.executable, "-m", "aiqa", "ingest", options.folder, "--json"]
            keep("aiqa ingest", measured([*command, "--index", str(index)]))
            texts = passages(index)
            clock, processor = time.perf_counter(), time.process_time()
            reference.encode(texts)
            keep(
                "SentenceTransformer.encode",
                {
                    "seconds": round(time.perf_counter() - clock, 2),
                    "processor_seconds": round(time.process_time() - processor, 2),
                },
            )
    print(json.dumps({"passages": len(texts), **figures}, indent=1))
    RESULT.write_text(json.dumps({"passages": len(texts), **figures}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
