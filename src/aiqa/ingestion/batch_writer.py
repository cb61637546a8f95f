"""Documents to the catalog: chunked, embedded and written a batch to a transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import methodcaller
from typing import Concatenate, ParamSpec

import numpy as np

from aiqa.documents import LOADER_VERSION
from aiqa.embedders import Embedder, Vectors
from aiqa.ingestion.chunker import Chunker
from aiqa.storage import Catalog, Changes, IndexRecipe
from aiqa.types import Chunk, Document

_BATCH_CHUNKS = 128
"""Chunks embedded and stored together: one transaction, and what an interruption can cost."""

Arguments = ParamSpec("Arguments")


class BatchWriter:
    """Collects documents and changes for ``catalog``, and writes them by the batch.

    ``visible`` is to be set once a change that is collected alters what a search may find;
    ``chunks`` counts the chunks embedded so far, ``collected`` those and what waits to be, and
    ``characters`` those of the documents. ``on_embedded`` is called, outside of a transaction,
    after some chunks were embedded, and before a document is chunked.
    """

    def __init__(
        self,
        catalog: Catalog,
        recipe: IndexRecipe,
        chunker: Callable[[], Chunker],
        embedder: Embedder,
    ) -> None:
        self._catalog = catalog
        self._recipe = recipe
        self._chunker = chunker
        self._embedder = embedder
        self._batch: dict[str, tuple[Document, list[Chunk] | None]] = {}
        self._pending: list[Callable[[Changes], None]] = []
        self.visible = False
        self.chunks = 0
        self.collected = 0
        self.characters = 0
        self.on_embedded: Callable[[], None] = lambda: None

    def defer(
        self,
        change: Callable[Concatenate[Changes, Arguments], None],
        *values: Arguments.args,
        **named: Arguments.kwargs,
    ) -> None:
        """Call ``change``, a method of ``Changes``, with these values in the next transaction."""
        # The method of the catalog's own changes, not that of the protocol.
        self._pending.append(methodcaller(change.__name__, *values, **named))

    def defer_call(self, call: Callable[[Changes], None]) -> None:
        """Call ``call`` with the changes of the next transaction."""
        self._pending.append(call)

    def collect(self, document: Document) -> None:
        """Put a document into the batch, with its chunks unless those that are stored still fit."""
        if document.id in self._batch or self._catalog.has(document.id, LOADER_VERSION):
            return
        stored = self._catalog.document(document.id)
        same = stored and all(
            getattr(stored, name) == getattr(document, name)
            for name in ("title", "text", "pages", "headings", "blocks", "omissions")
        )
        if not same:
            self.characters += len(document.text)
            # A long text takes a while, which whoever waits may not want to.
            self.on_embedded()
        chunks = None if same else self._chunker().chunks(document)
        self._batch[document.id] = document, chunks
        self.collected += len(chunks or ())

    def store_if_full(self) -> bool:
        """Write what was collected if there is a batch of it, and tell whether there was."""
        full = sum(len(chunks or ()) for _, chunks in self._batch.values()) >= _BATCH_CHUNKS
        if full:
            self.store()
        return full

    def store(self) -> None:
        """Write what was collected in one transaction."""
        if not self._pending:
            return
        texts = [chunk for _, chunks in self._batch.values() for chunk in chunks or ()]
        vectors = self._encode(texts, self._embedded)
        with self._catalog.transaction(visible=self.visible) as changes:
            row = 0
            for document, chunks in self._batch.values():
                changes.put(document, LOADER_VERSION)
                if chunks is not None:
                    rows = vectors[row : row + len(chunks)]
                    changes.put_chunks(document.id, self._recipe, chunks, rows)
                    row += len(chunks)
            for change in self._pending:
                change(changes)
        self._batch.clear()
        self._pending.clear()
        self.visible = False

    def apply_recipe(self) -> None:
        """Chunk and embed what is stored by the present recipe, if another one made it.

        The chunks there are go on being searched until all the new ones are stored; an
        interrupted run is gone on with.
        """
        before = self._catalog.recipe
        if before == self._recipe:
            return
        with self._catalog.transaction(visible=False) as changes:
            changes.keep_recipes(before, self._recipe)
        batch: list[tuple[str, list[Chunk]]] = []
        for document_id in self._catalog.without_chunks(self._recipe):
            if document := self._catalog.document(document_id):
                batch.append((document_id, self._chunker().chunks(document)))
            if sum(len(chunks) for _, chunks in batch) >= _BATCH_CHUNKS:
                self._embed(batch)
        self._embed(batch)
        with self._catalog.transaction() as changes:
            changes.activate(self._recipe)

    def _embed(self, batch: list[tuple[str, list[Chunk]]]) -> None:
        if not batch:
            return
        vectors = self._encode([chunk for _, chunks in batch for chunk in chunks])
        with self._catalog.transaction(visible=False) as changes:
            row = 0
            for document_id, chunks in batch:
                changes.put_chunks(
                    document_id, self._recipe, chunks, vectors[row : row + len(chunks)]
                )
                row += len(chunks)
        batch.clear()

    def _embedded(self, count: int) -> None:
        self.chunks += count
        self.on_embedded()

    def _encode(
        self, chunks: Sequence[Chunk], on_progress: Callable[[int], None] | None = None
    ) -> Vectors:
        if not chunks:
            # A run that finds nothing to embed need not load the model.
            return np.zeros((0, self._recipe.dimensions), dtype=np.float32)
        texts = [self._chunker().embedded_text(chunk) for chunk in chunks]
        return self._embedder.encode(texts, on_progress)
