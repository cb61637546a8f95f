"""The index: look-ups of documents, pages and chunks; status, feedback and export."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from aiqa.config import Settings
from aiqa.errors import CatalogError
from aiqa.feedback import MOST_FEEDBACK_BYTES, Feedback, Verdict
from aiqa.original_files import Original, open_original
from aiqa.serialization import answer_dict, read_answer
from aiqa.storage import IndexRecipe, Store
from aiqa.storage.opening import Address, locate
from aiqa.types import (
    Box,
    Chunk,
    Document,
    Filters,
    Holding,
    IndexCheck,
    IndexStatus,
    PageWord,
    Span,
)

if TYPE_CHECKING:
    from aiqa.documents.sandbox.page_images import Pictures


class DocumentStore:
    """Looks up documents, pages and chunks of the index at ``address``, without any model.

    They are of the generation that is searched, also while an ingest stores others.

    Raises:
        CatalogError: there is no usable index; from any method that reads one.
    """

    def __init__(self, address: Address, settings: Settings) -> None:
        self.location = locate(address)
        self.folder = self.location.folder
        self.settings = settings
        self._opened: Store | None = None
        self.most_feedback_bytes = MOST_FEEDBACK_BYTES
        """The room that feedback may take up."""

    @property
    def index(self) -> Store:
        """The open index."""
        if self._opened is None:
            self._opened = self.location.open()
        return self._opened

    @property
    def has_documents(self) -> bool:
        """Whether there is an index that holds documents."""
        return self.has_index and not self.index.catalog.is_empty()

    @property
    def has_index(self) -> bool:
        """Whether there is an index."""
        return self._opened is not None or self.location.exists()

    @property
    def is_exposed(self) -> bool:
        """Whether other users of this machine may read the index."""
        return self.location.is_exposed

    @property
    def generation(self) -> int:
        """The number of the index's current state; every change increases it."""
        return self.index.catalog.generation

    def create_index(self, recipe: Callable[[], IndexRecipe]) -> Store:
        """Open the index, or create it with the recipe that ``recipe`` returns.

        Raises:
            CatalogError: the index is not usable or cannot be created.
        """
        if self._opened is None:
            self._opened = self.location.open(recipe)
        return self._opened

    def document(self, document_id: str) -> Document:
        """Return the document with this id, with its whole text.

        Raises:
            CatalogError: there is no such document.
        """
        document = self.find(document_id)
        if document is None:
            raise CatalogError(
                f"There is no document {document_id} in the index {self.location.name}.",
                "It may have been changed or removed since; ask again.",
            )
        return document

    def find(self, document_id: str) -> Document | None:
        """Return the document with this id; None if there is none.

        Raises:
            CatalogError: its text is damaged.
        """
        with self.index.reading():
            return self.index.catalog.document(document_id)

    def document_at(self, source: str) -> Document | None:
        """Return the document whose source this is now; None if there is none."""
        with self.index.reading():
            document_id = self.index.catalog.sources([source]).get(source)
            return self.index.catalog.document(document_id) if document_id else None

    def documents(self) -> Iterator[Document]:
        """Yield every document with its whole text, in order of id."""
        return self.index.catalog.documents()

    def original(self, document_id: str) -> Original:
        """Open the file that the document was read from, if its bytes are unchanged.

        Raises:
            CatalogError: there is no such document.
            SourceError: the file is missing or has changed.
        """
        return open_original(self.index.catalog, self._base, document_id)

    def picture(self, document_id: str, page: int) -> bytes:
        """Render page ``page``, counted from 1, of a PDF as PNG, from the file it was read from.

        The coordinates of ``boxes``, in points, scale with the width and height of the image.

        Raises:
            CatalogError: there is no such document.
            DocumentError: it is not a PDF or has no such page.
            SourceError: the file is missing or has changed.
        """
        return self._pictures.picture(self.index.catalog, self._base, document_id, page)

    def holdings(self) -> list[Holding]:
        """Return every source of the index, in order, with title, format and collection."""
        with self.index.reading():
            return list(self.index.catalog.holdings())

    def chunks(self, document_id: str) -> list[Chunk]:
        """Return the chunks of a document, in order; none if it is not in the index."""
        catalog = self.index.catalog
        with catalog.reading():
            return catalog.chunks(catalog.keys_of(document_id))

    def boxes(self, document_id: str, start: int, end: int) -> tuple[Box, ...]:
        """Return the rectangles of characters ``start`` to ``end`` on the pages of a PDF.

        Documents of other formats have none.
        """
        from aiqa.documents.pdf.highlights import boxes

        with self.index.reading():
            return boxes(self.index.catalog.layouts(document_id, start, end), Span(start, end))

    def words(self, document: Document, number: int) -> list[PageWord]:
        """Return the words of page ``number`` of a PDF or picture, with where they stand."""
        from aiqa.documents.pdf.highlights import page_words

        starts = [page.start for page in document.pages if page.number == number]
        with self.index.reading():
            found = [
                layout
                for start in starts
                for layout in self.index.catalog.layouts(document.id, start, start + 1)
                if layout.number == number
            ]
        return [
            word for layout in found for word in page_words(layout, document.text[layout.start :])
        ]

    def page_size(self, document_id: str, number: int) -> tuple[float, float] | None:
        """Return width and height of a PDF's page in points; None if it has no text."""
        with self.index.reading():
            return self.index.catalog.page_size(document_id, number)

    def status(self) -> IndexStatus:
        """Return what the index contains and how it was built."""
        catalog = self.index.catalog
        with catalog.reading():
            documents, chunks = catalog.counts()
            recipe = catalog.recipe
            return IndexStatus(
                index=self.location.name,
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
                sources=tuple(source for source, _ in catalog.all_sources()),
                failures=catalog.failures(),
                unread_pages=catalog.unread_pages(),
                omissions=catalog.omissions(),
            )

    def check(self, *, repair: bool = False) -> IndexCheck:
        """Verify all stored data and measure the recall of the vector index.

        With ``repair``, damaged documents are deleted: the next ``ingest`` reads them again.

        Raises:
            CatalogError: there is no index, or damaged documents cannot be deleted.
        """
        check = self.location.examine()
        if repair and check.problems:
            self.index.repair()
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
        """Append a user's verdict on an answer to the feedback of the index.

        Args:
            answer: the answer, with the keys of ``aiqa ask --json``.
            verdict: "up" or "down".
            history: the earlier turns, oldest first, with the same keys.
            filters: the filters of the question.
            correct: the place of the right answer: ``source``, ``document_id``, ``start``,
                ``end`` and ``quote``.
            comment: a remark of the user.

        Raises:
            FeedbackError: ``correct`` does not match its document, or the row cannot be written.
            QuestionError: ``answer`` is not an answer.
        """
        fields = read_answer(answer)
        catalog = self.index.catalog
        row = Feedback.of(
            question=fields.question,
            history=history,
            filters=asdict(filters) if filters else {},
            answer=answer_dict(fields),
            verdict=verdict,
            correct=correct,
            comment=comment,
            settings=self.settings.model_dump(),
            generation=catalog.generation,
        )
        self.location.feedback(self.most_feedback_bytes).add(row, catalog.document)
        return row

    def export(self, path: str | Path) -> None:
        """Write the index to the new file ``path``, which ``import_from`` reads.

        Raises:
            CatalogError: the file exists or cannot be written.
        """
        self.index.export(Path(path))

    def import_from(self, path: str | Path) -> None:
        """Create this index from a file that ``export`` wrote.

        Raises:
            CatalogError: there is an index already, which in a cluster may have a part of the file,
                or the file is not a valid index.
        """
        self.location.import_from(Path(path))

    def close(self) -> None:
        """Close the index's files and end the process that renders pages."""
        if "_pictures" in self.__dict__:
            self._pictures.close()
        if self._opened is not None:
            self._opened.close()
            self._opened = None
        self.location.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def _base(self) -> Path:
        """The folder that sources are relative to; see ``discover``."""
        return Path(os.path.abspath(self.folder)).parent  # noqa: PTH100

    @cached_property
    def _pictures(self) -> Pictures:
        from aiqa.documents.sandbox.page_images import Pictures
        from aiqa.documents.sandbox.pool import Limits

        s = self.settings
        return Pictures(Limits(s.parse_seconds, s.parse_memory_mb, s.max_file_mb))


def beside_index(folder: Path, name: str) -> Path:
    """Return the path of what is kept beside the index folder ``folder``: ``FOLDER-name``."""
    index = Path(os.path.abspath(folder))  # noqa: PTH100
    return index.with_name(f"{index.name}-{name}")
