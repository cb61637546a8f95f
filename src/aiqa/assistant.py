"""The assistant: one object to ingest documents, look them up, and ask questions about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from aiqa.answers.calibration import Calibration
from aiqa.config import Settings
from aiqa.embedders import Embedder
from aiqa.feedback import Feedback, Verdict
from aiqa.original_files import Original
from aiqa.question_answering import QuestionAnswering
from aiqa.reader import Reader
from aiqa.receipts.answer_record import answer_record
from aiqa.receipts.audit_log import AuditLog
from aiqa.receipts.provenance import Asked, Models, Provenance
from aiqa.receipts.receipt import Receipt
from aiqa.receipts.verification import Verification
from aiqa.storage.opening import Address
from aiqa.types import (
    Answer,
    Box,
    ChatTurn,
    Chunk,
    Document,
    Filters,
    Holding,
    IndexCheck,
    IndexStatus,
    IngestReport,
    Outcome,
    PageWord,
    Progress,
    RiskLevel,
)

if TYPE_CHECKING:
    from aiqa.ingestion.indexer import Indexer


class Assistant(QuestionAnswering):
    """Answers questions from the documents in one index folder, in their own words.

    >>> assistant = Assistant.open("index")
    >>> assistant.ingest("corpus")
    >>> assistant.ask("How much does SenseRobot cost?").text

    ``QuestionAnswering`` has the methods that ask; ``Indexer`` and ``DocumentStore`` describe in
    full those that change the index and look documents up.

    Raises:
        CatalogError: there is no usable index; from any method but ``ingest`` and ``add``, which
            create one, and ``ask_document``, which needs none.
    """

    def __init__(
        self, index: Address, settings: Settings, embedder: Embedder | None = None
    ) -> None:
        super().__init__(index, settings, embedder)
        self.audit: AuditLog | None = None
        """The log of what ``ask`` answers, if there is to be one."""

    @classmethod
    def open(
        cls,
        index: Address = "index",
        settings: Settings | None = None,
        *,
        audit: str | Path | None = None,
        **overrides: Any,
    ) -> Self:
        """Return an assistant for the index folder ``index``, which ``ingest`` may yet create.

        ``overrides`` are single settings: ``Assistant.open("index", min_confidence=0.8)``. Every
        answer of ``ask`` is recorded in the file ``audit``, if one is given.

        Raises:
            SettingsError: a setting is not valid.
        """
        assistant = cls(index, settings or Settings.load(**overrides))
        assistant.audit = AuditLog(Path(audit)) if audit else None
        return assistant

    def close(self) -> None:
        """Close the index's files and end the process that renders pages."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ingest(
        self,
        *paths: str | Path,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        collection: str | None = None,
        verify: bool = False,
        dry_run: bool = False,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> IngestReport:
        """Make the index match ``paths``: add, update and remove what changed."""
        return self._indexer.ingest(
            *paths,
            include=include,
            exclude=exclude,
            collection=collection,
            verify=verify,
            dry_run=dry_run,
            on_progress=on_progress,
        )

    def add(
        self,
        documents: Sequence[Document],
        *,
        collection: str = "default",
        on_progress: Callable[[Progress], None] | None = None,
    ) -> IngestReport:
        """Add documents that are text already, rather than files."""
        return self._indexer.add(documents, collection=collection, on_progress=on_progress)

    def remove(self, *sources: str) -> IngestReport:
        """Remove documents by source, or all documents in a folder."""
        return self._indexer.remove(*sources)

    def document(self, document_id: str) -> Document:
        """Return the document with this id, with its whole text."""
        return self.store.document(document_id)

    def find(self, document_id: str) -> Document | None:
        """Return the document with this id; None if there is none."""
        return self.store.find(document_id)

    def document_at(self, source: str) -> Document | None:
        """Return the document whose source this is now; None if there is none."""
        return self.store.document_at(source)

    def documents(self) -> Iterator[Document]:
        """Yield every document with its whole text, in order of id."""
        return self.store.documents()

    def original(self, document_id: str) -> Original:
        """Open the file that the document was read from, if its bytes are unchanged."""
        return self.store.original(document_id)

    def picture(self, document_id: str, page: int) -> bytes:
        """Render page ``page``, counted from 1, of a PDF as PNG."""
        return self.store.picture(document_id, page)

    def holdings(self) -> list[Holding]:
        """Return every source, in order, with title, format and collection."""
        return self.store.holdings()

    def chunks(self, document_id: str) -> list[Chunk]:
        """Return the chunks of a document, in order; none if it is not in the index."""
        return self.store.chunks(document_id)

    def boxes(self, document_id: str, start: int, end: int) -> tuple[Box, ...]:
        """Return the rectangles of characters ``start`` to ``end`` on the pages of a PDF."""
        return self.store.boxes(document_id, start, end)

    def words(self, document: Document, number: int) -> list[PageWord]:
        """Return the words of page ``number`` of a PDF or picture, with where they stand."""
        return self.store.words(document, number)

    def page_size(self, document_id: str, number: int) -> tuple[float, float] | None:
        """Return width and height of a PDF's page in points; None if it has no text."""
        return self.store.page_size(document_id, number)

    def status(self) -> IndexStatus:
        """Return what the index contains and how it was built."""
        return self.store.status()

    def check(self, *, repair: bool = False) -> IndexCheck:
        """Verify all stored data and measure the recall of the vector index."""
        return self.store.check(repair=repair)

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
        """Append a user's verdict on an answer to ``feedback.jsonl`` in the index folder."""
        return self.store.keep_feedback(
            answer, verdict, history=history, filters=filters, correct=correct, comment=comment
        )

    def receipt(
        self,
        answer: Answer,
        *,
        filters: Filters | None = None,
        min_confidence: float | None = None,
        max_risk: float | None = None,
    ) -> Receipt:
        """Return a receipt of an answer that ``ask`` gave, signed with this user's key.

        The other arguments are those of ``ask``. The receipt states the present generation of the
        index, in which every quote has to stand as it was given.

        Raises:
            ReceiptError: a quote does not stand in the index, or the key cannot be used.
        """
        from aiqa.receipts.issuer import issue
        from aiqa.receipts.signing_key import SigningKey

        asked = Asked((), filters, min_confidence, max_risk)
        return issue(answer, asked, self._provenance, SigningKey())

    def verify(self, receipt: bytes, *, key: str | None = None) -> Verification:
        """Verify the content of a receipt's file, and compare its quotes with the documents.

        ``key`` is the public key of the one who has to have signed it.
        """
        from aiqa.receipts.verification import verify

        def present(signed: Mapping[str, Any], source: str) -> Document | None:
            return self.find(signed["id"]) or self.document_at(source)

        return verify(receipt, key=key, documents=present)

    def audit_details(
        self,
        answer: Answer,
        *,
        history: Sequence[ChatTurn] = (),
        filters: Filters | None = None,
        min_confidence: float | None = None,
        max_risk: float | None = None,
    ) -> dict[str, Any]:
        """Return what ``audit`` records of an answer that ``ask`` gave with these arguments."""
        asked = Asked(history, filters, min_confidence, max_risk)
        return answer_record(answer, asked, self._provenance)

    def export(self, path: str | Path) -> None:
        """Write the index to the new file ``path``, which ``import_from`` reads."""
        self.store.export(path)

    def import_from(self, path: str | Path) -> None:
        """Create this index from a file that ``export`` wrote."""
        self.store.import_from(path)

    @property
    def reader(self) -> Reader:
        """The reader in use."""
        return self._reader.reader

    @property
    def calibration(self) -> Calibration:
        """The calibration in use: the one fitted to this index, otherwise the reader's own."""
        return self._reader.calibration

    @property
    def reader_calibration(self) -> Calibration:
        """The calibration that belongs to the reader."""
        return self._reader.own_calibration

    @property
    def is_calibrated(self) -> bool:
        """Whether the calibration in use was fitted to this reader, not to another model."""
        return self._reader.is_calibrated

    def keep_calibration(self, calibration: Calibration) -> None:
        """Store ``calibration`` in the index, for use with the present reader and embedder."""
        self._reader.keep_calibration(calibration)

    def outcome_of(self, answer: Answer) -> Outcome:
        """Return the outcome of ``answer`` under the settings, whatever threshold gave it."""
        return self._reader.outcome_of(answer)

    def risk_levels(self) -> tuple[RiskLevel, ...]:
        """Return the shares of wrong answers that ``max_risk`` may allow, with their coverage."""
        return self.calibration.risks

    def _answered(self, answer: Answer, asked: Asked) -> None:
        if self.audit:
            self.audit.asked(**answer_record(answer, asked, self._provenance))

    def _models(self) -> Models:
        reader, stated = self._reader, self._reader.stated
        fitted = [reader.calibration.as_dict(), stated.as_dict() if stated else None]
        return Models(reader.reader.identity, self.embedder.identity, fitted)

    @cached_property
    def _provenance(self) -> Provenance:
        return Provenance(self.store, self._models)

    @cached_property
    def _indexer(self) -> Indexer:
        from aiqa.ingestion.indexer import Indexer

        return Indexer(self.store, lambda: self.embedder)
