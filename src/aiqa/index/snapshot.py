"""A snapshot: the search structures derived from one generation of the catalog."""

from __future__ import annotations

import json
import logging
import shutil
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aiqa.checksums import sha256
from aiqa.index.bm25 import LexicalIndex
from aiqa.index.catalog import Catalog
from aiqa.index.seal import is_sealed, key_file, sealed
from aiqa.index.vectors import VectorIndex

PREFIX = "derived-"
_DRAFT = f"{PREFIX}draft-"
_ABANDONED_S = 3600
"""Age from which a draft counts as left behind by a killed process."""

_MOST_CHANGED = 0.3
"""Largest share of changed chunks for which a snapshot is updated instead of rebuilt."""

RESCORED = 4
"""Candidates whose exact cosines are computed, as a multiple of the hits."""

_UNREADABLE = (RuntimeError, ValueError, OSError, LookupError, TypeError, AttributeError)
"""Exceptions of reading a damaged or just deleted snapshot."""

log = logging.getLogger("aiqa.index")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The vector and BM25 indexes of one ``generation``, built from the catalog."""

    generation: int
    vectors: VectorIndex
    lexical: LexicalIndex
    catalog: Catalog

    def nearest(
        self, vector: NDArray[np.float32], k: int, among: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """Return up to ``k`` keys nearest to ``vector``, ``(dimensions,)``, with exact cosines."""
        if self.vectors.kind == "exact":
            return self.vectors.search(vector, k, among)
        keys = [key for key, _ in self.vectors.search(vector, RESCORED * k, among)]
        exact = self.cosines(vector, keys).items()
        return sorted(exact, key=lambda hit: (-hit[1], hit[0]))[:k]

    def cosines(self, vector: NDArray[np.float32], keys: Sequence[int]) -> dict[int, float]:
        """Return the cosine of ``vector``, ``(dimensions,)``, with that under each of ``keys``."""
        return {
            int(key): float(cosine)
            for some, vectors in self.catalog.vectors(keys)
            for key, cosine in zip(some, vectors @ vector, strict=True)
        }


def current(catalog: Catalog, folder: Path) -> Snapshot:
    """Return the snapshot of the current generation, read from ``folder`` or rebuilt.

    A snapshot that is missing, damaged, another user's or of another state of the catalog is
    replaced by a single rename, so that no reader sees part of one. If it cannot be written, as
    in a read-only folder or on a full disk, it stays in memory.
    """
    with catalog.reading():
        generation = catalog.generation
        place = folder / f"{PREFIX}{generation:06d}"
        if not is_sound(place, catalog, generation):
            if place.exists():
                log.warning(
                    "The search structures in %s are damaged, or another user or machine made "
                    "them: they are made again from the catalog.",
                    folder,
                )
                shutil.rmtree(place, ignore_errors=True)
            memory = _make(catalog, generation, place)
            if memory is not None:
                return memory
        try:
            vectors = VectorIndex.load(place / "vectors.faiss")
            return Snapshot(generation, vectors, LexicalIndex.load(place / "lexical"), catalog)
        except _UNREADABLE:
            # The writer has just deleted it, after a new generation.
            return _in_memory(catalog, generation)


def is_sound(place: Path, catalog: Catalog, generation: int) -> bool:
    """Tell whether the files in ``place`` are complete and of that generation of ``catalog``.

    They are only if this user made them.
    """
    try:
        manifest_file = place / "manifest.json"
        # Reading a pipe would wait for somebody to write to it.
        manifest = json.loads(manifest_file.read_bytes() if manifest_file.is_file() else b"")
        seal = manifest.pop("seal")
        return bool(
            is_sealed(_content(manifest), seal)
            and manifest["generation"] == generation
            and manifest["stamp"] == catalog.stamp(generation) is not None
            and manifest["files"] == _checksums(place)
        )
    except _UNREADABLE:
        return False


def discard(folder: Path, keep: int | None = None) -> None:
    """Delete all snapshots in ``folder`` but that of generation ``keep``."""
    for place in folder.glob(f"{PREFIX}*"):
        with suppress(OSError):
            fresh = time.time() - place.stat().st_mtime < _ABANDONED_S
            # Another process may be writing a fresh draft.
            if keep is None or not (
                place.name == f"{PREFIX}{keep:06d}" or (place.name.startswith(_DRAFT) and fresh)
            ):
                shutil.rmtree(place, ignore_errors=True)


def _make(catalog: Catalog, generation: int, place: Path) -> Snapshot | None:
    """Write a snapshot to ``place``; return it instead if it cannot be written."""
    if sealed("") is None:
        log.warning("There is no key for search structures, nor can %s be written.", key_file())
        return _in_memory(catalog, generation)
    try:
        draft = Path(mkdtemp(prefix=_DRAFT, dir=place.parent))
        # The snapshot gets the permissions of the index folder.
        draft.chmod(place.parent.stat().st_mode & 0o777)
    except OSError:
        return _in_memory(catalog, generation)
    try:
        keys = catalog.keys()
        if not _update_earlier(catalog, keys, place.parent, draft):
            _write(catalog, keys, draft)
        np.save(draft / "keys.npy", keys)
        manifest = {
            "generation": generation,
            "stamp": catalog.stamp(generation),
            "files": _checksums(draft),
        }
        manifest["seal"] = sealed(_content(manifest))
        (draft / "manifest.json").write_text(json.dumps(manifest), "utf-8")
        # Another process may have written the same snapshot in the meantime.
        with suppress(OSError):
            draft.rename(place)
    except (OSError, RuntimeError, ValueError) as error:
        # Who asks needs no room on the disk.
        log.warning("The search structures cannot be written to %s: %s.", place.parent, error)
        return _in_memory(catalog, generation)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return None


def _write(catalog: Catalog, keys: NDArray[np.int64], draft: Path) -> None:
    _vectors(catalog, keys).save(draft / "vectors.faiss")
    (draft / "lexical").mkdir()
    LexicalIndex.build(catalog.chunks_by_document(keys), draft / "lexical")


def _in_memory(catalog: Catalog, generation: int) -> Snapshot:
    keys = catalog.keys()
    lexical = LexicalIndex.build(catalog.chunks_by_document(keys), None)
    return Snapshot(generation, _vectors(catalog, keys), lexical, catalog)


def _vectors(catalog: Catalog, keys: NDArray[np.int64]) -> VectorIndex:
    return VectorIndex.build(keys, catalog.recipe.dimensions, catalog.vectors)


def _update_earlier(catalog: Catalog, keys: NDArray[np.int64], folder: Path, draft: Path) -> bool:
    """Copy an earlier snapshot to ``draft`` and apply the difference.

    Chunks never change under their key, so the difference is one of keys. Return False if there is
    no such snapshot or a rebuild is better.
    """
    for place in sorted(folder.glob(f"{PREFIX}[0-9]*"), reverse=True):
        if not is_sound(place, catalog, int(place.name.removeprefix(PREFIX))):
            continue
        try:
            before = np.load(place / "keys.npy", allow_pickle=False)
            new, old = np.setdiff1d(keys, before), np.setdiff1d(before, keys)
            vectors = VectorIndex.load(place / "vectors.faiss", to_change=True)
            if len(new) + len(old) > _MOST_CHANGED * len(keys) or not vectors.fits(len(keys)):
                return False
            # BM25 statistics would still include deleted chunks, so that index is rebuilt.
            if not len(old):
                shutil.copytree(place / "lexical", draft / "lexical")
        except _UNREADABLE:
            return False
        vectors.remove(old)
        vectors.add(catalog.vectors(new))
        vectors.save(draft / "vectors.faiss")
        if len(old):
            (draft / "lexical").mkdir()
            LexicalIndex.build(catalog.chunks_by_document(keys), draft / "lexical")
        elif len(new):
            LexicalIndex.load(draft / "lexical").add(catalog.chunks_by_document(new))
        return True
    return False


def _content(manifest: dict[str, Any]) -> str:
    return json.dumps(manifest, sort_keys=True)


def _checksums(place: Path) -> dict[str, str]:
    """Return the SHA-256 of every data file in ``place``, by its relative path.

    The seal of the manifest vouches for them, so they must be such that nobody can forge.
    """
    files = [
        path
        for path in sorted(place.rglob("*"))
        # Tantivy has empty lock files beside its data.
        if path.is_file() and path.name != "manifest.json" and not path.name.endswith(".lock")
    ]
    with ThreadPoolExecutor() as threads:
        checksums = threads.map(sha256, files)
        names = [path.relative_to(place).as_posix() for path in files]
        return dict(zip(names, checksums, strict=True))
