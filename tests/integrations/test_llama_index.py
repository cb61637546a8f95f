"""The components in LlamaIndex's own query engines."""

from __future__ import annotations

import asyncio

import pytest
from llama_index.core import Settings
from llama_index.core.indices.query.query_transform.base import IdentityQueryTransform
from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine, TransformQueryEngine
from llama_index.core.response_synthesizers import ResponseMode
from llama_index.core.schema import BaseNode, TextNode

from aiqa import Assistant
from aiqa.integrations.llama_index import AiqaQueryEngine, AiqaRetriever
from tests.integrations.conftest import QUESTION, UNANSWERED


def stands_where_it_says(node: BaseNode, assistant: Assistant) -> bool:
    assert isinstance(node, TextNode)
    text = assistant.document(str(node.ref_doc_id)).text
    return text[node.start_char_idx : node.end_char_idx] == node.text


def test_the_retriever_gives_nodes_with_exact_offsets(corpus_assistant: Assistant) -> None:
    retriever = AiqaRetriever(corpus_assistant, similarity_top_k=4)
    nodes = retriever.retrieve(QUESTION)
    assert len(nodes) == 4
    assert all(stands_where_it_says(one.node, corpus_assistant) for one in nodes)
    assert [one.score for one in nodes] == sorted([one.score or 0 for one in nodes], reverse=True)
    assert asyncio.run(retriever.aretrieve(QUESTION)) == nodes


def test_the_retriever_serves_a_query_engine_of_the_framework(
    corpus_assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Settings, "_llm", MockLLM())
    retriever = AiqaRetriever(corpus_assistant, filters={"formats": ["html"]})
    engine = RetrieverQueryEngine.from_args(retriever, response_mode=ResponseMode.NO_TEXT)
    response = engine.query(QUESTION)
    assert response.source_nodes
    assert all(one.node.metadata["source"].endswith(".html") for one in response.source_nodes)


def test_the_query_engine_quotes_with_a_source_node_for_each_citation(
    corpus_assistant: Assistant,
) -> None:
    own = AiqaQueryEngine(corpus_assistant)
    response = TransformQueryEngine(own, IdentityQueryTransform()).query(QUESTION)
    said = corpus_assistant.ask(QUESTION)
    assert str(response) == said.text
    assert [one.node.get_content() for one in response.source_nodes] == [
        citation.quote for citation in said.citations
    ]
    assert all(stands_where_it_says(one.node, corpus_assistant) for one in response.source_nodes)
    assert response.metadata is not None
    assert response.metadata["outcome"] == "answered"


def test_an_abstention_has_no_response_but_a_reason(corpus_assistant: Assistant) -> None:
    response = asyncio.run(AiqaQueryEngine(corpus_assistant).aquery(UNANSWERED))
    assert (getattr(response, "response"), response.source_nodes) == (None, [])  # noqa: B009
    assert response.metadata is not None
    assert response.metadata["outcome"] in ("unsure", "not found")
    assert response.metadata["reason"]
