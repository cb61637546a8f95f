"""The components in LangChain's own chains."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.runnables import RunnableLambda, RunnablePassthrough

from aiqa import Answer, Assistant, ChatTurn, Filters
from aiqa.errors import QuestionError
from aiqa.integrations.langchain import AiqaAnswerer, AiqaRetriever
from tests.integrations.conftest import QUESTION, UNANSWERED


def test_the_retriever_gives_passages_with_exact_offsets(corpus_assistant: Assistant) -> None:
    retriever = AiqaRetriever(index=corpus_assistant, k=4, filters={"formats": ["markdown"]})
    documents = retriever.invoke(QUESTION)
    assert len(documents) == 4
    for document in documents:
        text = corpus_assistant.document(document.metadata["document_id"]).text
        start, end = document.metadata["start"], document.metadata["end"]
        assert text[start:end] == document.page_content
        assert document.metadata["source"].endswith(".md")
    assert asyncio.run(retriever.ainvoke(QUESTION)) == documents


def test_a_chain_gets_the_typed_answer_with_its_citations(corpus_assistant: Assistant) -> None:
    def quotes(answer: Answer) -> list[str]:
        return [f"{one.quote} [{one.source}]" for one in answer.citations]

    answerer = AiqaAnswerer(index=corpus_assistant)
    chain = {"question": RunnablePassthrough()} | answerer | RunnableLambda(quotes)
    said = corpus_assistant.ask(QUESTION)
    assert chain.invoke(QUESTION) == [f"{one.quote} [{one.source}]" for one in said.citations]
    assert said.citations


def test_batch_async_and_stream_give_the_answers_of_invoke(corpus_assistant: Assistant) -> None:
    answerer = AiqaAnswerer(index=corpus_assistant)
    (streamed,) = answerer.stream(QUESTION)
    first, second = answerer.batch([QUESTION, UNANSWERED])

    async def events() -> tuple[Answer, list[str]]:
        told = [event["event"] async for event in answerer.astream_events(QUESTION)]
        return await answerer.ainvoke(QUESTION), told

    awaited, told = asyncio.run(events())
    assert {answer.text for answer in (streamed, first, awaited)} == {first.text}
    assert first.text
    assert second.abstained
    assert (told[0], told[-1]) == ("on_chain_start", "on_chain_end")


def test_the_messages_before_a_question_are_its_history(
    corpus_assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {}

    def ask(question: str, **options: Any) -> Answer:
        given.update(options, question=question)
        return Answer(question, None, 0.0, "abstention")

    monkeypatch.setattr(corpus_assistant, "ask", ask)
    messages = [
        SystemMessage("Be short."),
        HumanMessage(QUESTION),
        AIMessage("about 800 US dollars"),
        HumanMessage("And in euros?"),
    ]
    answerer = AiqaAnswerer(index=corpus_assistant, filters={"formats": ["pdf"]})
    answerer.invoke({"question": "Who makes it?", "history": messages})
    assert given["history"] == [
        ChatTurn(QUESTION, "about 800 US dollars"),
        ChatTurn("And in euros?"),
    ]
    assert (given["question"], given["filters"]) == ("Who makes it?", Filters(formats=("pdf",)))


def test_an_input_without_a_question_is_refused(corpus_assistant: Assistant) -> None:
    with pytest.raises(QuestionError, match="The input has no question"):
        AiqaAnswerer(index=corpus_assistant).invoke({"query": QUESTION})
