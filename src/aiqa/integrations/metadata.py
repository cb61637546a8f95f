"""What frameworks keep beside a text: where passages and citations stand, as JSON values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from aiqa.serialization import hit_dict
from aiqa.types import Answer, Citation, ScoredChunk, Statement


def passage_metadata(hit: ScoredChunk) -> dict[str, Any]:
    """Return the place and scores of a passage: the keys of ``aiqa search --json`` but its text.

    ``start`` and ``end`` are characters of the whole document's text; ``locator`` is the place as
    people write it.
    """
    fields = hit_dict(hit)
    del fields["text"]
    return fields | {"locator": hit.chunk.locator}


def passage_score(hit: ScoredChunk) -> float:
    """Return what passages are ordered by: their relevance, or the score of an unranked search."""
    return hit.score if hit.relevance is None else hit.relevance


def passage_id(hit: ScoredChunk) -> str:
    """Return an id that stays the same as long as the file and its chunks do."""
    return f"{hit.chunk.document_id}:{hit.chunk.start}-{hit.chunk.end}"


def citation_metadata(citation: Citation) -> dict[str, Any]:
    """Return the fields of a citation and its ``locator``."""
    return asdict(citation) | {"locator": citation.locator}


def answer_metadata(answer: Answer) -> dict[str, Any]:
    """Return what came of a question, with every citation and the candidates."""
    return {
        "outcome": answer.outcome,
        "confidence": answer.confidence,
        "reason": answer.reason,
        "interpreted": answer.interpreted,
        "conflicts": answer.conflicts,
        "citations": [citation_metadata(citation) for citation in answer.citations],
        "alternatives": _statements(answer.alternatives),
    }


def _statements(statements: Sequence[Statement]) -> list[dict[str, Any]]:
    return [
        {
            "text": one.text,
            "confidence": one.confidence,
            "citations": [citation_metadata(citation) for citation in one.citations],
        }
        for one in statements
    ]
