"""LangChain: a retriever of passages, and a runnable that returns typed answers.

>>> AiqaRetriever(index="index").invoke("How much does SenseRobot cost?")
>>> AiqaAnswerer(index="index").invoke("How much does SenseRobot cost?").citations
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ConfigDict

from aiqa.errors import QuestionError
from aiqa.integrations.extras import missing_framework
from aiqa.integrations.metadata import passage_id, passage_metadata
from aiqa.integrations.opened_index import IndexSource, open_index, read_filters
from aiqa.types import Answer, ChatTurn, ScoredChunk

try:
    from langchain_core.callbacks import CallbackManagerForRetrieverRun
    from langchain_core.documents import Document
    from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
    from langchain_core.retrievers import BaseRetriever
    from langchain_core.runnables import RunnableConfig, RunnableSerializable
except ModuleNotFoundError as error:
    raise missing_framework("langchain", error) from error


class AiqaRetriever(BaseRetriever):
    """Finds the ``k`` passages of an index that are nearest to a query.

    ``index`` is an index folder or an open ``Assistant``; ``settings`` override those of files and
    environment. ``filters`` have the names of the fields of ``aiqa.Filters``. ``metadata`` of a
    document has the keys of ``aiqa search --json``: ``start`` and ``end`` are characters of the
    whole document ``document_id``.
    """

    index: IndexSource = "index"
    k: int = 10
    filters: dict[str, Any] | None = None
    settings: dict[str, Any] | None = None

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 - part of the interface
    ) -> list[Document]:
        assistant = open_index(self.index, self.settings)
        hits = assistant.search(query, k=self.k, filters=read_filters(self.filters))
        return [
            Document(
                id=passage_id(hit), page_content=hit.chunk.text, metadata=passage_metadata(hit)
            )
            for hit in hits
        ]


Question = str | Mapping[str, Any]
"""A question; or one with the conversation before it: ``{"question": …, "history": messages}``."""


class AiqaAnswerer(RunnableSerializable[Question, Answer]):
    """Answers questions in the documents' own words, or says that they do not.

    Gives an ``aiqa.Answer``, whose citations have offsets. The input is a question, or a mapping
    with ``question``, and optionally ``history``, the messages before it, and ``filters``. See
    ``AiqaRetriever`` for ``index``, ``filters`` and ``settings``.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    index: IndexSource = "index"
    filters: dict[str, Any] | None = None
    settings: dict[str, Any] | None = None

    def invoke(
        self,
        input: Question,  # noqa: A002 - the name that LangChain gives it
        config: RunnableConfig | None = None,
        **_: Any,
    ) -> Answer:
        """Return the answer to ``input``.

        Raises:
            QuestionError: the question is missing, empty or too long, or the filters match nothing.
            CatalogError: there is no usable index.
        """
        return self._call_with_config(self._ask, input, config)

    def _ask(self, given: Question) -> Answer:
        assistant = open_index(self.index, self.settings)
        fields: Mapping[str, Any] = {"question": given} if isinstance(given, str) else given
        if not isinstance(fields.get("question"), str):
            raise QuestionError("The input has no question.", 'Give {"question": "…"}, or a text.')
        return assistant.ask(
            fields["question"],
            history=turns(fields.get("history") or ()),
            filters=read_filters(fields.get("filters") or self.filters),
        )


def _document(hit: ScoredChunk) -> Document:
    return Document(id=passage_id(hit), page_content=hit.chunk.text, metadata=passage_metadata(hit))


def turns(messages: Sequence[BaseMessage]) -> list[ChatTurn]:
    """Return what ``messages`` of a conversation say, a turn for each question of a person."""
    before: list[ChatTurn] = []
    for message in messages:
        if isinstance(message, HumanMessage):
            before.append(ChatTurn(message.text))
        elif isinstance(message, AIMessage) and before:
            before[-1] = ChatTurn(before[-1].question, message.text)
    return before
