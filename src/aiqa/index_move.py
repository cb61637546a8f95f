"""An index to another place: from a folder to a cluster, or back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest

import numpy as np

from aiqa.batches import batched
from aiqa.documents import LOADER_VERSION
from aiqa.embedders import Vectors
from aiqa.errors import CatalogError
from aiqa.feedback import MOST_FEEDBACK_BYTES
from aiqa.storage import Catalog, Changes, Location, Store, StoredFile
from aiqa.types import Chunk, Document

_BATCH_CHUNKS = 512
"""Chunks copied in one transaction."""

_FILES_AT_ONCE = 1000

_NOTES = ("calibrations", "last run")

_USE_EMPTY = "Use an index that is empty."


@dataclass(frozen=True, slots=True)
class Moved:
    """What the new index holds: as much as the other one, as was verified."""

    documents: int
    chunks: int
    feedback: int


def move(
    source: Location, target: Location, on_progress: Callable[[int, int], None] | None = None
) -> Moved:
    """Copy the index at ``source`` to ``target``, and compare the two; ``source`` stays.

    What ``target`` has already, as of a move that was broken off, is not copied again.
    ``on_progress`` is called with the number of sources that are done, and with that of all.

    Raises:
        CatalogError: an index cannot be used, ``target`` holds other documents, or what it has
            then is not what ``source`` has.
        LockedIndexError: another process ingests into a cluster, or into ``target``.
    """
    with closing(source.open()) as old:
        recipe = old.catalog.recipe
        with closing(target.open(lambda: recipe)) as new:
            copy_index(old, new, on_progress)
            new.refresh_snapshot()
            documents, chunks = new.catalog.counts()
            return Moved(documents, chunks, _move_feedback(source, target))


def copy_index(
    old: Store, new: Store, on_progress: Callable[[int, int], None] | None = None
) -> None:
    """Copy what ``old`` stores to ``new``, and compare the two; see ``move``."""
    with old.copying(), new.writing():
        _refuse_others(old.catalog, new)
        _Copy(old.catalog, new.catalog).run(on_progress or (lambda _done, _all: None))
        _compare(old.catalog, new)


class _Copy:
    """Copies files with their documents from ``old`` to ``new``, by the batch."""

    def __init__(self, old: Catalog, new: Catalog) -> None:
        self._old = old
        self._new = new
        self._recipe = old.recipe
        self._pending: list[Callable[[Changes], None]] = []
        self._copied: set[str] = set()
        self._chunks = 0

    def run(self, on_progress: Callable[[int, int], None]) -> None:
        done, (total, _) = 0, self._old.counts()
        for some in batched(self._old.all_files(), _FILES_AT_ONCE):
            there = self._new.files(file.source for file in some)
            for file in some:
                sources = self._old.sources_of(file.source)
                if file.source not in there:
                    for document_id in sorted({*sources.values()}):
                        self._document(document_id)
                    self._pending.append(partial(_put_file, file=file))
                    self._links(file.source, sources)
                done += len(sources)
                if self._chunks >= _BATCH_CHUNKS:
                    self._store()
                    on_progress(done, total)
        self._store()
        on_progress(total, total)
        notes = {name: self._old.note(name) for name in _NOTES}
        with self._new.transaction(visible=False) as changes:
            for name, value in notes.items():
                if value is not None and self._new.note(name) is None:
                    changes.note(name, value)

    def _document(self, document_id: str) -> None:
        if document_id in self._copied:
            return
        self._copied.add(document_id)
        document = _whole(self._old, document_id)
        if document == self._new.document(document_id):
            return
        loader = LOADER_VERSION if self._old.has(document_id, LOADER_VERSION) else 0
        pairs = list(_chunks(self._old, document_id))
        chunks = [chunk for chunk, _ in pairs]
        vectors = _matrix([vector for _, vector in pairs], self._recipe.dimensions)
        self._chunks += len(chunks)

        def put(changes: Changes) -> None:
            changes.put(document, loader)
            changes.put_chunks(document_id, self._recipe, chunks, vectors)

        self._pending.append(put)

    def _links(self, file: str, sources: Mapping[str, str]) -> None:
        failures = self._old.failures([file])

        def link(changes: Changes) -> None:
            for source, document_id in sources.items():
                changes.link(source, file, document_id)
            for failure in failures:
                changes.record_failure(failure, file)
            changes.keep_only(file, sources, [failure.source for failure in failures])

        self._pending.append(link)

    def _store(self) -> None:
        if self._pending:
            with self._new.transaction() as changes:
                for change in self._pending:
                    change(changes)
        self._pending.clear()
        self._copied.clear()
        self._chunks = 0


def _put_file(changes: Changes, file: StoredFile) -> None:
    changes.file(file)


def _whole(catalog: Catalog, document_id: str) -> Document:
    """Return a document with its page layouts."""
    document = catalog.document(document_id)
    if document is None:
        raise CatalogError(f"The document {document_id} is listed, but is not there.")
    layouts = catalog.layouts(document_id, 0, len(document.text) + 1)
    return replace(document, layouts=tuple(layouts))


def _chunks(catalog: Catalog, document_id: str) -> Iterator[tuple[Chunk, Vectors]]:
    """Yield the chunks of a document in order, without their keys, and their vectors."""
    keys = catalog.keys_of(document_id)
    vectors = {
        int(key): vector
        for some, batch in catalog.vectors(keys)
        for key, vector in zip(some, batch, strict=True)
    }
    for chunk in catalog.chunks(keys):
        yield replace(chunk, key=0), vectors[chunk.key]


def _matrix(vectors: list[Vectors], dimensions: int) -> Vectors:
    return np.array(vectors, dtype=np.float32).reshape(-1, dimensions)


def _refuse_others(old: Catalog, new: Store) -> None:
    """Raise ``CatalogError`` unless ``new`` is empty or has a part of ``old``."""
    for some in batched(new.catalog.all_files(), _FILES_AT_ONCE):
        ours = old.files(file.source for file in some)
        if others := [file.source for file in some if ours.get(file.source) != file]:
            raise CatalogError(
                f"{new.name} holds other documents, such as {others[0]}.", _USE_EMPTY
            )
    if new.catalog.recipe != old.recipe:
        raise CatalogError(f"The passages in {new.name} were made with other settings.", _USE_EMPTY)


def _move_feedback(source: Location, target: Location) -> int:
    """Copy the feedback that ``target`` does not have, and return how much it has then."""
    new = target.feedback(MOST_FEEDBACK_BYTES)
    there = {row.id for row in new.rows()}
    for row in source.feedback(MOST_FEEDBACK_BYTES).rows():
        if row.id not in there:
            new.add(row, None)
    return new.count()


def _compare(old: Catalog, new: Store) -> None:
    """Raise ``CatalogError`` unless ``new`` has what ``old`` has."""
    moved = new.catalog
    same = (
        _are_same(old.all_files(), moved.all_files())
        and _are_same(old.holdings(), moved.holdings())
        and old.failures() == moved.failures()
        and _are_same(_ids(old), _ids(moved))
    )
    differing = None if same else "the list of documents"
    for document in old.documents() if same else ():
        if _whole(old, document.id) != moved.document(document.id) or not _same_chunks(
            old, moved, document.id
        ):
            differing = document.source
            break
    if differing:
        raise CatalogError(
            f"What was moved to {new.name} is not what was there: {differing} differs.",
            "Move again; if it stays so, run `aiqa doctor` on both.",
        )


def _are_same(mine: Iterator[object], yours: Iterator[object]) -> bool:
    return all(one == other for one, other in zip_longest(mine, yours))


def _ids(catalog: Catalog) -> Iterator[str]:
    return (document_id for document_id, _ in catalog.checksums())


def _same_chunks(old: Catalog, new: Catalog, document_id: str) -> bool:
    pairs = zip_longest(_chunks(old, document_id), _chunks(new, document_id))
    return all(
        mine is not None
        and yours is not None
        and mine[0] == yours[0]
        and np.array_equal(mine[1], yours[1])
        for mine, yours in pairs
    )
