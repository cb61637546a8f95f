"""The rows of the search tables: a chunk's words, its vector, and what filters ask about."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from aiqa.text.analysis import all_terms

WORDS = ("text", "context")
"""The columns of words, each the terms of ``aiqa.text.analysis`` with blanks between them."""

PLACE = "cdes"
"""What the parts of a place begin with: its collection, twice its day, and its source."""


class ChunkRow(NamedTuple):
    """A chunk as it is searched.

    ``vector`` is of 32-bit floats. ``sources``, ``collections`` and ``days`` belong together: one
    of each for every source of the document; a day is ISO 8601, or empty if it is not known.
    """

    key: int
    document_id: str
    title: str
    format: str
    text: str
    context: str
    vector: bytes
    sources: Sequence[str]
    collections: Sequence[str]
    days: Sequence[str]


def schema(dimensions: int) -> Any:
    """Return the Arrow schema of a search table."""
    import pyarrow as pa

    several = pa.list_(pa.string())
    columns = {
        "key": pa.int64(),
        "document": pa.string(),
        "title": pa.string(),
        "format": pa.string(),
        "folders": several,
        "collections": several,
        "oldest": pa.string(),
        "newest": pa.string(),
        "places": pa.string(),
        "text": pa.string(),
        "context": pa.string(),
        "vector": pa.list_(pa.float32(), dimensions),
    }
    return pa.schema([pa.field(name, kind, nullable=False) for name, kind in columns.items()])


def record_batch(rows: Sequence[ChunkRow], dimensions: int) -> Any:
    """Return ``rows`` in the form of ``schema``."""
    import pyarrow as pa

    vectors = pa.array(memoryview(b"".join(row.vector for row in rows)).cast("f"), pa.float32())
    days = [[day for day in row.days if day] for row in rows]
    columns = {
        "key": [row.key for row in rows],
        "document": [row.document_id for row in rows],
        "title": [row.title.casefold() for row in rows],
        "format": [row.format for row in rows],
        "folders": [_folders(row.sources) for row in rows],
        "collections": [sorted(set(row.collections)) for row in rows],
        "oldest": [min(some, default="") for some in days],
        "newest": [max(some, default="") for some in days],
        "places": [_places(row) for row in rows],
        "text": [" ".join(all_terms(row.text)) for row in rows],
        "context": [" ".join(all_terms(row.context)) for row in rows],
        "vector": pa.FixedSizeListArray.from_arrays(vectors, dimensions),
    }
    return pa.RecordBatch.from_pydict(columns, schema(dimensions))


def _folders(sources: Sequence[str]) -> list[str]:
    """Return all folders that hold a source, with a slash at the end: ``a/`` and ``a/b/``."""
    found = set[str]()
    for source in sources:
        found.update(accumulate(f"{part}/" for part in source.split("/")[:-1]))
    return sorted(found)


def _places(row: ChunkRow) -> str:
    """Return collection, day and source of every source, for the expressions of ``filter_sql``.

    The day stands there twice, once for each end of a range. No part has a zero character.
    """
    return "".join(
        "".join(
            f"\0{mark}{part}" for mark, part in zip(PLACE, (one, day, day, source), strict=True)
        )
        + "\0"
        for one, day, source in zip(row.collections, row.days, row.sources, strict=True)
    )
