"""Files found against files stored: what there is to do for each."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from aiqa.batches import batched
from aiqa.checksums import sha256
from aiqa.documents import LOADER_VERSION
from aiqa.documents.archives import is_container
from aiqa.ingestion.file_discovery import FoundFiles
from aiqa.storage import Catalog, StoredFile
from aiqa.types import Failure

_SETTLED_NS = 2_000_000_000
"""A file changed so shortly before it is read may change again within its clock's precision."""

_AT_ONCE = 1000

_OUTSIDE = (
    "This is a link to a file outside the folder, which is not followed. "
    "Ingest that file itself, or copy it into the folder."
)

Action = Literal["keep", "touch", "link", "parse", "fail"]
"""keep: as it was. touch: same bytes. link: bytes of a stored document. parse: new bytes."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file as it is now; ``stored`` is what it was, if it was ingested before."""

    source: str
    path: Path
    collection: str
    action: Action
    size: int = -1
    mtime_ns: int = 0
    checksum: str = ""
    stored: StoredFile | None = None
    failure: Failure | None = None

    def to_store(self, checksum: str, loader: int = LOADER_VERSION) -> StoredFile:
        """Return the file as it is to be remembered."""
        return StoredFile(self.source, self.collection, self.size, self.mtime_ns, checksum, loader)


def detect_changes(
    inputs: FoundFiles, catalog: Catalog | None, collection: str | None, *, verify: bool
) -> Iterator[FileChange]:
    """Yield what each file has become; ``verify`` reads those too that seem not to have changed.

    ``collection`` None leaves files where they are and puts new ones into "default".
    """
    for some in batched(inputs.files.items(), _AT_ONCE):
        stored = catalog.files(source for source, _ in some) if catalog else {}
        for source, path in some:
            before = stored.get(source)
            if source in inputs.outside and path.exists():
                yield _failed(source, path, _collection(collection, before), before, _OUTSIDE)
            else:
                yield _file_change(source, path, collection, before, catalog, verify=verify)


def reliable_mtime(mtime_ns: int) -> int:
    """Return ``mtime_ns`` if it will tell a later change, else 0, which no file has."""
    return mtime_ns if time.time_ns() - mtime_ns > _SETTLED_NS else 0


def _file_change(
    source: str,
    path: Path,
    collection: str | None,
    stored: StoredFile | None,
    catalog: Catalog | None,
    *,
    verify: bool,
) -> FileChange:
    target = _collection(collection, stored)
    current = stored if stored and stored.loader == LOADER_VERSION else None
    try:
        state = path.stat()
        size, mtime_ns = state.st_size, state.st_mtime_ns
        change = FileChange(
            source, path, target, "parse", size, reliable_mtime(mtime_ns), stored=stored
        )
        if current and not verify and (size, mtime_ns) == (current.size, current.mtime_ns):
            action: Action = "keep" if target == current.collection else "touch"
            return replace(change, action=action, checksum=current.checksum)
        if not (catalog and catalog.has_size(size) and path.is_file()):
            return change  # bytes that were never stored need no checksum to tell
        checksum = sha256(path)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return _failed(source, path, target, stored, f"This file cannot be read: {reason}.")
    if current and current.checksum == checksum:
        return replace(change, action="touch", checksum=checksum)
    if catalog and not is_container(source) and catalog.has(checksum, LOADER_VERSION):
        return replace(change, action="link", checksum=checksum)
    return change


def _failed(
    source: str, path: Path, collection: str, stored: StoredFile | None, error: str
) -> FileChange:
    failure = Failure(source, error)
    return FileChange(source, path, collection, "fail", stored=stored, failure=failure)


def _collection(wanted: str | None, stored: StoredFile | None) -> str:
    return wanted or (stored.collection if stored else "default")
