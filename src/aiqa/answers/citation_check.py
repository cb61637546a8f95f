"""Citation check: whether earlier quotes still match the documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from aiqa.types import Answer, Citation, Document, Statement

State = Literal["stands", "moved", "changed", "gone"]
"""To the character where it was; elsewhere in a changed document; not in it any more; no document.
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """A citation updated to the current document, and its state."""

    citation: Citation
    state: State


def standing(
    citation: Citation,
    document: Callable[[str], Document | None],
    document_at: Callable[[str], Document | None],
) -> Standing:
    """Compare ``citation`` with the current documents, looked up by id and by source.

    The result has the title and positions of the document, not those of ``citation``.
    """
    current = document(citation.document_id)
    if current and current.text[citation.start : citation.end] == citation.quote:
        return Standing(_renewed(citation, current, citation.start), "stands")
    now = current or document_at(citation.source)
    if now is None:
        return Standing(citation, "gone")
    place = now.text.find(citation.quote) if citation.quote else -1
    if place < 0:
        return Standing(citation, "changed")
    return Standing(_renewed(citation, now, place), "moved")


def renewed(
    answer: Answer, check_citation: Callable[[Citation], Standing]
) -> tuple[Answer, tuple[Standing, ...]]:
    """Return ``answer`` with its citations updated, and the state of each.

    Alternatives whose quotes no longer match are dropped.
    """
    standings: list[Standing] = []

    def again(statement: Statement) -> Statement:
        now = [check_citation(citation) for citation in statement.citations]
        standings.extend(now)
        return _of(statement, now)

    statements = tuple(again(statement) for statement in answer.statements if statement.citations)
    others = [
        _of(other, now)
        for other in answer.alternatives
        if (now := [check_citation(citation) for citation in other.citations])
        and all(check.state in ("stands", "moved") for check in now)
    ]
    text = "\n".join(statement.text for statement in statements) or None
    again_said = replace(answer, statements=statements, alternatives=tuple(others), text=text)
    return again_said, tuple(standings)


def _of(statement: Statement, now: Sequence[Standing]) -> Statement:
    citations = tuple(check.citation for check in now)
    return replace(statement, citations=citations, text=citations[0].quote)


def _renewed(citation: Citation, document: Document, start: int) -> Citation:
    """Return the citation with its quote at ``start`` and all other fields from the document."""
    shift = start - citation.start
    end = start + len(citation.quote)
    whole = slice(max(citation.sentence_start + shift, 0), citation.sentence_end + shift)
    if document.text[whole] != citation.sentence or not whole.start <= start <= end <= whole.stop:
        whole = slice(start, end)
    return Citation(
        document_id=document.id,
        source=document.source,
        title=document.title,
        page=document.page_at(start),
        section=citation.section if citation.document_id == document.id else "",
        start=start,
        end=end,
        quote=document.text[start:end],
        sentence_start=whole.start,
        sentence_end=whole.stop,
        sentence=document.text[whole],
    )
