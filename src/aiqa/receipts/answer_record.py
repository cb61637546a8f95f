"""What the audit log keeps of an answer: all that is needed to ask again and to compare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiqa.receipts.provenance import Asked, Provenance
from aiqa.serialization import answer_dict
from aiqa.types import Answer

_BY_THE_CLOCK = frozenset({"timings_ms", "unread"})
"""Fields of an answer that depend on how fast the machine was."""


def answer_record(answer: Answer, asked: Asked, provenance: Provenance) -> dict[str, Any]:
    """Return the details of a record of ``answer``.

    Raises:
        CatalogError: there is no usable index.
    """
    tree = provenance.tree
    cited = {
        citation.document_id: citation.source
        for statements in (answer.statements, answer.alternatives, answer.positions)
        for statement in statements
        for citation in statement.citations
    }
    return {
        "question": answer.question,
        "outcome": answer.outcome,
        "asked": asked.as_dict(),
        "settings": provenance.store.settings.model_dump(),
        "answer": comparable(answer_dict(answer)),
        "documents": [
            {"id": document_id, "source": source, "text": tree.digest(document_id).sha256}
            for document_id, source in cited.items()
        ],
        "provenance": provenance.as_dict(asked),
    }


def comparable(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of ``answer_dict`` that are the same whenever all else is."""
    return {name: value for name, value in answer.items() if name not in _BY_THE_CLOCK}
