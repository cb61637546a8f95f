"""A snapshot: the search structures derived from one generation of the catalog."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aiqa.index.bm25 import LexicalIndex
from aiqa.index.catalog import SqliteCatalog
from aiqa.index.manifest import (
    PREFIX,
    UNREADABLE,
    SnapshotSize,
    is_sound,
    place_of,
    write_manifest,
)
from aiqa.index.seal import key_file, sealed
from aiqa.index.snapshot_update import LEXICAL, VECTORS, update_earlier
from aiqa.index.vector_changes import VectorChanges
from aiqa.index.vectors import KeySelection, VectorIndex
from aiqa.types import Filters

_DRAFT = f"{PREFIX}draft-"
_ABANDONED_S = 3600
"""Age from which a draft counts as left behind by a killed process."""

_FILTERS_KEPT = 8
"""Filters whose matches are remembered."""

RESCORED = 2
"""Candidates whose exact cosines are computed, as a multiple of the hits."""

log = logging.getLogger("aiqa.index")


class FilteredChunks(NamedTuple):
    """What filters leave: ids of ``documents``, the number of their chunks, and these in vectors.

    ``added`` are those among the changes of the vector index, ``others`` those in the index itself.
    """

    documents: list[str]
    chunks: int
    others: KeySelection
    added: KeySelection


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The vector and BM25 indexes of one ``generation``, built from the catalog.

    ``changes`` are to be applied to ``vectors``. See ``storage.Search`` for the methods.
    """

    generation: int
    vectors: VectorIndex
    changes: VectorChanges
    bm25: LexicalIndex
    catalog: SqliteCatalog
    _kept: dict[str, FilteredChunks] = field(default_factory=dict)

    def kept(self, filters: Filters | None) -> FilteredChunks | None:
        """Return what ``filters`` leave, None if that is everything; the last are remembered."""
        if filters is None or filters == Filters():
            return None
        name = repr(filters)
        found = self._kept.get(name)
        if found is None:
            documents, keys = self.catalog.matching(filters)
            # What is removed from the index may be among the changes, with another vector.
            others = np.setdiff1d(keys, self.changes.removed) if len(self.changes.removed) else keys
            found = FilteredChunks(documents, len(keys), KeySelection(others), KeySelection(keys))
            while len(self._kept) >= _FILTERS_KEPT:
                self._kept.pop(next(iter(self._kept)), None)
            self._kept[name] = found
        return found

    def any_matches(self, filters: Filters) -> bool:
        """Tell whether ``filters`` leave any chunk."""
        found = self.kept(filters)
        return found is None or found.chunks > 0

    def nearest(
        self, vector: NDArray[np.float32], k: int, filters: Filters | None = None
    ) -> list[tuple[int, float]]:
        """Return up to ``k`` keys nearest to ``vector``, ``(dimensions,)``, with exact cosines."""
        found = self.kept(filters)
        is_exact = self.vectors.kind == "exact"
        depth = k if is_exact else RESCORED * k
        hits = self.vectors.search(vector, depth, found and found.others, self.changes.removed)
        if not is_exact:
            hits = list(self.cosines(vector, [key for key, _ in hits]).items())
        hits += self.changes.added.search(vector, k, found and found.added)
        return sorted(hits, key=lambda hit: (-hit[1], hit[0]))[:k]

    def cosines(self, vector: NDArray[np.float32], keys: Sequence[int]) -> dict[int, float]:
        """Return the cosine of ``vector``, ``(dimensions,)``, with that under each of ``keys``."""
        return {
            int(key): float(cosine)
            for some, vectors in self.catalog.vectors(keys)
            for key, cosine in zip(some, vectors @ vector, strict=True)
        }

    def lexical(
        self, question: str, k: int, filters: Filters | None = None
    ) -> list[tuple[int, float]]:
        """Return up to ``k`` keys of chunks that match ``question``, with BM25 scores."""
        found = self.kept(filters)
        return self.bm25.search(question, k, documents=found and found.documents)

    def lexical_scores(self, question: str, keys: Sequence[int]) -> dict[int, float]:
        """Return the BM25 scores of those of ``keys`` whose chunks match ``question``."""
        return dict(self.bm25.search(question, len(keys), keys)) if keys else {}


def current(catalog: SqliteCatalog, folder: Path) -> Snapshot:
    """Return the snapshot of the current generation, read from ``folder`` or rebuilt.

    A snapshot that is missing, damaged, another user's or of another state of the catalog is
    replaced by a single rename, so that no reader sees part of one. If it cannot be written, as
    in a read-only folder or on a full disk, it stays in memory.
    """
    with catalog.reading():
        generation = catalog.generation
        place = place_of(folder, generation)
        if not is_sound(place, catalog, generation):
            if place.exists():
                log.warning(
                    "The search structures in %s are damaged or of another version, or another "
                    "user or machine made them: they are made again from the catalog.",
                    folder,
                )
                shutil.rmtree(place, ignore_errors=True)
            memory = _make(catalog, generation, place)
            if memory is not None:
                return memory
        try:
            vectors = VectorIndex.load(place / VECTORS)
            changes, lexical = VectorChanges.load(place), LexicalIndex.load(place / LEXICAL)
            return Snapshot(generation, vectors, changes, lexical, catalog)
        except UNREADABLE:
            # The writer has just deleted it, after a new generation.
            return _in_memory(catalog, generation)


def discard(folder: Path, keep: int | None = None) -> None:
    """Delete all snapshots in ``folder`` but that of generation ``keep``."""
    for place in folder.glob(f"{PREFIX}*"):
        with suppress(OSError):
            fresh = time.time() - place.stat().st_mtime < _ABANDONED_S
            # Another process may be writing a fresh draft.
            if keep is None or not (
                place.name == place_of(folder, keep).name
                or (place.name.startswith(_DRAFT) and fresh)
            ):
                shutil.rmtree(place, ignore_errors=True)


def _make(catalog: SqliteCatalog, generation: int, place: Path) -> Snapshot | None:
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
        size = update_earlier(catalog, place.parent, draft) or _write(catalog, draft)
        write_manifest(draft, catalog, generation, size)
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


def _write(catalog: SqliteCatalog, draft: Path) -> SnapshotSize:
    keys = catalog.keys()
    _vectors(catalog, keys).save(draft / VECTORS)
    VectorChanges.none(catalog.recipe.dimensions).save(draft)
    (draft / LEXICAL).mkdir()
    LexicalIndex.build(catalog.chunks_by_document(keys), draft / LEXICAL)
    return SnapshotSize(len(keys))


def _in_memory(catalog: SqliteCatalog, generation: int) -> Snapshot:
    keys = catalog.keys()
    lexical = LexicalIndex.build(catalog.chunks_by_document(keys), None)
    changes = VectorChanges.none(catalog.recipe.dimensions)
    return Snapshot(generation, _vectors(catalog, keys), changes, lexical, catalog)


def _vectors(catalog: SqliteCatalog, keys: NDArray[np.int64]) -> VectorIndex:
    return VectorIndex.build(keys, catalog.recipe.dimensions, catalog.vectors)
