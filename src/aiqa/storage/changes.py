"""Changes to a catalog."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from aiqa.embedders import Vectors
from aiqa.storage.recipe import IndexRecipe
from aiqa.storage.stored_file import StoredFile
from aiqa.types import Chunk, Document, Failure


class Changes(Protocol):
    """Writes to a catalog within one transaction."""

    def file(self, file: StoredFile) -> None:
        """Insert or update a file; its sources and failures stay."""
        ...

    def put(self, document: Document, loader: int) -> None:
        """Store ``document`` as read by version ``loader``; it needs a source, see ``link``."""
        ...

    def put_chunks(
        self, document_id: str, recipe: IndexRecipe, chunks: Sequence[Chunk], vectors: Vectors
    ) -> None:
        """Store the chunks and vectors of a document for ``recipe``, replacing earlier ones.

        ``vectors`` has shape ``(n, dimensions)``.
        """
        ...

    def link(self, source: str, file: str, document_id: str) -> None:
        """Assign a stored document to ``source``, which came out of ``file``."""
        ...

    def record_failure(self, failure: Failure, file: str) -> None:
        """Record that ``file``, or an entry in it, could not be ingested."""
        ...

    def keep_only(self, file: str, sources: Iterable[str], failures: Iterable[str]) -> None:
        """Delete the sources and failures of ``file`` other than these."""
        ...

    def remove_files(self, files: Iterable[str]) -> None:
        """Delete files with all their sources and failures."""
        ...

    def remove_sources(self, sources: Iterable[str]) -> None:
        """Delete single sources and their failures."""
        ...

    def delete_documents(self, ids: Iterable[str]) -> None:
        """Delete documents with their files, so that the files count as new."""
        ...

    def activate(self, recipe: IndexRecipe) -> None:
        """Make ``recipe`` the one that is searched, and delete the chunks of all others."""
        ...

    def keep_recipes(self, *recipes: IndexRecipe) -> None:
        """Delete the chunks of all recipes but these."""
        ...

    def note(self, name: str, value: Any) -> None:
        """Store a JSON value about the index under ``name``."""
        ...
