"""How long an ingest of an unchanged tree takes, beside the first one.

``python -m eval.benchmarks.resync [--files 10000] [--size 600] [--embedder bundled|hashing]``

Each ingest is a process of its own, started from nothing. Also tells what one changed file costs.
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
RESULT = ROOT / "eval" / "results" / "resync.json"

_INGEST = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from aiqa import Assistant, Settings
from eval.benchmarks.hashing import HashEmbedder
given = HashEmbedder() if sys.argv[1] == "hashing" else None
with Assistant(Path("index"), Settings.load(), given) as assistant:
    report = asdict(assistant.ingest("docs"))
print(json.dumps({name: report[name] for name in ("added", "updated", "unchanged", "chunks")}))
"""


def timed(place: Path, embedder: str) -> tuple[float, dict[str, int]]:
    """Seconds that an ingest takes, and what it says it did."""
    clock = time.monotonic()
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", _INGEST, embedder],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    )
    report: dict[str, int] = json.loads(done.stdout)
    return round(time.monotonic() - clock, 2), report


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--size", type=int, default=600, help="characters in a file")
    parser.add_argument("--embedder", choices=["bundled", "hashing"], default="bundled")
    options = parser.parse_args()
    with TemporaryDirectory() as name:
        place = Path(name)
        write_tree(place / "docs", options.files, options.size)
        first, report = timed(place, options.embedder)
        again, unchanged = timed(place, options.embedder)
        (place / "docs" / "0000" / "00.md").write_text("# One\n\nThis one was changed.\n", "utf-8")
        one, changed = timed(place, options.embedder)
    assert unchanged["unchanged"] == options.files, unchanged  # noqa: S101
    assert (changed["updated"], changed["added"]) == (1, 0), changed  # noqa: S101
    figures = {
        **vars(options),
        "chunks": report["chunks"],
        "first_s": first,
        "unchanged_s": again,
        "unchanged_share": round(again / first, 4),
        "one_changed_s": one,
    }
    print(json.dumps(figures, indent=1))
    RESULT.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
