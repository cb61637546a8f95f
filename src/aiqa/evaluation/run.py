"""An evaluation run: every gold question asked, every answer held against its gold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiqa.assistant import Assistant
from aiqa.errors import GoldError
from aiqa.evaluation.gold import Question
from aiqa.evaluation.metrics import exact_match, token_f1
from aiqa.types import Answer, Citation, Document, Span

DEPTH = 20
"""Chunks looked at for evidence recall."""


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one question when the reader was made to answer.

    ``answered`` is whether the answer's confidence would have let it be shown. ``hits`` tells of
    each retrieved chunk, best first, whether it overlaps evidence. ``verbatim`` and ``supported``
    count the citations that slice their documents exactly and that overlap evidence.
    """

    question: Question
    answer: Answer
    answered: bool
    em: float
    f1: float
    hits: tuple[bool, ...]
    verbatim: int
    supported: int

    @property
    def citations(self) -> int:
        """Number of citations given with the answer."""
        return len(self.answer.citations)


def evaluate(
    assistant: Assistant,
    questions: Sequence[Question],
    on_progress: Callable[[int], None] | None = None,
) -> list[Row]:
    """Ask every question; ``on_progress`` is called with the number done.

    Raises:
        GoldError: evidence names a source that is not in the index, or words it does not say.
        CatalogError: there is no usable index.
    """
    evidence = _Evidence(assistant)
    for question in questions:
        evidence.locate(question)
    assistant.warm_up()
    rows = []
    for done, question in enumerate(questions, 1):
        rows.append(_ask(assistant, question, evidence))
        if on_progress:
            on_progress(done)
    return rows


def _ask(assistant: Assistant, question: Question, evidence: _Evidence) -> Row:
    answer = assistant.ask(question.question, min_confidence=0.0)
    hits = assistant.search(question.question, k=DEPTH)
    text = answer.text or ""
    return Row(
        question=question,
        answer=answer,
        answered=not answer.abstained and answer.confidence >= assistant.settings.min_confidence,
        em=exact_match(text, question.answers),
        f1=token_f1(text, question.answers),
        hits=tuple(evidence.holds(question, hit.chunk.document_id, hit.chunk.span) for hit in hits),
        verbatim=sum(_is_verbatim(assistant, citation) for citation in answer.citations),
        supported=sum(
            evidence.holds(question, citation.document_id, Span(citation.start, citation.end))
            for citation in answer.citations
        ),
    )


def _is_verbatim(assistant: Assistant, citation: Citation) -> bool:
    text = assistant.document(citation.document_id).text
    return text[citation.start : citation.end] == citation.quote


class _Evidence:
    """Where the evidence of gold questions stands in the indexed documents."""

    def __init__(self, assistant: Assistant) -> None:
        self._by_source = {document.source: document for document in assistant.documents()}
        self._places: dict[str, list[tuple[str, Span]]] = {}

    def locate(self, question: Question) -> None:
        """Find the question's quotes in their documents."""
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

    def _document(self, source: str, question: Question) -> Document:
        try:
            return self._by_source[source]
        except KeyError:
            raise GoldError(
                f"Question {question.id}: its source {source} is not in the index.",
                "Ingest the documents that the gold set is about.",
            ) from None
