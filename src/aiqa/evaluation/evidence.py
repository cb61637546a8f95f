"""Positions of gold evidence in the documents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aiqa.evaluation.dataset import EvalExample
from aiqa.types import Document, Format, Span


@dataclass(frozen=True, slots=True)
class EvidencePlace:
    """The position of one piece of evidence, whose ``spans`` state the answer together."""

    document_id: str
    spans: tuple[Span, ...]
    grade: int

    def overlaps(self, document_id: str, span: Span) -> bool:
        """Tell whether ``span`` of a document overlaps the evidence."""
        return document_id == self.document_id and any(own.overlaps(span) for own in self.spans)


@dataclass(frozen=True, slots=True)
class Located:
    """The evidence for one question: its positions, and what is missing from the documents."""

    places: tuple[EvidencePlace, ...]
    missing: tuple[str, ...]
    format: Format | None
    """Of the document that the first place stands in."""

    def grade(self, document_id: str, span: Span) -> int:
        """Return the grade of the evidence that ``span`` of a document overlaps, or 0."""
        return max((p.grade for p in self.places if p.overlaps(document_id, span)), default=0)

    def holds(self, document_id: str, span: Span) -> bool:
        """Tell whether ``span`` of a document overlaps evidence."""
        return self.grade(document_id, span) > 0


class EvidenceMap:
    """Locates evidence in documents by their sources."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._by_source = {document.source: document for document in documents}

    def locate(self, question: EvalExample) -> Located:
        """Return the positions of the question's evidence."""
        places: list[EvidencePlace] = []
        missing: list[str] = []
        formats: list[Format] = []
        for item in question.evidence:
            document = self._by_source.get(item.source)
            spans: Sequence[Span] = item.locate(document) if document else ()
            if document and spans:
                formats.append(document.format)
                # Apart from several quotes that belong together, each occurrence is one place.
                together = [tuple(spans)] if len(item.quotes) > 1 else [(span,) for span in spans]
                places.extend(EvidencePlace(document.id, group, item.grade) for group in together)
            elif document:
                missing.append(f"{item.source} does not say {' … '.join(item.quotes)!r}")
            else:
                missing.append(f"its source {item.source} is not in the index")
        return Located(tuple(places), tuple(missing), formats[0] if formats else None)
