"""Integrity check of an index, and the recall of its vector search."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np

from aiqa.embedders import Vectors
from aiqa.errors import CatalogError
from aiqa.index.catalog import SqliteCatalog
from aiqa.index.manifest import is_sound, place_of
from aiqa.index.snapshot import Snapshot
from aiqa.storage.catalog import Catalog
from aiqa.types import IndexCheck

_RECALL_AT = 20
_RECALL_QUESTIONS = 200


def check_index(catalog: SqliteCatalog, folder: Path, snapshot: Snapshot) -> IndexCheck:
    """Verify the checksums of all stored data and measure the recall of the search."""
    with catalog.reading():
        generation = catalog.generation
        problems = [f"SQLite finds fault with the catalog: {line}." for line in catalog.faults()]
        faults, lost = document_faults(catalog)
        problems += faults
        if not is_sound(place_of(folder, generation), catalog, generation):
            problems.append(
                "The search structures on disk are missing or damaged; they are made again from "
                "the catalog when somebody next asks, and nothing is lost."
            )
        share = None if lost else recall(catalog, snapshot)
    return IndexCheck(
        problems=tuple(problems),
        lost=tuple(sorted(lost)),
        vector_index=snapshot.vectors.kind,
        recall=share,
        recall_at=_RECALL_AT,
        recall_questions=_RECALL_QUESTIONS,
    )


def unreadable_index(path: Path, error: CatalogError) -> IndexCheck:
    """Report on a catalog at ``path`` that cannot be opened."""
    lost: list[str] = []
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as raw:
            lost.extend(row[0] for row in raw.execute("SELECT source FROM files ORDER BY source"))
    except sqlite3.DatabaseError:
        lost.append("every document")
    return IndexCheck((error.message,), tuple(lost), None, None, _RECALL_AT, 0)


def recall(
    catalog: SqliteCatalog, snapshot: Snapshot, questions: Vectors | None = None
) -> float | None:
    """Return the recall of the nearest chunks of ``questions``, or of a sample of chunks."""
    keys = catalog.keys()
    if not len(keys):
        return None
    if questions is None:
        sample = keys[np.linspace(0, len(keys) - 1, min(_RECALL_QUESTIONS, len(keys))).astype(int)]
        questions = np.concatenate([vectors for _, vectors in catalog.vectors(sample)])
    k = min(_RECALL_AT, len(keys))
    best = np.full((len(questions), k), -np.inf, dtype=np.float32)
    for _, vectors in catalog.vectors(keys):
        both = np.concatenate([best, questions @ vectors.T], axis=1)
        best = -np.partition(-both, k - 1, axis=1)[:, :k]
    # Compared by cosine, not by key: of equally near chunks any counts.
    least = best.min(axis=1) - 1e-5
    hits = (
        sum(cosine >= bound for _, cosine in snapshot.nearest(question, k))
        for question, bound in zip(questions, least, strict=True)
    )
    return float(sum(hits) / (k * len(questions)))


def _fault(catalog: Catalog, document_id: str, source: str) -> str | None:
    """Return a description of a fault of one document or its chunks; None if there is none."""
    try:
        document = catalog.document(document_id)
        if document is None:
            return f"{source} is listed, but its document is not there."
        for key, start, end, text in catalog.slices(document_id):
            if not 0 <= start < end <= len(document.text):
                return f"Passage {key} of {source} does not lie within its text."
            if document.text[start:end] != text:
                return f"Passage {key} of {source} is not what stands at its place."
            for _ in catalog.vectors([key]):
                pass
    except CatalogError as error:
        return f"{source}: {error.message}"
    return None


def document_faults(catalog: Catalog) -> tuple[list[str], set[str]]:
    """Return sentences on damaged documents, and their sources."""
    problems: list[str] = []
    lost: set[str] = set()
    for document_id, sources in catalog.sources_by_document():
        if problem := _fault(catalog, document_id, sources[0]):
            problems.append(problem)
            lost.update(sources)
    return problems, lost


def damaged_documents(catalog: Catalog) -> Iterator[str]:
    """Yield the ids of damaged documents."""
    for document_id, sources in catalog.sources_by_document():
        if _fault(catalog, document_id, sources[0]):
            yield document_id
