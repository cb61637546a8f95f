"""The BM25 index: tantivy over the catalog's chunks."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiqa.text.analysis import analyzer, terms
from aiqa.types import Chunk

if TYPE_CHECKING:
    import tantivy

_ANALYZER = "aiqa"
_FIELDS = ("text", "context")

_SHORTEST_MISSPELT = 4
"""Letters of the shortest stem that is taken for a misspelling: shorter words resemble many."""

_DEEPER = 4
_MOST_EQUAL = 10_000
"""Factor by which a search goes deeper while the last chunks found are equally good, and the number
of chunks from which it does not."""


class LexicalIndex:
    """BM25 over text and context of chunks, with English stemming.

    A word counts where it scores best: in the text, or in the title, headings and lead-in. A word
    that no chunk has stands for the words that differ from it by one letter.
    """

    def __init__(self, index: tantivy.Index) -> None:
        index.register_tokenizer(_ANALYZER, analyzer())
        self._index = index
        self._searcher = index.searcher()

    @classmethod
    def build(cls, chunks: Iterable[Chunk], folder: Path | None) -> LexicalIndex:
        """Index ``chunks`` in the empty ``folder``, or in memory if that is None."""
        import tantivy

        index = tantivy.Index(_schema(), path=str(folder) if folder else None)
        lexical = cls(index)
        lexical.add(chunks)
        return lexical

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Open what ``build`` wrote.

        Raises:
            ValueError: the folder is missing or damaged.
        """
        import tantivy

        return cls(tantivy.Index.open(str(folder)))

    def add(self, chunks: Iterable[Chunk]) -> None:
        """Index further ``chunks``."""
        import tantivy

        writer = self._writer()
        for chunk in chunks:
            document = tantivy.Document()
            document.add_unsigned("key", chunk.key)
            document.add_unsigned("document", _number(chunk.document_id))
            document.add_text("text", chunk.text)
            document.add_text("context", chunk.context)
            writer.add_document(document)
        self._finish(writer)

    def remove(self, keys: Iterable[int]) -> None:
        """Remove chunks; until an index is built anew, its word statistics still include them."""
        from tantivy import Query

        writer = self._writer()
        removed = Query.term_set_query(self._index.schema, "key", list(keys))
        writer.delete_documents_by_query(removed)
        self._finish(writer)

    def search(
        self,
        question: str,
        k: int,
        among: Sequence[int] | None = None,
        documents: Sequence[str] | None = None,
    ) -> list[tuple[int, float]]:
        """Return up to ``k`` keys of chunks that match ``question``, with BM25 scores, best first.

        The question is plain words, not query syntax. ``among`` restricts the search to these keys,
        ``documents`` to the chunks of documents with these ids. Equal scores are ordered by key.
        """
        from tantivy import Occur, Query

        schema = self._index.schema
        words = [(Occur.Should, self._word(term)) for term in dict.fromkeys(terms(question))]
        if not words:
            return []
        query = Query.boolean_query(words)
        numbers = None if documents is None else [_number(one) for one in documents]
        for field, values in (("key", among), ("document", numbers)):
            if values is not None:
                allowed = Query.term_set_query(schema, field, list(values))
                allowed = Query.const_score_query(allowed, 0.0)
                query = Query.boolean_query([(Occur.Must, query), (Occur.Must, allowed)])
        found = self._best(query, k)
        addresses = [address for _, address in found]
        keys: list[Any] = self._searcher.fast_field_values("key", addresses)
        hits = [(int(key), float(score)) for key, (score, _) in zip(keys, found, strict=True)]
        return sorted(hits, key=lambda hit: (-hit[1], hit[0]))[:k]

    def _best(self, query: tantivy.Query, k: int) -> list[Any]:
        """Return the ``k`` best scores and addresses, and all that are as good as the last.

        Which of equal ones tantivy returns depends on the order in which chunks were added.
        """
        limit = k
        while True:
            found: list[Any] = self._searcher.search(query, limit).hits
            if len(found) < limit or found[-1][0] < found[k - 1][0] or limit >= _MOST_EQUAL:
                return found
            limit *= _DEEPER

    def _writer(self) -> tantivy.IndexWriter:
        return self._index.writer(heap_size=64_000_000, num_threads=1)

    def _finish(self, writer: tantivy.IndexWriter) -> None:
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def _word(self, term: str) -> tantivy.Query:
        from tantivy import Query

        schema = self._index.schema
        if self._is_misspelt(term):
            # Tantivy gives such matches a score of 1; they get their words' inverse frequency.
            similar = Query.disjunction_max_query(
                [Query.fuzzy_term_query(schema, field, term) for field in _FIELDS]
            )
            counted = self._searcher.search(similar, 1)
            found = counted.count or 0  # type: ignore[attr-defined]  # the stubs lack it
            return Query.const_score_query(similar, rarity(self._searcher.num_docs, found))
        return Query.disjunction_max_query(
            [Query.term_query(schema, field, term) for field in _FIELDS]
        )

    def _is_misspelt(self, term: str) -> bool:
        return is_like_a_misspelling(term) and not any(
            self._searcher.doc_freq(field, term) for field in _FIELDS
        )


def rarity(chunks: int, found: int) -> float:
    """Return the inverse frequency, as in BM25, of what ``found`` of all ``chunks`` have."""
    return math.log1p((chunks - found + 0.5) / (found + 0.5))


def is_like_a_misspelling(term: str) -> bool:
    """Tell whether ``term``, if no chunk has it, is taken for a misspelling of other words."""
    return len(term) >= _SHORTEST_MISSPELT and term.isalpha()


def _number(document_id: str) -> int:
    """Return 64 bits that stand for a document: filters name documents, not all their chunks."""
    digest = hashlib.blake2b(document_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def _schema() -> tantivy.Schema:
    from tantivy import SchemaBuilder

    builder = SchemaBuilder()
    builder.add_unsigned_field("key", indexed=True, fast=True)
    builder.add_unsigned_field("document", indexed=True)
    for name in _FIELDS:
        builder.add_text_field(name, stored=False, tokenizer_name=_ANALYZER, index_option="freq")
    return builder.build()
