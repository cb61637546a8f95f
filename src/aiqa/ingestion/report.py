"""What an ingest did or would do, by file; and removal, which reports the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

from aiqa.batches import batched
from aiqa.documents import supported
from aiqa.errors import SourceError
from aiqa.ingestion.change_detection import detect_changes
from aiqa.ingestion.file_discovery import FoundFiles, is_under
from aiqa.storage import Catalog, Store
from aiqa.types import Change, Failure, IngestReport, Omission

_LISTED = 10
"""Failures that an error tells one by one."""

_COMPARED = 10_000
_AT_ONCE = 1000


@dataclass(slots=True)
class IngestTally:
    """What one run did, by file."""

    changes: dict[str, Change] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    without: set[str] = field(default_factory=set)
    """Files of which nothing could be read."""
    bytes_done: int = 0

    def removed(self, files: set[str], catalog: Catalog) -> None:
        """Count those of ``files``, about to be deleted, of which anything was stored."""
        for file in files:
            if catalog.sources_of(file):
                self.changes[file] = Change(file, "removed")


def preview(
    inputs: FoundFiles, catalog: Catalog | None, collection: str | None, *, verify: bool
) -> IngestReport:
    """Report what ``Ingestion.run`` would do, as far as can be told without reading."""
    tally = IngestTally()
    for file in detect_changes(inputs, catalog, collection, verify=verify):
        if file.failure:
            tally.failures.append(file.failure)
            tally.without.add(file.source)
        elif file.action in ("link", "parse"):
            tally.changes[file.source] = Change(file.source, "updated" if file.stored else "added")
    if catalog:
        tally.removed(gone(inputs, catalog), catalog)
    return ingest_report(catalog, inputs, tally)


def remove(sources: Sequence[str], index: Store) -> IngestReport:
    """Delete ``sources``, each a source or a folder of them; see ``Assistant.remove``."""
    catalog = index.catalog
    removed: set[str] = set()
    for source in sources:
        name = Path(source).as_posix()
        matches = catalog.names_at(name)
        if not matches:
            near = get_close_matches(name, _names(catalog), n=1, cutoff=0.5)
            hint = f"Did you mean {near[0]}?" if near else "`aiqa status` lists what is there."
            raise SourceError(f"There is no source {source} in the index.", hint)
        removed |= matches
    files, stored = catalog.files(removed), catalog.sources(removed)
    with index.writing():
        index.shrink(lambda: _delete(catalog, removed - files.keys(), removed & files.keys()))
        index.refresh_snapshot()
    tally = IngestTally({name: Change(name, "removed") for name in removed & stored.keys()})
    return ingest_report(catalog, FoundFiles({}, ()), tally)


def _names(catalog: Catalog) -> set[str]:
    """Return the names that a misspelt one is compared with."""
    files = (file.source for file in islice(catalog.all_files(), _COMPARED))
    return {*files, *(source for source, _ in islice(catalog.all_sources(), _COMPARED))}


def _delete(catalog: Catalog, sources: set[str], files: set[str]) -> None:
    with catalog.transaction() as changes:
        changes.remove_sources(sorted(sources))
        changes.remove_files(sorted(files))


def gone(inputs: FoundFiles, catalog: Catalog) -> set[str]:
    """Return the stored files of the folders looked through that are no longer there."""
    return {
        file
        for root in inputs.roots
        for file in catalog.files_under(root)
        if file not in inputs.files and not any(is_under(file, folder) for folder in inputs.closed)
    }


def ingest_report(catalog: Catalog | None, inputs: FoundFiles, tally: IngestTally) -> IngestReport:
    """Build the report of what ``tally`` counted about ``inputs``."""
    counts = {"added": 0, "updated": 0, "removed": 0}
    for change in tally.changes.values():
        counts[change.what] += 1
    documents, chunks = catalog.counts() if catalog else (0, 0)
    touched = counts["added"] + counts["updated"]
    return IngestReport(
        **counts,
        unchanged=len(inputs.files) - touched - len(tally.without),
        failed=tuple(tally.failures),
        documents=documents,
        chunks=chunks,
        changes=tuple(sorted(tally.changes.values(), key=lambda change: change.source)),
        omissions=tuple(_omissions(catalog, inputs.files)) if catalog else (),
    )


def _omissions(catalog: Catalog, files: Iterable[str]) -> Iterator[Omission]:
    for some in batched(files, _AT_ONCE):
        yield from catalog.omissions(some)


def nothing_read(failures: Sequence[Failure]) -> SourceError:
    """Return the error of an ingest in which every file failed."""
    listed = " ".join(f"{one.source}: {one.error}" for one in failures[:_LISTED])
    rest = len(failures) - _LISTED
    more = f" And {rest} more; `aiqa status --failures` lists them." if rest > 0 else ""
    return SourceError(
        f"No file could be ingested. {listed}{more}", f"Formats read: {supported()}."
    )
