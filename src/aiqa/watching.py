"""An index that follows its folders while they change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from aiqa.assistant import Assistant
from aiqa.documents import is_supported
from aiqa.errors import SourceError
from aiqa.types import IngestReport


def follow(
    assistant: Assistant, paths: Sequence[str | Path], options: Mapping[str, Any]
) -> Iterator[IngestReport]:
    """Ingest ``paths`` with these ``options`` again whenever documents there have changed.

    Changes that come close upon one another are taken together. Ends with ``KeyboardInterrupt``.

    Raises:
        SourceError: a path is gone.
        CatalogError: the index cannot be written.
    """
    from watchfiles import Change, watch

    def matters(_: Change, changed: str) -> bool:
        return is_supported(Path(changed)) or not Path(changed).suffix

    try:
        changes = watch(*paths, watch_filter=matters, debounce=500, step=100, raise_interrupt=True)
        for _ in changes:
            report = assistant.ingest(*paths, **options)
            if report.changes or report.failed:
                yield report
    except FileNotFoundError as error:
        raise SourceError(
            f"A path to watch is gone: {error}.", "Name files and folders that are there."
        ) from error
