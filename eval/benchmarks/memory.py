"""The most memory that ingesting much text takes.

``python -m eval.benchmarks.memory [--megabytes 1000] [--file-kb 1000] [--place FOLDER]``

By default a stand-in embeds, since the real model would take a day for a gigabyte on two cores; the
real model is loaded all the same and embeds a full batch first, so that its memory counts. Reading
processes count too: what is told is the sum over all processes, sampled ten times a second.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from eval.benchmarks.texts import write_tree

ROOT = Path(__file__).parents[2]
RESULT = ROOT / "eval" / "results" / "memory.json"

_INGEST = """
import sys
from pathlib import Path
from aiqa import Assistant, Settings
from aiqa.embedders import open_embedder
from eval.benchmarks.hashing import HashEmbedder
real = open_embedder()
real.encode(["word " * 240] * 64)
given = HashEmbedder() if sys.argv[1] == "hashing" else real
with Assistant(Path("index"), Settings.load(), given) as assistant:
    assistant.ingest("docs")
    print("ingested", flush=True)
    assistant.search("Which number is the report filed under?")
    status = assistant.status()
    check = assistant.check()
    print(status.documents, status.chunks, check.vector_index, check.recall, sep="|", flush=True)
"""


def resident(root: int) -> int:
    """Bytes that process ``root`` and its children hold, shared pages counted once (PSS)."""
    children = Path(f"/proc/{root}/task/{root}/children")
    try:
        total = sum(resident(int(child)) for child in children.read_text().split())
        for line in Path(f"/proc/{root}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return total + int(line.split()[1]) * 1024
    except (OSError, ValueError):
        return 0
    return total


def anonymous(root: int) -> int:
    """Bytes of ``root`` and its children that no file backs and the system cannot take back."""
    children = Path(f"/proc/{root}/task/{root}/children")
    try:
        total = sum(anonymous(int(child)) for child in children.read_text().split())
        for line in Path(f"/proc/{root}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return total + int(line.split()[1]) * 1024
    except (OSError, ValueError):
        return 0
    return total


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--file-kb", type=int, default=1000)
    parser.add_argument("--embedder", choices=["hashing", "bundled"], default="hashing")
    parser.add_argument("--place", type=Path, help="a folder on a disk with room for it")
    options = parser.parse_args()
    with TemporaryDirectory(dir=options.place) as name:
        place = Path(name)
        size = options.file_kb * 1000
        written = write_tree(place / "docs", options.megabytes * 1_000_000 // size, size)
        clock, peak, peak_anonymous, ingested = time.monotonic(), 0, 0, 0.0
        log = place / "said"
        with (
            log.open("w") as out,
            subprocess.Popen(  # noqa: S603
                [sys.executable, "-c", _INGEST, options.embedder],
                cwd=place,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=out,
            ) as process,
        ):
            while process.poll() is None:
                if not ingested and "ingested" in log.read_text():
                    ingested = time.monotonic() - clock
                peak = max(peak, resident(process.pid))
                peak_anonymous = max(peak_anonymous, anonymous(process.pid))
                time.sleep(0.1)
        if process.returncode:
            sys.exit(f"The ingest failed with exit code {process.returncode}.")
        said = log.read_text()
        documents, chunks, kind, recall = said.splitlines()[-1].split("|")
    figures = {
        "embedder": options.embedder,
        "bytes": written,
        "documents": int(documents),
        "chunks": int(chunks),
        "vector_index": kind,
        "recall_at_20": round(float(recall), 4),
        "ingest_s": round(ingested),
        "peak_gib": round(peak / 2**30, 3),
        "peak_anonymous_gib": round(peak_anonymous / 2**30, 3),
    }
    print(json.dumps(figures, indent=1))
    RESULT.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
