"""How long aiqa takes from nothing: imports, a cold question, the chat's page; and its memory.

``python -m eval.benchmarks.startup [--index DIR] [--times 5]``

Each is run in a new process, in turns; the fastest of each is told, as are its processor seconds,
which depend less on what else the machine does. Figures are kept in eval/results/startup.json.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

RESULT = Path(__file__).parents[1] / "results" / "startup.json"
_QUESTION = "How much does SenseRobot cost?"


def measured(command: list[str], until: str = "") -> dict[str, float]:
    """Run ``command`` to its end, or until it prints ``until``: seconds, and the peak of memory."""
    start = time.perf_counter()
    # Popen would reap the child, and its use of resources with it.
    read, write = os.pipe()
    actions = [(os.POSIX_SPAWN_DUP2, write, 1), (os.POSIX_SPAWN_CLOSE, read)]
    child = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
    os.close(write)
    with os.fdopen(read) as out:
        told = any(until in line for line in out) if until else bool(out.read())
    seconds = time.perf_counter() - start
    if until:
        os.kill(child, signal.SIGINT)
    _, status, used = os.wait4(child, 0)
    if not told if until else status:
        sys.exit(f"{' '.join(command)} failed.")
    return {
        "seconds": round(seconds, 2),
        "processor_seconds": round(used.ru_utime + used.ru_stime, 2),
        "peak_mib": round(used.ru_maxrss / 1024),
    }


def free_port() -> str:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", default="index", help="an index of corpus/")
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    python, index = sys.executable, ["--index", options.index]
    commands: dict[str, tuple[list[str], str]] = {
        "python alone": ([python, "-c", "print()"], ""),
        "import aiqa": ([python, "-c", "import aiqa; print()"], ""),
        "aiqa ask": ([python, "-m", "aiqa", "ask", _QUESTION, *index], ""),
        "aiqa chat, until its page is served": (
            [python, "-m", "aiqa", "chat", *index, "--port", free_port()],
            "The chat is at",
        ),
    }
    figures: dict[str, Any] = {}
    for _ in range(options.times):
        for name, (command, until) in commands.items():
            found = measured(command, until)
            best = figures.setdefault(name, found)
            figures[name] = {key: min(value, best[key]) for key, value in found.items()}
    print(json.dumps(figures, indent=1))
    RESULT.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
