"""How many questions several callers get answered at a time, and whether the answers stay the same.

``python -m eval.benchmarks.throughput [--index DIR] [--questions 40] [--callers 1 2 4 8]``

The callers are threads that share one assistant, as those of the chat do. Each number of callers
gets the same questions, in turns with the others; the best of three rounds is told: answers a
second, processor seconds an answer, and the share of the machine's processors that was in use,
without which answers a second say little on a machine that has other work. Figures are kept in
eval/results/throughput.json.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from aiqa import Answer, Assistant

RESULT = Path(__file__).parents[1] / "results" / "throughput.json"
GOLD = Path(__file__).parents[1] / "gold.jsonl"
_ROUNDS = 3


def asked(assistant: Assistant, questions: list[str], callers: int) -> tuple[list[Answer], Any]:
    """Return the answers, without their times, and what they took."""
    clock, processor = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(callers) as threads:
        answers = list(threads.map(assistant.ask, questions))
    seconds, used = time.perf_counter() - clock, time.process_time() - processor
    return [replace(answer, timings_ms={}, unread={}) for answer in answers], {
        "answers_per_second": round(len(questions) / seconds, 2),
        "processor_seconds_per_answer": round(used / len(questions), 3),
        "processors_in_use": round(used / seconds / (os.cpu_count() or 1), 2),
    }


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", default="index", help="an index of corpus/")
    parser.add_argument("--questions", type=int, default=40)
    parser.add_argument("--callers", type=int, nargs="+", default=[1, 2, 4, 8])
    options = parser.parse_args()
    lines = GOLD.read_text("utf-8").splitlines()[: options.questions]
    questions = [json.loads(line)["question"] for line in lines]
    figures: dict[str, Any] = {}
    with Assistant.open(options.index) as assistant:
        assistant.warm_up()
        alone, _ = asked(assistant, questions, 1)
        for _ in range(_ROUNDS):
            for callers in options.callers:
                answers, found = asked(assistant, questions, callers)
                if answers != alone:
                    sys.exit(f"{callers} callers got other answers than one.")
                best = figures.setdefault(f"{callers} callers", found)
                if found["answers_per_second"] > best["answers_per_second"]:
                    figures[f"{callers} callers"] = found
    figures["peak_mib"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps(figures, indent=1))
    RESULT.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
