"""The manifest of a snapshot: whose it is, of which generation, and the checksums of its files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from aiqa.checksums import sha256
from aiqa.index.catalog import SqliteCatalog
from aiqa.index.seal import is_sealed, sealed

PREFIX = "derived-"
"""How the names of the folders of snapshots begin."""

_FILE = "manifest.json"

_VERSION = 3
"""Version of the files of a snapshot; those of another are made again."""

UNREADABLE = (RuntimeError, ValueError, OSError, LookupError, TypeError, AttributeError)
"""Exceptions of reading a damaged or just deleted snapshot."""

_MOST_READ = 1000
"""Files whose checksums are remembered."""

_read: dict[tuple[int, int, int, int], str] = {}
"""Checksums by device, inode, size and time of change: snapshots share files by hard links."""


@dataclass(frozen=True, slots=True)
class SnapshotSize:
    """How many ``chunks`` a snapshot has.

    ``stale`` are the removed chunks that the statistics of the BM25 index still include.
    """

    chunks: int
    stale: int = 0


def place_of(folder: Path, generation: int) -> Path:
    """Return where in the index ``folder`` the snapshot of a generation is."""
    return folder / f"{PREFIX}{generation:06d}"


def write_manifest(
    draft: Path, catalog: SqliteCatalog, generation: int, size: SnapshotSize
) -> None:
    """Seal the files in ``draft`` as the snapshot of a ``generation`` of ``catalog``."""
    manifest = {
        "version": _VERSION,
        "generation": generation,
        "stamp": catalog.stamp(generation),
        "recipe": asdict(catalog.recipe),
        "size": asdict(size),
        "files": checksums(draft),
    }
    manifest["seal"] = sealed(_content(manifest))
    (draft / _FILE).write_text(json.dumps(manifest), "utf-8")


def is_sound(place: Path, catalog: SqliteCatalog, generation: int) -> bool:
    """Tell whether the files in ``place`` are complete and of that generation of ``catalog``.

    They are only if this user made them.
    """
    return _manifest(place, catalog, generation) is not None


def sound_places(catalog: SqliteCatalog, folder: Path) -> Iterator[tuple[Path, int, SnapshotSize]]:
    """Yield the sound snapshots in ``folder`` of the present recipe, the newest first.

    Each comes with its generation and its size.
    """
    for place in sorted(folder.glob(f"{PREFIX}[0-9]*"), reverse=True):
        generation = int(place.name.removeprefix(PREFIX))
        manifest = _manifest(place, catalog, generation)
        if manifest and manifest["recipe"] == asdict(catalog.recipe):
            yield place, generation, SnapshotSize(**manifest["size"])


def checksums(place: Path) -> dict[str, str]:
    """Return the SHA-256 of every data file in ``place``, by its relative path.

    The seal of the manifest vouches for them, so they must be such that nobody can forge.
    """
    files = [
        path
        for path in sorted(place.rglob("*"))
        # Tantivy has empty lock files beside its data.
        if path.is_file() and path.name != _FILE and not path.name.endswith(".lock")
    ]
    with ThreadPoolExecutor() as threads:
        found = threads.map(_checksum, files)
        names = [path.relative_to(place).as_posix() for path in files]
        return dict(zip(names, found, strict=True))


def _checksum(path: Path) -> str:
    """Return the SHA-256 of a file; one that this process has read need not be read again."""
    state = path.stat()
    identity = state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns
    if identity not in _read:
        if len(_read) >= _MOST_READ:
            _read.clear()
        _read[identity] = sha256(path)
    return _read[identity]


def _manifest(place: Path, catalog: SqliteCatalog, generation: int) -> dict[str, Any] | None:
    """Return the manifest of ``place`` without its seal; None unless it ``is_sound``."""
    try:
        manifest_file = place / _FILE
        # Reading a pipe would wait for somebody to write to it.
        manifest = json.loads(manifest_file.read_bytes() if manifest_file.is_file() else b"")
        seal = manifest.pop("seal")
        sound = (
            is_sealed(_content(manifest), seal)
            and manifest["version"] == _VERSION
            and manifest["generation"] == generation
            and manifest["stamp"] == catalog.stamp(generation) is not None
            and manifest["files"] == checksums(place)
        )
    except UNREADABLE:
        return None
    return manifest if sound else None


def _content(manifest: dict[str, Any]) -> str:
    return json.dumps(manifest, sort_keys=True)
