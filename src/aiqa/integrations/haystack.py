"""Haystack components: a retriever of passages, and an answerer that quotes them.

>>> pipeline = Pipeline()
>>> pipeline.add_component("retriever", AiqaRetriever("index"))
>>> pipeline.add_component("answerer", AiqaAnswerer("index"))
>>> pipeline.connect("retriever.documents", "answerer.documents")
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from aiqa import types
from aiqa.assistant import Assistant
from aiqa.checksums import content_id
from aiqa.integrations.extras import missing_framework
from aiqa.integrations.metadata import (
    citation_metadata,
    passage_id,
    passage_metadata,
    passage_score,
)
from aiqa.integrations.opened_index import IndexSource, open_index, read_filters, stored_form
from aiqa.types import Chunk, Citation, ScoredChunk, Span, Statement

try:
    from haystack import Document, ExtractedAnswer, component, default_from_dict, default_to_dict
except ModuleNotFoundError as error:
    raise missing_framework("haystack", error) from error


_OF_INDEX = {"document_id", "start", "end", "score", "dense", "lexical"}
"""What ``meta`` has of a passage that ``AiqaRetriever`` gave."""


@component
class AiqaRetriever:
    """Finds the passages of an index that are nearest to a query.

    ``index`` is an index folder or an open ``Assistant``; ``settings`` override those of files and
    environment. ``filters`` have the names of the fields of ``aiqa.Filters``, such as
    ``{"sources": ["contracts/*"]}``.
    """

    def __init__(
        self,
        index: IndexSource = "index",
        *,
        top_k: int = 10,
        filters: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self.index = index
        self.top_k = top_k
        self.filters = filters
        self.settings = settings

    def warm_up(self) -> None:
        """Load index and embedder."""
        open_index(self.index, self.settings).search("warm up", k=1)

    @component.output_types(documents=list[Document])
    def run(
        self, query: str, filters: dict[str, Any] | None = None, top_k: int | None = None
    ) -> dict[str, list[Document]]:
        """Return up to ``top_k`` documents, a passage each, best first.

        ``meta`` has the keys of ``aiqa search --json``: ``start`` and ``end`` are characters of the
        whole document ``document_id``.

        Raises:
            QuestionError: the query is empty or too long, or no document matches the filters.
            CatalogError: there is no usable index.
        """
        hits = open_index(self.index, self.settings).search(
            query, k=top_k or self.top_k, filters=read_filters(filters or self.filters)
        )
        return {"documents": [_document(hit) for hit in hits]}

    def to_dict(self) -> dict[str, Any]:
        """Return what ``from_dict`` makes the component of; models are not stored."""
        return default_to_dict(
            self,
            **stored_form(self.index, self.settings),
            top_k=self.top_k,
            filters=_json(self.filters),
        )

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Return the component that ``to_dict`` gave ``data`` of."""
        return default_from_dict(cls, data)


@component
class AiqaAnswerer:
    """Answers a query in the documents' own words, or says that they do not.

    See ``AiqaRetriever`` for ``index``, ``filters`` and ``settings``.
    """

    def __init__(
        self,
        index: IndexSource = "index",
        *,
        filters: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self.index = index
        self.filters = filters
        self.settings = settings

    def warm_up(self) -> None:
        """Load index and models."""
        open_index(self.index, self.settings).warm_up()

    @component.output_types(
        answers=list[ExtractedAnswer],
        alternatives=list[ExtractedAnswer],
        outcome=str,
        reason=str,
    )
    def run(
        self,
        query: str,
        documents: list[Document] | None = None,
        filters: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Answer ``query``: from the whole index, or from nothing but ``documents``.

        ``documents`` are passages that ``AiqaRetriever`` gave, or any others, which are read from
        their content. ``answers`` are none unless the ``outcome`` is "answered"; ``alternatives``
        are other candidates, and ``reason`` says why there is no answer. An answer's ``data`` is
        ``document.content[document_offset.start:document_offset.end]``; its ``meta`` has every
        ``citation``, with offsets in the whole document.

        Raises:
            QuestionError: the query is empty or too long, or no document matches the filters.
            CatalogError: there is no usable index.
        """
        assistant = open_index(self.index, self.settings)
        if documents is None:
            answer = assistant.ask(query, filters=read_filters(filters or self.filters))
            shelf = _Shelf.of_index(assistant, answer)
        else:
            shelf = _Shelf.of_documents(assistant, documents)
            answer = assistant.ask_passages(query, shelf.passages())
        return {
            "answers": [shelf.extracted(query, one) for one in answer.statements],
            "alternatives": [shelf.extracted(query, one) for one in answer.alternatives],
            "outcome": answer.outcome,
            "reason": answer.reason or "",
        }

    def to_dict(self) -> dict[str, Any]:
        """Return what ``from_dict`` makes the component of; models are not stored."""
        return default_to_dict(
            self, **stored_form(self.index, self.settings), filters=_json(self.filters)
        )

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Return the component that ``to_dict`` gave ``data`` of."""
        return default_from_dict(cls, data)


@dataclass(frozen=True, slots=True)
class _Passage:
    """A Haystack document, and where its content stands in a document of aiqa."""

    document: Document
    read: ScoredChunk | types.Document
    document_id: str
    start: int
    end: int

    def holds(self, citation: Citation) -> bool:
        return (
            citation.document_id == self.document_id
            and self.start <= citation.start
            and citation.end <= self.end
        )


@dataclass(frozen=True, slots=True)
class _Shelf:
    """The passages that answers may be quoted from."""

    held: Sequence[_Passage]

    @classmethod
    def of_documents(cls, assistant: Assistant, documents: Sequence[Document]) -> Self:
        """Those that a pipeline hands over; documents without a text have nothing to read."""
        return cls([_passage(assistant, one) for one in documents if one.content])

    @classmethod
    def of_index(cls, assistant: Assistant, answer: types.Answer) -> Self:
        """The passages of the index that ``answer`` quotes."""
        cited = [one.citations[0] for one in (*answer.statements, *answer.alternatives)]
        chunks = dict.fromkeys(
            _chunk(assistant, one.document_id, Span(one.start, one.end)) for one in cited
        )
        hits = [ScoredChunk(one, score=answer.confidence, dense=0.0) for one in chunks if one]
        return cls(
            [
                _Passage(_document(hit), hit, hit.chunk.document_id, hit.chunk.start, hit.chunk.end)
                for hit in hits
            ]
        )

    def passages(self) -> list[ScoredChunk | types.Document]:
        return [one.read for one in self.held]

    def extracted(self, query: str, statement: Statement) -> ExtractedAnswer:
        """Return ``statement`` with the passage of its first citation."""
        cited = statement.citations[0]
        passage = next(one for one in self.held if one.holds(cited))
        return ExtractedAnswer(
            query=query,
            score=statement.confidence,
            data=statement.text,
            document=passage.document,
            context=cited.sentence,
            document_offset=ExtractedAnswer.Span(
                cited.start - passage.start, cited.end - passage.start
            ),
            context_offset=ExtractedAnswer.Span(
                cited.start - cited.sentence_start, cited.end - cited.sentence_start
            ),
            meta={"citations": [citation_metadata(one) for one in statement.citations]},
        )


def _passage(assistant: Assistant, document: Document) -> _Passage:
    """Return the chunk of the index that ``document`` is, or its content as a text of its own."""
    meta, content = document.meta, document.content or ""
    if meta.keys() >= _OF_INDEX:
        chunk = _chunk(assistant, meta["document_id"], Span(meta["start"], meta["end"]))
        if chunk and (chunk.start, chunk.text) == (meta["start"], content):
            hit = ScoredChunk(chunk, meta["score"], meta["dense"], meta["lexical"])
            return _Passage(document, hit, chunk.document_id, chunk.start, chunk.end)
    text = types.Document(
        id=content_id(content.encode("utf-8", "surrogatepass")),
        source=str(meta.get("source") or meta.get("file_path") or document.id),
        format="text",
        title=str(meta.get("title") or ""),
        text=content,
    )
    return _Passage(document, text, text.id, 0, len(content))


def _chunk(assistant: Assistant, document_id: str, span: Span) -> Chunk | None:
    """Return the chunk of the index that holds ``span`` of a document; None if none does."""
    if not assistant.store.has_index:
        return None
    catalog = assistant.store.index.catalog
    with catalog.reading():
        keys = [
            key for key, start, end in catalog.places(document_id) if Span(start, end).holds(span)
        ]
        return next(iter(catalog.chunks(keys[:1])), None)


def _document(hit: ScoredChunk) -> Document:
    return Document(
        id=passage_id(hit),
        content=hit.chunk.text,
        meta=passage_metadata(hit),
        score=passage_score(hit),
    )


def _json(filters: Mapping[str, Any] | types.Filters | None) -> dict[str, Any] | None:
    if isinstance(filters, types.Filters):
        return asdict(filters)
    return dict(filters) if filters else None
