"""LlamaIndex: a retriever of passages, and a query engine that quotes them.

>>> AiqaQueryEngine("index").query("How much does SenseRobot cost?").source_nodes
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from aiqa.integrations.extras import missing_framework
from aiqa.integrations.metadata import (
    answer_metadata,
    citation_metadata,
    passage_id,
    passage_metadata,
    passage_score,
)
from aiqa.integrations.opened_index import IndexSource, open_index, read_filters
from aiqa.types import Citation, ScoredChunk

try:
    from llama_index.core.base.base_query_engine import BaseQueryEngine
    from llama_index.core.base.base_retriever import BaseRetriever
    from llama_index.core.base.response.schema import Response
    from llama_index.core.callbacks import CallbackManager
    from llama_index.core.prompts.mixin import PromptMixinType
    from llama_index.core.schema import (
        NodeRelationship,
        NodeWithScore,
        QueryBundle,
        RelatedNodeInfo,
        TextNode,
    )
except ModuleNotFoundError as error:
    raise missing_framework("llama-index", error) from error


class AiqaRetriever(BaseRetriever):
    """Finds the passages of an index that are nearest to a query.

    ``index`` is an index folder or an open ``Assistant``; ``settings`` override those of files and
    environment. ``filters`` have the names of the fields of ``aiqa.Filters``. A node's
    ``start_char_idx`` and ``end_char_idx`` are characters of the whole document.
    """

    def __init__(
        self,
        index: IndexSource = "index",
        *,
        similarity_top_k: int = 10,
        filters: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
        callback_manager: CallbackManager | None = None,
    ) -> None:
        super().__init__(callback_manager=callback_manager)
        self._index = index
        self._similarity_top_k = similarity_top_k
        self._filters = filters
        self._settings = settings

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        hits = open_index(self._index, self._settings).search(
            query_bundle.query_str, k=self._similarity_top_k, filters=read_filters(self._filters)
        )
        return [NodeWithScore(node=_passage_node(hit), score=passage_score(hit)) for hit in hits]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)


class AiqaQueryEngine(BaseQueryEngine):
    """Answers queries in the documents' own words, or says that they do not.

    ``response`` is None where there is no answer; ``metadata["reason"]`` says why, and
    ``metadata["alternatives"]`` has candidates. Each citation is a source node, whose text is the
    quote and whose ``start_char_idx`` and ``end_char_idx`` are characters of the whole document.
    See ``AiqaRetriever`` for the arguments.
    """

    def __init__(
        self,
        index: IndexSource = "index",
        *,
        filters: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
        callback_manager: CallbackManager | None = None,
    ) -> None:
        super().__init__(callback_manager)
        self._index = index
        self._filters = filters
        self._settings = settings

    def retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        """Return the passages that are nearest to a query."""
        retriever = AiqaRetriever(self._index, filters=self._filters, settings=self._settings)
        return retriever.retrieve(query_bundle)

    def _query(self, query_bundle: QueryBundle) -> Response:
        answer = open_index(self._index, self._settings).ask(
            query_bundle.query_str, filters=read_filters(self._filters)
        )
        nodes = [
            NodeWithScore(node=_citation_node(citation), score=statement.confidence)
            for statement in answer.statements
            for citation in statement.citations
        ]
        return Response(answer.text, nodes, answer_metadata(answer))

    async def _aquery(self, query_bundle: QueryBundle) -> Response:
        return await asyncio.to_thread(self._query, query_bundle)

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}


def _passage_node(hit: ScoredChunk) -> TextNode:
    chunk = hit.chunk
    return TextNode(
        id_=passage_id(hit),
        text=chunk.text,
        metadata=passage_metadata(hit),
        start_char_idx=chunk.start,
        end_char_idx=chunk.end,
        relationships=_source(chunk.document_id),
    )


def _citation_node(citation: Citation) -> TextNode:
    return TextNode(
        id_=f"{citation.document_id}:{citation.start}-{citation.end}",
        text=citation.quote,
        metadata=citation_metadata(citation),
        start_char_idx=citation.start,
        end_char_idx=citation.end,
        relationships=_source(citation.document_id),
    )


def _source(document_id: str) -> dict[NodeRelationship, Any]:
    return {NodeRelationship.SOURCE: RelatedNodeInfo(node_id=document_id)}
