"""The components in Haystack's own pipelines."""

from __future__ import annotations

from pathlib import Path

import pytest
from haystack import Document, Pipeline
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever
from haystack.document_stores.in_memory import InMemoryDocumentStore

from aiqa import Assistant, Settings
from aiqa.errors import SettingsError
from aiqa.integrations import opened_index
from aiqa.integrations.haystack import AiqaAnswerer, AiqaRetriever
from tests.integrations.conftest import QUESTION, UNANSWERED


def pipeline(index: Assistant | str) -> Pipeline:
    """A retriever whose passages the answerer reads."""
    made = Pipeline()
    made.add_component("retriever", AiqaRetriever(index, top_k=20))
    made.add_component("answerer", AiqaAnswerer(index))
    made.connect("retriever.documents", "answerer.documents")
    return made


def asked(question: str) -> dict[str, dict[str, str]]:
    return {"retriever": {"query": question}, "answerer": {"query": question}}


def test_passages_of_the_retriever_are_answered_from_with_exact_offsets(
    corpus_assistant: Assistant,
) -> None:
    found = pipeline(corpus_assistant).run(
        asked(QUESTION), include_outputs_from={"retriever", "answerer"}
    )
    documents, result = found["retriever"]["documents"], found["answerer"]
    for document in documents:
        text = corpus_assistant.document(document.meta["document_id"]).text
        assert text[document.meta["start"] : document.meta["end"]] == document.content
    assert result["outcome"] == "answered"
    (answer,) = result["answers"]
    # As many passages as aiqa reads by itself, so the same answer.
    assert answer.score == pytest.approx(corpus_assistant.ask(QUESTION).confidence)
    assert "800" in answer.data
    assert answer.document in documents
    offset, context = answer.document_offset, answer.context_offset
    assert answer.document.content[offset.start : offset.end] == answer.data
    assert answer.context[context.start : context.end] == answer.data
    for citation in answer.meta["citations"]:
        text = corpus_assistant.document(citation["document_id"]).text
        assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_the_answerer_alone_searches_the_index_and_gives_what_ask_gives(
    corpus_assistant: Assistant,
) -> None:
    result = AiqaAnswerer(corpus_assistant).run(QUESTION)
    expected = corpus_assistant.ask(QUESTION)
    assert [answer.data for answer in result["answers"]] == [s.text for s in expected.statements]
    assert result["answers"][0].score == expected.confidence
    offset = result["answers"][0].document_offset
    content = result["answers"][0].document.content
    assert content[offset.start : offset.end] == expected.text


def test_an_abstention_has_no_answers_but_candidates_and_a_reason(
    corpus_assistant: Assistant,
) -> None:
    result = AiqaAnswerer(corpus_assistant).run(UNANSWERED)
    assert result["answers"] == []
    assert result["outcome"] in ("unsure", "not found")
    assert result["reason"]
    assert all(one.document is not None for one in result["alternatives"])


def test_documents_of_another_store_are_read_where_they_stand(corpus_assistant: Assistant) -> None:
    store = InMemoryDocumentStore()
    store.write_documents(
        [
            Document(content="The lease began on 1 May 2020. It ends on 30 April 2027."),
            Document(
                content="The ferry sails at noon, and the lease of the quay is not its affair."
            ),
        ]
    )
    mixed = Pipeline()
    mixed.add_component("bm25", InMemoryBM25Retriever(store))
    mixed.add_component("joiner", DocumentJoiner())
    mixed.add_component("answerer", AiqaAnswerer(corpus_assistant))
    mixed.connect("bm25.documents", "joiner.documents")
    mixed.connect("joiner.documents", "answerer.documents")
    question = "When does the lease end?"
    result = mixed.run({"bm25": {"query": question}, "answerer": {"query": question}})["answerer"]
    (best, *_) = result["answers"] or result["alternatives"]
    assert best.data == "30 April 2027"
    assert best.document.content[best.document_offset.start : best.document_offset.end] == best.data


def test_no_documents_are_no_answer(corpus_assistant: Assistant) -> None:
    assert AiqaAnswerer(corpus_assistant).run(QUESTION, documents=[])["outcome"] == "not found"


def test_a_stored_pipeline_is_loaded_with_index_filters_and_settings(
    corpus_assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = Pipeline()
    folder = str(corpus_assistant.folder)
    stored.add_component(
        "retriever",
        AiqaRetriever(folder, top_k=3, filters={"formats": ["html"]}, settings={"read_chunks": 10}),
    )
    again = Pipeline.loads(stored.dumps(), allowed_modules=["aiqa.integrations.haystack"])
    opened = []

    def open_shared(folder: Path, settings: Settings) -> Assistant:
        opened.append((folder, settings))
        return corpus_assistant

    monkeypatch.setattr(opened_index, "_shared", open_shared)
    documents = again.run({"retriever": {"query": QUESTION}})["retriever"]["documents"]
    assert len(documents) == 3
    assert {Path(one.meta["source"]).suffix for one in documents} == {".html"}
    assert {(folder, settings.read_chunks) for folder, settings in opened} == {
        (corpus_assistant.folder, 10)
    }


def test_an_open_assistant_is_stored_as_its_folder_and_settings(
    corpus_assistant: Assistant,
) -> None:
    again = AiqaAnswerer.from_dict(AiqaAnswerer(corpus_assistant).to_dict())
    assert again.index == str(corpus_assistant.folder)
    assert again.settings == corpus_assistant.settings.model_dump(mode="json")


def test_an_unknown_filter_is_refused_by_its_name(corpus_assistant: Assistant) -> None:
    with pytest.raises(SettingsError, match=r"'folder'.*Choose among sources"):
        AiqaRetriever(corpus_assistant).run(QUESTION, filters={"folder": "x"})
