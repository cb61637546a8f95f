from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from aiqa.checksums import content_id
from aiqa.documents import LOADER_VERSION
from aiqa.index import Index, StoredFile
from aiqa.ingestion.chunker import whole_chunk
from aiqa.types import Document, Span
from tests.index.small import PLACES, RECIPE, TEXT


@pytest.fixture
def small_index(tmp_path: Path) -> Iterator[Index]:
    """An index of one document of one text, under two sources."""
    index = Index(tmp_path / "index", lambda: RECIPE)
    document = Document(content_id(TEXT.encode()), "a.txt", "text", "Tides", TEXT)
    chunks = [
        replace(whole_chunk(document, Span(start, end)), section=("Ebb",)) for start, end in PLACES
    ]
    vectors = np.eye(3, 2, dtype=np.float32)
    with index.catalog.transaction() as changes:
        changes.put(document, LOADER_VERSION)
        changes.put_chunks(document.id, RECIPE, chunks, vectors)
        for source, collection in (("a.txt", "default"), ("b.txt", "other")):
            file = StoredFile(source, collection, len(TEXT), 0, document.id, LOADER_VERSION)
            changes.file(file)
            changes.link(source, source, document.id)
    index.refresh_snapshot()
    yield index
    index.close()
