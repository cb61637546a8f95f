"""An index that follows its folders while they change."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiqa.assistant import Assistant
from aiqa.documents import is_supported
from aiqa.errors import CatalogError, SourceError
from aiqa.types import IngestReport

_AGAIN_MS = 3000
"""Pause after which an ingest that failed is tried again, changes or not."""


def follow(
    assistant: Assistant, paths: Sequence[str | Path], options: Mapping[str, Any]
) -> Iterator[IngestReport | SourceError | CatalogError]:
    """Ingest ``paths`` with these ``options`` again whenever documents there have changed.

    Changes that come close upon one another are taken together. What an ingest fails of, such as
    another process that writes, is given once, and the ingest is tried again until it succeeds.
    Ends with ``KeyboardInterrupt``.

    Raises:
        SourceError: a path is gone.
    """
    from watchfiles import Change, watch

    def matters(_: Change, changed: str) -> bool:
        return is_supported(Path(changed)) or not Path(changed).suffix

    trouble: SourceError | CatalogError | None = None
    try:
        with _interrupted() as stop:
            for changes in watch(
                *paths, watch_filter=matters, debounce=500, step=100, raise_interrupt=True,
                rust_timeout=_AGAIN_MS, yield_on_timeout=True, stop_event=stop,
            ):  # fmt: skip
                if not (changes or trouble):
                    continue
                try:
                    report = assistant.ingest(*paths, **options)
                except (SourceError, CatalogError) as error:
                    if not all(Path(path).exists() for path in paths):
                        raise  # what is put in its place would not be watched
                    if str(error) != str(trouble):
                        yield error
                    trouble = error
                    continue
                trouble = None
                if report.changes or report.failed:
                    yield report
        raise KeyboardInterrupt
    except FileNotFoundError as error:
        raise SourceError(
            f"A path to watch is gone: {error}.", "Name files and folders that are there."
        ) from error


@contextmanager
def _interrupted() -> Iterator[threading.Event]:
    """Is set by Ctrl-C, beside the exception: Python drops one that is raised in a finaliser."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop  # signals are for the main thread
        return

    def interrupt(*_: object) -> None:
        stop.set()
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
