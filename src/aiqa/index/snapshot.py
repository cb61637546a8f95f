"""A snapshot: the search structures derived from one generation of the catalog."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from aiqa.errors import CatalogError
from aiqa.index.catalog import Catalog
from aiqa.index.lexical import LexicalIndex
from aiqa.index.vectors import VectorIndex

_PREFIX = "derived-"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """FAISS and tantivy as of ``generation``; both can always be made again from the catalog."""

    generation: int
    vectors: VectorIndex
    lexical: LexicalIndex


def current(catalog: Catalog, folder: Path) -> Snapshot:
    """The snapshot of the catalog's present generation: read from ``folder`` or built anew.

    A snapshot that is missing or cannot be read is replaced, as a whole and by one rename, so no
    reader ever meets half of one. Where ``folder`` cannot be written it is kept in memory.
    """
    generation = catalog.generation
    place = folder / f"{_PREFIX}{generation:06d}"
    try:
        return Snapshot(
            generation,
            VectorIndex.load(place / "vectors.faiss"),
            LexicalIndex.load(place / "lexical"),
        )
    except (RuntimeError, ValueError, OSError):
        shutil.rmtree(place, ignore_errors=True)
    return _build(catalog, generation, place)


def discard(folder: Path, keep: int | None = None) -> None:
    """Delete snapshots in ``folder``, but not the one of generation ``keep``."""
    for place in folder.glob(f"{_PREFIX}*"):
        if keep is None or place.name != f"{_PREFIX}{keep:06d}":
            shutil.rmtree(place, ignore_errors=True)


def _build(catalog: Catalog, generation: int, place: Path) -> Snapshot:
    vectors = VectorIndex.build(*catalog.vectors())
    chunks = (chunk for document in catalog.documents() for chunk in catalog.chunks_of(document))
    try:
        draft = Path(mkdtemp(prefix=f"{_PREFIX}draft-", dir=place.parent))
    except OSError:
        return Snapshot(generation, vectors, LexicalIndex.build(chunks, None))
    try:
        (draft / "lexical").mkdir()
        LexicalIndex.build(chunks, draft / "lexical")
        vectors.save(draft / "vectors.faiss")
        # Another process may have put the same snapshot there meanwhile: then that one serves.
        with suppress(OSError):
            draft.rename(place)
        return Snapshot(generation, vectors, LexicalIndex.load(place / "lexical"))
    except (OSError, RuntimeError, ValueError) as error:
        raise CatalogError(
            f"The search structures cannot be written to {place.parent}: {error}.",
            "Look for a full disk; the documents themselves are safe in the catalog.",
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
