"""The JSON endpoints: by name for `gradio_client`, as tools for MCP clients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from pydantic import ValidationError, validate_call

from aiqa.errors import AiqaError
from aiqa.server.call_schemas import Day, EarlierTurn, chat_turns
from aiqa.server.calls import Calls
from aiqa.types import Filters
from aiqa.validation_errors import validation_message


class JsonEndpoints:
    """The functions that programs can call by name: ask, search and documents."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def ask(
        self,
        question: str,
        sources: list[str] | None = None,
        title: str | None = None,
        formats: list[str] | None = None,
        collections: list[str] | None = None,
        min_confidence: float | None = None,
        max_risk: float | None = None,
        since: Day | None = None,
        until: Day | None = None,
        history: list[EarlierTurn] | None = None,
    ) -> dict[str, Any]:
        """Answer a question in the documents' own words, with citations, or say that they do not.

        "outcome" is "answered"; or "unsure", where "text" is null and "alternatives" are what may
        answer, each with its probability; or "not found", where the documents don't seem to say.
        "conflicts" is true if documents contradict each other; "positions" are then their values.
        Every citation is an exact slice of its document: characters "start" to "end". "turn" is
        what to add to "history" for the next question of a conversation.

        Args:
            question: what to ask, in a sentence
            sources: only documents whose path fits one of these shell patterns, as "contracts/*"
            title: only documents with this in their title
            formats: only documents of these formats, as "pdf"
            collections: only documents of these collections
            min_confidence: give no answer below this probability of being right, from 0 to 1
            max_risk: give only answers of which at most this share is wrong, between 0 and 1
            since: only documents of this day (ISO 8601) or later
            until: only documents of this day or earlier
            history: "turn" of the earlier answers of the conversation, oldest first
        """
        filters = Filters.parse(sources, title, formats, collections)
        return self._calls.ask(
            question,
            history=chat_turns(history or ()),
            filters=replace(filters, since=since, until=until),
            min_confidence=min_confidence,
            max_risk=max_risk,
        )

    def search(
        self,
        question: str,
        k: int = 10,
        sources: list[str] | None = None,
        title: str | None = None,
        formats: list[str] | None = None,
        collections: list[str] | None = None,
        since: Day | None = None,
        until: Day | None = None,
        history: list[EarlierTurn] | None = None,
    ) -> dict[str, Any]:
        """Find the passages nearest to a question, best first.

        Args:
            question: what to look for
            k: how many passages, at most 100
            sources: only documents whose path fits one of these shell patterns, as "contracts/*"
            title: only documents with this in their title
            formats: only documents of these formats, as "pdf"
            collections: only documents of these collections
            since: only documents of this day (ISO 8601) or later
            until: only documents of this day or earlier
            history: "turn" of the earlier answers of the conversation, oldest first
        """
        filters = Filters.parse(sources, title, formats, collections)
        return self._calls.search(
            question,
            k=k,
            history=chat_turns(history or ()),
            filters=replace(filters, since=since, until=until),
        )

    def documents(self) -> dict[str, Any]:
        """List the documents that can be asked: path, id, title, format and collection of each."""
        return {"documents": self._calls.documents()}

    def by_name(self, error: Callable[[str], Exception]) -> dict[str, Callable[..., Any]]:
        """Return the functions by name; they raise the exception that ``error`` creates."""
        return {
            function.__name__: self._with_errors(function, error)
            for function in (self.ask, self.search, self.documents)
        }

    def _with_errors(
        self, function: Callable[..., Any], error: Callable[[str], Exception]
    ) -> Callable[..., Any]:
        validated = validate_call(function)

        @wraps(function)
        def told(*args: Any, **options: Any) -> Any:
            try:
                return validated(*args, **options)
            except ValidationError as refusal:
                raise error(validation_message(refusal)) from None
            except AiqaError as refusal:
                raise error(str(refusal)) from refusal

        return told


def add_endpoints(endpoints: JsonEndpoints) -> None:
    """Add the endpoints to the page that is being built, a ``gradio.Blocks``."""
    import gradio as gr

    for name, function in endpoints.by_name(_gradio_error).items():
        gr.api(  # type: ignore[attr-defined]
            function, api_name=name, concurrency_id="programs", concurrency_limit=1
        )


def _gradio_error(message: str) -> Exception:
    import gradio as gr

    return gr.Error(message, print_exception=False)
