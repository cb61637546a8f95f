"""What is asked of each system and what is measured; runs in every system's own environment.

Only the standard library may be used here.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

CALLERS = 4
"""How many ask at the same time when answers per second are measured."""


def measured(
    ingest: Callable[[list[str]], None],
    answer: Callable[[str], str],
    versions: dict[str, str],
) -> None:
    """Do the work that the file named first on the command line holds; write what was found.

    ``ingest`` takes all passages. ``answer`` gives the words of the best answer, "" if the system
    has none. An exception is one question's answer: "", with the error's name.
    """
    work = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    clock = time.perf_counter()
    ingest(work["passages"])
    ingest_s = time.perf_counter() - clock
    answer(work["warm_up"])

    def ask(question: str) -> dict[str, Any]:
        begun = time.perf_counter()
        try:
            text, error = answer(question), None
        except Exception as raised:  # noqa: BLE001 - whatever a system raises counts as wrong
            text, error = "", type(raised).__name__
        return {"text": text, "error": error, "seconds": time.perf_counter() - begun}

    alone = [ask(question) for question in work["questions"]]
    clock = time.perf_counter()
    with ThreadPoolExecutor(CALLERS) as callers:
        together = list(callers.map(ask, work["questions"]))
    found = {
        "versions": versions,
        "ingest_s": ingest_s,
        "answers": alone,
        "together_s": time.perf_counter() - clock,
        "together_errors": sum(one["error"] is not None for one in together),
        "together_same": sum(
            one["text"] == other["text"] for one, other in zip(alone, together, strict=True)
        ),
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    Path(sys.argv[2]).write_text(json.dumps(found), "utf-8")
