"""How well aiqa answers research sets, reading their passages or searching them all.

``python -m eval.benchmarks.answers reading|open SET… [--limit N] [--withhold SHARE] [--out FILE]``

A SET is anything that ``aiqa eval`` takes: SQuAD's own JSON, say, or rows with a context each.
``reading`` puts each question to its own passage, ``open`` to all passages of its set as one
collection. The table is kept in eval/results/reading.json or open.json, a column a set.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiqa import Assistant
from aiqa.evaluation import Figures, evaluate, load_dataset, open_system
from aiqa.evaluation.systems import Mode

RESULTS = Path(__file__).parents[1] / "results"


def answered(
    path: Path, mode: Mode, assistant: Assistant, limit: int | None, withhold: float
) -> dict[str, Any]:
    """The headline figures of one set, with its seconds and the questions each stage got wrong."""
    gold = load_dataset(path)
    if limit:
        gold = gold.limit(limit)
    if withhold:
        gold = gold.withhold(withhold)
    clock = time.monotonic()
    with open_system(gold, mode, assistant) as subject:
        made = time.monotonic()
        rows, timings = zip(*evaluate(subject, gold.questions), strict=True)
    figures = Figures.of(rows, timings)
    return {
        **figures.headline(),
        "passages": len(gold.passages),
        "passages_per_s": round(len(gold.passages) / (made - clock), 1) if mode == "open" else None,
        "stages": dict(figures.stages),
    }


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mode", choices=["reading", "open"])
    parser.add_argument("sets", type=Path, nargs="+")
    parser.add_argument("--limit", type=int, help="questions of each set, evenly chosen")
    parser.add_argument("--withhold", type=float, default=0.0, help="share left without passage")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    out = options.out or RESULTS / f"{options.mode}.json"
    table: dict[str, Any] = {}
    with TemporaryDirectory() as folder, Assistant.open(Path(folder) / "index") as assistant:
        for path in options.sets:
            name = path.name.split(".")[0]
            table[name] = answered(path, options.mode, assistant, options.limit, options.withhold)
            print(name, json.dumps(table[name], indent=1), flush=True)
    told = {"limit": options.limit, "withhold": options.withhold, "sets": table}
    out.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
