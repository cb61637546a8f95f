"""A snapshot made of an earlier one: what did not change is not written again."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aiqa.index.bm25 import LexicalIndex
from aiqa.index.catalog import SqliteCatalog
from aiqa.index.manifest import SnapshotSize, sound_places
from aiqa.index.vector_changes import VectorChanges
from aiqa.index.vectors import VectorIndex

VECTORS = "vectors.faiss"
LEXICAL = "lexical"

_MOST_CHANGED = 0.3
"""Largest share of changed chunks for which a snapshot is updated instead of rebuilt."""

_MOST_APART = 10_000
"""Changed vectors beyond which the file of the vector index is written again."""

EXACT_STATISTICS_UP_TO = 50_000
"""Chunks up to which the BM25 index is built anew once chunks are removed, which takes seconds."""

_MOST_STALE = 0.1
"""In larger ones, the largest share of removed chunks that word statistics may include."""


def update_earlier(catalog: SqliteCatalog, folder: Path, draft: Path) -> SnapshotSize | None:
    """Make a snapshot in ``draft`` of the newest sound one in ``folder`` and of what changed since.

    What is searched of a chunk never changes under its key, so the difference is one of keys.
    Return None, with nothing written, if there is no such snapshot or a rebuild is better.
    """
    for place, generation, before in sound_places(catalog, folder):
        new, gone = catalog.changed_since(generation)
        chunks = before.chunks + len(new) - len(gone)
        if len(new) + len(gone) > _MOST_CHANGED * chunks:
            return None
        if not VectorIndex.load(place / VECTORS).fits(chunks):
            return None
        _update_vectors(catalog, place, draft, new, gone)
        stale = before.stale + len(gone)
        if len(gone) and (chunks <= EXACT_STATISTICS_UP_TO or stale > _MOST_STALE * chunks):
            stale = 0
            (draft / LEXICAL).mkdir()
            LexicalIndex.build(catalog.chunks_by_document(catalog.keys()), draft / LEXICAL)
        else:
            _update_lexical(catalog, place / LEXICAL, draft / LEXICAL, new, gone)
        return SnapshotSize(chunks, stale)
    return None


def _update_vectors(
    catalog: SqliteCatalog,
    place: Path,
    draft: Path,
    new: NDArray[np.int64],
    gone: NDArray[np.int64],
) -> None:
    changes = VectorChanges.load(place, to_change=True).extended(new, gone, catalog.vectors)
    if changes.count > _MOST_APART:
        vectors = VectorIndex.load(place / VECTORS, to_change=True)
        vectors.remove(changes.removed)
        vectors.add(catalog.vectors(changes.added.keys()))
        vectors.save(draft / VECTORS)
        changes = VectorChanges.none(catalog.recipe.dimensions)
    else:
        _link(place / VECTORS, draft / VECTORS)
    changes.save(draft)


def _update_lexical(
    catalog: SqliteCatalog,
    place: Path,
    draft: Path,
    new: NDArray[np.int64],
    gone: NDArray[np.int64],
) -> None:
    draft.mkdir()
    for path in place.iterdir():
        if not path.name.endswith(".lock"):
            _link(path, draft / path.name)
    lexical = LexicalIndex.load(draft)
    if len(gone):
        lexical.remove(gone.tolist())
    if len(new):
        lexical.add(catalog.chunks_by_document(new))


def _link(path: Path, target: Path) -> None:
    """Have the file at ``target``, too: no file of a snapshot is ever written to again."""
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)
