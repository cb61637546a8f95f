"""JSON objects of answers and search results, the same for CLI and API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from aiqa.errors import QuestionError
from aiqa.types import Answer, ScoredChunk, heading_path


def answer_dict(answer: Answer) -> dict[str, Any]:
    """Return an answer with the keys of ``aiqa ask --json``; ``text`` is None if it abstained."""
    fields = asdict(answer)
    return {
        "question": fields.pop("question"),
        "text": fields.pop("text"),
        "outcome": answer.outcome,
        "abstained": answer.abstained,
        "conflicts": answer.conflicts,
        "confidence": fields.pop("confidence"),
        "kind": fields.pop("kind"),
        "citations": [asdict(citation) for citation in answer.citations],
        **fields,
    }


def read_answer(data: Mapping[str, Any]) -> Answer:
    """Return the answer from which ``answer_dict`` created ``data``.

    Raises:
        QuestionError: ``data`` is not an answer.
    """
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(Answer).validate_python(data)
    except ValidationError as error:
        raise QuestionError("This is not an answer as aiqa gives them.") from error


def hit_dict(hit: ScoredChunk) -> dict[str, Any]:
    """Return a search result with the keys of ``aiqa search --json``.

    ``text`` is the document's text from ``start`` to ``end``.
    """
    chunk = hit.chunk
    return {
        "relevance": hit.relevance,
        "score": hit.score,
        "dense": hit.dense,
        "lexical": hit.lexical,
        "document_id": chunk.document_id,
        "source": chunk.source,
        "title": chunk.title,
        "page": chunk.page,
        "section": heading_path(chunk.section),
        "start": chunk.start,
        "end": chunk.end,
        "text": chunk.text,
    }
