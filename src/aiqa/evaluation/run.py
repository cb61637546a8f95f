"""An evaluation run: every gold question asked, every answer held against its gold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiqa.assistant import Assistant
from aiqa.evaluation.evidence import EvidenceMap
from aiqa.evaluation.gold import Question
from aiqa.evaluation.metrics import exact_match, token_f1
from aiqa.types import Answer, Citation, Span

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
    evidence = EvidenceMap(assistant.documents())
    for question in questions:
        evidence.locate(question)
    assistant.warm_up()
    rows = []
    for done, question in enumerate(questions, 1):
        rows.append(_ask(assistant, question, evidence))
        if on_progress:
            on_progress(done)
    return rows


def _ask(assistant: Assistant, question: Question, evidence: EvidenceMap) -> Row:
    answer = assistant.ask(question.question, min_confidence=0.0)
    hits = assistant.search(question.question, k=DEPTH)
    text = answer.text or ""
    return Row(
        question=question,
        answer=answer,
        answered=assistant.would_show(answer),
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
