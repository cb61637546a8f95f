"""The index folder: its documents, their pages and chunks, its state, feedback, and export."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from aiqa.config import Settings
from aiqa.documents.pdf.highlights import boxes
from aiqa.documents.sandbox.page_images import Pictures
from aiqa.documents.sandbox.pool import Limits
from aiqa.errors import CatalogError
from aiqa.feedback import Feedback, FeedbackFile, Verdict
from aiqa.index import Index, IndexRecipe
from aiqa.original_files import Original, open_original
from aiqa.serialization import answer_dict, read_answer
from aiqa.types import Box, Chunk, Document, Filters, Holding, IndexCheck, IndexStatus, Span


class DocumentStore:
    """Looks up what the index in ``folder`` holds; nothing here needs a model."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self.settings = settings
        self._opened: Index | None = None

    @property
    def index(self) -> Index:
        """The open index.

        Raises:
            CatalogError: there is no usable index.
        """
        if self._opened is None:
            self._opened = Index(self.folder)
        return self._opened

    @property
    def has_index(self) -> bool:
        """Whether there is an index in the folder."""
        return self._opened is not None or Index.exists(self.folder)

    @property
    def generation(self) -> int:
        """The number of what the index holds now: every change begins another.

        Raises:
            CatalogError: there is no usable index.
        """
        return self.index.catalog.generation

    def create_index(self, recipe: Callable[[], IndexRecipe]) -> Index:
        """Open the index, made by what ``recipe`` gives if there is none.

        Raises:
            CatalogError: the index is not usable, or cannot be made.
        """
        if self._opened is None:
            self._opened = Index(self.folder, recipe)
        return self._opened

    def document(self, document_id: str) -> Document:
        """Return the document with this id, with its whole text.

        Raises:
            CatalogError: there is none, or no usable index.
        """
        document = self.find(document_id)
        if document is None:
            raise CatalogError(
                f"There is no document {document_id} in the index {self.folder}.",
                "It may have been changed or removed since; ask again.",
            )
        return document

    def find(self, document_id: str) -> Document | None:
        """Return the document with this id; None where there is none.

        Raises:
            CatalogError: its text is damaged, or there is no usable index.
        """
        return self.index.catalog.document(document_id)

    def document_at(self, source: str) -> Document | None:
        """Return the document that is known as ``source`` now; None if there is none.

        Raises:
            CatalogError: there is no usable index.
        """
        document_id = self.index.catalog.sources().get(source)
        return self.index.catalog.document(document_id) if document_id else None

    def documents(self) -> Iterator[Document]:
        """Yield every document with its whole text, in order of id.

        Raises:
            CatalogError: there is no usable index.
        """
        return self.index.catalog.documents()

    def original(self, document_id: str) -> Original:
        """Open the file that the document was read from, if it is still the same to the byte.

        Raises:
            CatalogError: there is no such document, or no usable index.
            SourceError: the file is gone or has changed since.
        """
        return open_original(self.index.catalog, self._base, document_id)

    def picture(self, document_id: str, page: int) -> bytes:
        """Draw page ``page``, from 1, of a PDF as PNG, from the file it was read from.

        Places in points, as ``boxes`` gives them, lie on it at the same share of width and height.

        Raises:
            CatalogError: there is no such document, or no usable index.
            DocumentError: it is not a PDF or has no such page.
            SourceError: the file is gone or has changed since.
        """
        return self._pictures.picture(self.index.catalog, self._base, document_id, page)

    def holdings(self) -> list[Holding]:
        """List every source of the index, in order, with title, format and collection.

        Raises:
            CatalogError: there is no usable index.
        """
        return self.index.catalog.holdings()

    def chunks(self, document_id: str) -> list[Chunk]:
        """Return the chunks of a document, in order; none if it is not in the index.

        Raises:
            CatalogError: there is no usable index.
        """
        catalog = self.index.catalog
        with catalog.reading():
            return catalog.chunks(catalog.keys_of(document_id))

    def boxes(self, document_id: str, start: int, end: int) -> tuple[Box, ...]:
        """Return the rectangles that characters ``start`` to ``end`` cover on a PDF's pages.

        There are none for documents of other formats.

        Raises:
            CatalogError: there is no usable index.
        """
        return boxes(self.index.catalog.layouts(document_id, start, end), Span(start, end))

    def page_size(self, document_id: str, number: int) -> tuple[float, float] | None:
        """Return width and height in points of a PDF's page; None if it has no such page with text.

        Raises:
            CatalogError: there is no usable index.
        """
        return self.index.catalog.page_size(document_id, number)

    def status(self) -> IndexStatus:
        """Report what the index holds and how it was made.

        Raises:
            CatalogError: there is no usable index.
        """
        catalog = self.index.catalog
        with catalog.reading():
            documents, chunks = catalog.counts()
            recipe = catalog.recipe
            return IndexStatus(
                index=str(self.folder),
                generation=catalog.generation,
                documents=documents,
                chunks=chunks,
                bytes_on_disk=self.index.sizes(),
                embedder=recipe.embedder,
                chunk_tokens=recipe.chunk_tokens,
                chunk_overlap=recipe.chunk_overlap,
                formats=catalog.formats(),
                collections=catalog.collections(),
                last_run=catalog.note("last run"),
                sources=tuple(catalog.sources()),
                failures=catalog.failures(),
                unread_pages=catalog.unread_pages(),
                omissions=catalog.omissions(),
            )

    def check(self, *, mend: bool = False) -> IndexCheck:
        """Check whether the index is whole, what is lost if not, and how well its search does.

        ``mend`` then forgets what is damaged, so that the next ``ingest`` reads it again.

        Raises:
            CatalogError: there is no index, or what is damaged cannot even be forgotten.
        """
        check = Index.examine(self.folder)
        if mend and check.lost:
            self.index.mend()
        return check

    def keep_feedback(
        self,
        answer: Mapping[str, Any],
        verdict: Verdict,
        *,
        history: Sequence[Mapping[str, Any]] = (),
        filters: Filters | None = None,
        correct: Mapping[str, Any] | None = None,
        comment: str | None = None,
    ) -> Feedback:
        """Keep what somebody thinks of an answer, in ``feedback.jsonl`` in the index folder.

        ``answer`` and ``history`` (the turns before, oldest first) have the keys of ``aiqa ask
        --json``. ``correct`` says where the right answer stands: ``source``, ``document_id``,
        ``start``, ``end`` and ``quote``.

        Raises:
            FeedbackError: ``correct`` is not what stands there, or it cannot be kept.
            QuestionError: ``answer`` is not an answer.
            CatalogError: there is no usable index.
        """
        answered = read_answer(answer)
        catalog = self.index.catalog
        row = Feedback.of(
            question=answered.question,
            history=history,
            filters=asdict(filters) if filters else {},
            answer=answer_dict(answered),
            verdict=verdict,
            correct=correct,
            comment=comment,
            settings=self.settings.model_dump(),
            generation=catalog.generation,
        )
        FeedbackFile(self.folder).add(row, catalog.document)
        return row

    def export(self, path: str | Path) -> None:
        """Write the index to the new file ``path``, from which ``bring_in`` makes it again.

        Raises:
            CatalogError: there is no usable index, or the file is there or cannot be written.
        """
        self.index.export(Path(path))

    def bring_in(self, path: str | Path) -> None:
        """Make this index of an exported one.

        Raises:
            CatalogError: there is an index here already, or the file is not a sound one.
        """
        Index.bring_in(Path(path), self.folder)

    def close(self) -> None:
        """Release the index's files, and end the process that draws pages."""
        self._pictures.close()
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def _base(self) -> Path:
        """The folder that sources start from; see ``discover``."""
        return Path(os.path.abspath(self.folder)).parent  # noqa: PTH100

    @cached_property
    def _pictures(self) -> Pictures:
        s = self.settings
        return Pictures(Limits(s.parse_seconds, s.parse_memory_mb, s.max_file_mb))
