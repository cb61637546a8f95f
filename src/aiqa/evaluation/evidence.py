"""Gold evidence on the map: where the quotes of gold questions stand in the indexed documents."""

from __future__ import annotations

from collections.abc import Iterable

from aiqa.errors import GoldError
from aiqa.evaluation.gold import Question
from aiqa.types import Document, Span


class EvidenceMap:
    """Where the evidence of gold questions stands in the indexed documents."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._by_source = {document.source: document for document in documents}
        self._places: dict[str, list[tuple[str, Span]]] = {}

    def locate(self, question: Question) -> None:
        """Find the question's quotes in their documents.

        Raises:
            GoldError: a source is not among the documents, or does not say what is quoted.
        """
        places: list[tuple[str, Span]] = []
        for item in question.evidence:
            document = self._document(item.source, question)
            spans = item.locate(document)
            if not spans:
                raise GoldError(
                    f"Question {question.id}: {item.source} does not say {item.quote!r}.",
                    "Copy the quote from the document's text as `aiqa search` shows it.",
                )
            places.extend((document.id, span) for span in spans)
        self._places[question.id] = places

    def holds(self, question: Question, document_id: str, span: Span) -> bool:
        """Whether ``span`` of a document overlaps evidence for ``question``."""
        return any(
            place.overlaps(span)
            for where, place in self._places[question.id]
            if where == document_id
        )

    def places(self, question: Question) -> list[tuple[str, Span]]:
        """Where evidence for ``question`` stands: document ids and spans."""
        return self._places[question.id]

    def _document(self, source: str, question: Question) -> Document:
        try:
            return self._by_source[source]
        except KeyError:
            raise GoldError(
                f"Question {question.id}: its source {source} is not in the index.",
                "Ingest the documents that the gold set is about.",
            ) from None
