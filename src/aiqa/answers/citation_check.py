"""Whether what was quoted earlier still stands in the documents."""

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
    """A citation as it can be cited now, and what became of it."""

    citation: Citation
    state: State


def standing(
    citation: Citation,
    document: Callable[[str], Document | None],
    document_at: Callable[[str], Document | None],
) -> Standing:
    """What became of ``citation``; the documents are looked up by id, and by source.

    Nothing that the citation says of itself is believed: title and places are the document's.
    """
    known = document(citation.document_id)
    if known and known.text[citation.start : citation.end] == citation.quote:
        return Standing(_renewed(citation, known, citation.start), "stands")
    now = known or document_at(citation.source)
    if now is None:
        return Standing(citation, "gone")
    place = now.text.find(citation.quote) if citation.quote else -1
    if place < 0:
        return Standing(citation, "changed")
    return Standing(_renewed(citation, now, place), "moved")


def renewed(
    answer: Answer, found: Callable[[Citation], Standing]
) -> tuple[Answer, tuple[Standing, ...]]:
    """``answer`` with its citations as they stand now, and what became of each.

    Other candidates are kept only as long as they stand.
    """
    standings: list[Standing] = []

    def again(said: Statement) -> Statement:
        now = [found(citation) for citation in said.citations]
        standings.extend(now)
        return _of(said, now)

    statements = tuple(again(said) for said in answer.statements if said.citations)
    others = [
        _of(other, now)
        for other in answer.alternatives
        if (now := [found(citation) for citation in other.citations])
        and all(held.state in ("stands", "moved") for held in now)
    ]
    text = "\n".join(said.text for said in statements) or None
    again_said = replace(answer, statements=statements, alternatives=tuple(others), text=text)
    return again_said, tuple(standings)


def _of(said: Statement, now: Sequence[Standing]) -> Statement:
    citations = tuple(held.citation for held in now)
    return replace(said, citations=citations, text=citations[0].quote)


def _renewed(citation: Citation, document: Document, start: int) -> Citation:
    """The citation with its quote at ``start``, and all else as the document has it."""
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
