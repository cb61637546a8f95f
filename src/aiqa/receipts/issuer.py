"""Receipts of answers: what they state, and their signature."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

import rfc8785

from aiqa.errors import ReceiptError
from aiqa.receipts.checker import PIECE, VERSION
from aiqa.receipts.document_digests import text_tree
from aiqa.receipts.provenance import Asked, Provenance
from aiqa.receipts.receipt import Receipt
from aiqa.receipts.signing_key import SigningKey
from aiqa.types import Answer, Citation, Document, Position, Statement


def issue(answer: Answer, asked: Asked, provenance: Provenance, key: SigningKey) -> Receipt:
    """Return the receipt of ``answer``, signed with ``key``.

    Raises:
        ReceiptError: a document is not in the index as it was quoted, or the key cannot be used.
        CatalogError: there is no usable index.
    """
    with provenance.store.index.reading():
        quotes = _Quotes(provenance)
        body: dict[str, Any] = {
            "version": VERSION,
            "issued": datetime.now(UTC).isoformat(timespec="seconds"),
            "question": answer.question,
            "interpreted": answer.interpreted,
            "filters": asked.as_dict()["filters"],
            "outcome": answer.outcome,
            "confidence": float(answer.confidence),
            "text": answer.text,
            "quotes": [quotes.proved(*quote) for quote in _quotes(answer)],
            "documents": quotes.documents(),
            **provenance.as_dict(asked),
        }
    try:
        return Receipt(body, key.public, key.sign(rfc8785.dumps(body)))
    except rfc8785.CanonicalizationError as error:
        raise ReceiptError(
            "The question holds characters that are no text.", "Write it in Unicode."
        ) from error


def _quotes(answer: Answer) -> Iterator[tuple[str, int, Citation]]:
    """Yield all that is quoted: as what, the number of the statement, and where it stands."""
    parts: dict[str, tuple[Statement | Position, ...]] = {
        "answer": answer.statements,
        "alternative": answer.alternatives,
        "position": answer.positions if answer.conflicts else (),
    }
    for part, statements in parts.items():
        for number, statement in enumerate(statements, 1):
            for citation in statement.citations:
                yield part, number, citation


class _Quotes:
    """Proves quotes, and collects their documents."""

    def __init__(self, provenance: Provenance) -> None:
        self._tree = provenance.tree
        self._catalog = provenance.store.index.catalog
        self._found: dict[str, Document] = {}
        self._text_tree = cache(text_tree)

    def proved(self, part: str, number: int, citation: Citation) -> dict[str, Any]:
        """Return a quote with the piece of text that it stands in, and the proof of that piece."""
        text = self._document(citation).text
        first, last = citation.sentence_start // PIECE, -(-citation.sentence_end // PIECE)
        return {
            "part": part,
            "number": number,
            "document": citation.document_id,
            "source": citation.source,
            "title": citation.title,
            "place": citation.locator,
            "start": citation.start,
            "end": citation.end,
            "quote": citation.quote,
            "sentence_start": citation.sentence_start,
            "sentence": citation.sentence,
            "excerpt": text[first * PIECE : last * PIECE],
            "proof": self._text_tree(text).proof(first, last),
        }

    def documents(self) -> list[dict[str, Any]]:
        """Return the documents that were quoted, and the proofs that they are in the index."""
        return [
            {"file": self._file(document_id), **self._tree.membership(document_id)}
            for document_id in self._found
        ]

    def _document(self, citation: Citation) -> Document:
        found = self._found.get(citation.document_id)
        document = found or self._catalog.document(citation.document_id)
        if document is None or not _stands(citation, document.text):
            raise ReceiptError(
                f"{citation.source} is not in the index as it was quoted.", "Ask again."
            )
        return self._found.setdefault(document.id, document)

    def _file(self, document_id: str) -> dict[str, str]:
        """Return the file that a document was read from."""
        source, checksum = next(iter(self._catalog.files_of(document_id).items()))
        return {"source": source, "sha256": checksum}


def _stands(citation: Citation, text: str) -> bool:
    """Tell whether quote and sentence are what ``text`` has at their places."""
    return (
        text[citation.start : citation.end] == citation.quote
        and text[citation.sentence_start : citation.sentence_end] == citation.sentence
    )
