"""The catalog of an index: its files, documents and chunks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from aiqa.embedders import Vectors
from aiqa.storage.changes import Changes
from aiqa.storage.originals import Originals
from aiqa.storage.recipe import IndexRecipe
from aiqa.storage.stored_file import StoredFile
from aiqa.types import Chunk, Document, Failure, Filters, Holding, Omission, PageLayout


class FileCatalog(Protocol):
    """What a catalog tells of files, sources and failures.

    What is yielded is read some at a time; so outside of ``reading``, later changes may be seen.
    """

    def files(self, among: Iterable[str]) -> dict[str, StoredFile]:
        """Return those ``among`` the files that were ingested or failed, by source."""
        ...

    def all_files(self) -> Iterator[StoredFile]:
        """Yield every file that was ingested or failed, in order of source."""
        ...

    def has_size(self, size: int) -> bool:
        """Tell whether any file has as many bytes."""
        ...

    def files_under(self, folder: str) -> Iterator[str]:
        """Yield the sources of the files in ``folder``; see ``file_discovery.is_under``."""
        ...

    def names_at(self, name: str) -> set[str]:
        """Return the files, sources and failures that have this name, or are in that folder."""
        ...

    def sources(self, among: Iterable[str]) -> dict[str, str]:
        """Return the document id of those sources that are ``among``, in order of source."""
        ...

    def all_sources(self) -> Iterator[tuple[str, str]]:
        """Yield every source with its document's id, in order of source."""
        ...

    def is_empty(self) -> bool:
        """Tell whether there is no source."""
        ...

    def sources_of(self, file: str) -> dict[str, str]:
        """Return the document id of every source that came out of ``file``."""
        ...

    def sources_with(self, document_id: str) -> list[str]:
        """Return the sources of a document, in order."""
        ...

    def files_of(self, document_id: str) -> dict[str, str]:
        """Return the SHA-256 of every file that holds the document, in order of source."""
        ...

    def sources_by_document(self) -> Iterator[tuple[str, list[str]]]:
        """Yield the id of every document that is listed, in order, with all its sources."""
        ...

    def holdings(self, filters: Filters | None = None) -> Iterator[Holding]:
        """Yield the sources that ``filters`` leave, with title and format, in order of source."""
        ...

    def failures(self, files: Iterable[str] | None = None) -> tuple[Failure, ...]:
        """Return what failed when last tried, all or of these ``files``, in order of source."""
        ...

    def unread_pages(self) -> dict[str, list[int]]:
        """Return the pages without text, by source, of sources with such pages."""
        ...

    def omissions(self, files: Iterable[str] | None = None) -> tuple[Omission, ...]:
        """Return what was left out of documents, or of those that came out of ``files``."""
        ...

    def counts(self) -> tuple[int, int]:
        """Return the number of sources and of chunks."""
        ...

    def formats(self) -> dict[str, int]:
        """Return the number of sources of each format."""
        ...

    def collections(self) -> dict[str, int]:
        """Return the number of sources in each collection."""
        ...


class DocumentCatalog(Protocol):
    """What a catalog tells of documents; their checksums are verified."""

    def has(self, document_id: str, loader: int) -> bool:
        """Tell whether the document is stored as read by loader version ``loader``."""
        ...

    def document(self, document_id: str, filters: Filters | None = None) -> Document | None:
        """Return the document with this id; None if there is none that matches ``filters``."""
        ...

    def checksums(self) -> Iterator[tuple[str, str]]:
        """Yield id and checksum of every document, in order of id."""
        ...

    def documents(self) -> Iterator[Document]:
        """Yield every document in order of id, with one in memory at a time."""
        ...

    def layouts(self, document_id: str, start: int, end: int) -> list[PageLayout]:
        """Return the layouts of the pages of characters ``start`` to ``end``."""
        ...

    def page_size(self, document_id: str, number: int) -> tuple[float, float] | None:
        """Return the width and height in points of a page that has a layout."""
        ...


class ChunkCatalog(Protocol):
    """What a catalog tells of chunks; their checksums are verified."""

    @property
    def recipe(self) -> IndexRecipe:
        """The recipe of the chunks and vectors that are searched."""
        ...

    def chunks(self, keys: Sequence[int], filters: Filters | None = None) -> list[Chunk]:
        """Return the chunks with these keys, in their order; missing keys are skipped.

        The source of each is the first that matches ``filters``.
        """
        ...

    def vectors(
        self, keys: Sequence[int] | NDArray[np.int64]
    ) -> Iterator[tuple[NDArray[np.int64], Vectors]]:
        """Yield keys, ``(n,)``, and vectors, ``(n, dimensions)``, a few thousand at a time."""
        ...

    def titles(self, keys: Sequence[int]) -> dict[int, str]:
        """Return the titles of the documents of the chunks with these keys, by key."""
        ...

    def keys_of(self, document_id: str) -> list[int]:
        """Return the keys of the searched chunks of a document, in order of position."""
        ...

    def without_chunks(self, recipe: IndexRecipe) -> Iterator[str]:
        """Yield the ids of the documents without chunks of ``recipe``, in order."""
        ...

    def slices(self, document_id: str) -> list[tuple[int, int, int, str]]:
        """Return key, start, end and stored text of all chunks of a document, of any recipe."""
        ...

    def places(self, document_id: str) -> list[tuple[int, int, int]]:
        """Return key, start and end of all chunks of a document, of any recipe."""
        ...


class Catalog(FileCatalog, DocumentCatalog, ChunkCatalog, Protocol):
    """All that an index stores. Several threads may read and write.

    Raises:
        CatalogError: it is damaged or cannot be reached; from any method.
    """

    @property
    def originals(self) -> Originals | None:
        """Copies of the files that are read, if they are kept."""
        ...

    def reading(self) -> AbstractContextManager[None]:
        """Return a context in which all reads of this thread see the same generation."""
        ...

    def transaction(self, *, visible: bool = True) -> AbstractContextManager[Changes]:
        """Commit all changes made in this context, or none of them.

        A new generation begins, unless ``visible`` is False because no search result can change.
        """
        ...

    @property
    def generation(self) -> int:
        """The number of the current generation."""
        ...

    def stamp(self, generation: int) -> str | None:
        """Return the random stamp of a generation, which no other catalog's generation has."""
        ...

    def note(self, name: str) -> Any:
        """Return the value that ``Changes.note`` stored under ``name``; None if there is none."""
        ...
