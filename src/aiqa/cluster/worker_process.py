"""Workers of an ingest as processes of this machine."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.process import BaseProcess
from typing import Any

from aiqa.cluster.ingestion import Start
from aiqa.documents.sandbox.confinement import end_with_parent
from aiqa.embedders import Embedder
from aiqa.errors import AiqaError

_MOST_REPLACED = 10
"""Workers started in the place of others for each that was asked for."""


@dataclass(frozen=True, slots=True)
class WorkPlan:
    """What a worker is told; it can be sent to other machines.

    ``index`` is the index's address, ``settings`` those of ``Settings``, and ``embedder`` makes
    the embedder.
    """

    index: str
    settings: dict[str, Any]
    embedder: Callable[[], Embedder]
    lease_seconds: float
    run: int = 0


class Processes:
    """The worker processes of one run."""

    def __init__(self, plan: WorkPlan, count: int) -> None:
        self._plan = plan
        self._threads = max(1, (os.cpu_count() or 1) // count)
        # Not forked: threads and connections of this process would be copied half.
        self._context = multiprocessing.get_context("spawn")
        self._replaceable = count * _MOST_REPLACED
        self._running = [self._started() for _ in range(count)]

    def keep_up(self) -> int:
        """Replace those that were killed; return how many run."""
        for place, process in enumerate(self._running):
            if process.exitcode is not None and process.exitcode < 0 and self._replaceable:
                self._replaceable -= 1
                self._running[place] = self._started()
        return sum(process.is_alive() for process in self._running)

    def end(self) -> None:
        """Kill those that still run."""
        for process in self._running:
            process.kill()
        for process in self._running:
            process.join()

    def _started(self) -> BaseProcess:
        process = self._context.Process(
            target=_work, args=(self._plan, self._threads), daemon=True, name="aiqa worker"
        )
        process.start()
        return process


def processes(plan: WorkPlan, count: int) -> Start:
    """Return what starts ``count`` worker processes for a run."""

    @contextmanager
    def start(run: int) -> Iterator[Processes]:
        crew = Processes(replace(plan, run=run), count)
        try:
            yield crew
        finally:
            crew.end()

    return start


def _work(plan: WorkPlan, threads: int) -> None:
    end_with_parent()
    # Ctrl-C is for whoever started this process to answer to.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Several embedders with all processors each would wait for one another.
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    from aiqa.cluster.indexer import work

    try:
        work(plan)
    except AiqaError as error:
        # It is in the queue, from which it is told.
        sys.exit(error.exit_code)
