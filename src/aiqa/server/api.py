"""The JSON endpoints: by name for `gradio_client`, as tools for MCP clients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from threading import BoundedSemaphore, Lock
from typing import Any

from pydantic import ValidationError, validate_call

from aiqa.assistant import Assistant
from aiqa.errors import AiqaError, QuestionError
from aiqa.serialization import answer_dict, hit_dict
from aiqa.types import Filters

_MOST_HITS = 100
_MOST_WAITING = 32
"""Most waiting calls; further ones get an error that the server is busy."""


class Programs:
    """The named endpoints, one call at a time and a bounded number waiting."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._turn = Lock()
        self._places = BoundedSemaphore(_MOST_WAITING)

    def ask(
        self,
        question: str,
        sources: list[str] | None = None,
        title: str | None = None,
        formats: list[str] | None = None,
        collections: list[str] | None = None,
        min_confidence: float | None = None,
    ) -> dict[str, Any]:
        """Answer a question in the documents' own words, with citations, or say that they do not.

        "outcome" is "answered"; or "unsure", where "text" is null and "alternatives" are what may
        answer, each with its probability; or "not found", where the documents don't seem to say.
        "conflicts" is true if documents contradict each other; "positions" are then their values.
        Every citation is an exact slice of its document: characters "start" to "end".

        Args:
            question: what to ask, in a sentence
            sources: only documents whose path fits one of these shell patterns, as "contracts/*"
            title: only documents with this in their title
            formats: only documents of these formats, as "pdf"
            collections: only documents of these collections
            min_confidence: give no answer below this probability of being right, from 0 to 1
        """
        filters = Filters.parse(sources, title, formats, collections)
        if min_confidence is not None and not 0 <= min_confidence <= 1:
            raise QuestionError("min_confidence is a number from 0 to 1.")
        return answer_dict(
            self._assistant.ask(question, filters=filters, min_confidence=min_confidence)
        )

    def search(
        self,
        question: str,
        k: int = 10,
        sources: list[str] | None = None,
        title: str | None = None,
        formats: list[str] | None = None,
        collections: list[str] | None = None,
    ) -> dict[str, Any]:
        """Find the passages nearest to a question, best first.

        Args:
            question: what to look for
            k: how many passages, at most 100
            sources: only documents whose path fits one of these shell patterns, as "contracts/*"
            title: only documents with this in their title
            formats: only documents of these formats, as "pdf"
            collections: only documents of these collections
        """
        if not 1 <= k <= _MOST_HITS:
            raise QuestionError(f"k is a number from 1 to {_MOST_HITS}.")
        filters = Filters.parse(sources, title, formats, collections)
        hits = self._assistant.search(question, k=k, filters=filters)
        return {"question": question, "hits": [hit_dict(hit) for hit in hits]}

    def documents(self) -> dict[str, Any]:
        """List the documents that can be asked: path, id, title, format and collection of each."""
        return {"documents": [asdict(holding) for holding in self._assistant.holdings()]}

    def endpoints(self, error: Callable[[str], Exception]) -> dict[str, Callable[..., Any]]:
        """Return the functions by name; they raise the exception that ``error`` creates."""
        return {
            function.__name__: self._in_turn(function, error)
            for function in (self.ask, self.search, self.documents)
        }

    def _in_turn(
        self, function: Callable[..., Any], error: Callable[[str], Exception]
    ) -> Callable[..., Any]:
        validated = validate_call(function)

        @wraps(function)
        def in_turn(*args: Any, **options: Any) -> Any:
            if not self._places.acquire(blocking=False):
                raise error("Busy: too many questions are waiting. Try again in a moment.")
            try:
                with self._turn:
                    return validated(*args, **options)
            except ValidationError as refusal:
                raise error(_complaints(refusal)) from None
            except AiqaError as refusal:
                raise error(str(refusal)) from refusal
            finally:
                self._places.release()

        return in_turn


def _complaints(error: ValidationError) -> str:
    """Return what is wrong with the arguments, without repeating them."""
    return "; ".join(
        f"{'.'.join(map(str, one['loc']))}: {one['msg']}"
        for one in error.errors(include_url=False, include_input=False, include_context=False)
    )


def offer(programs: Programs) -> None:
    """Add the endpoints to the page that is being built, a ``gradio.Blocks``."""
    import gradio as gr

    for name, function in programs.endpoints(_as_gradio_has_it).items():
        gr.api(  # type: ignore[attr-defined]
            function, api_name=name, concurrency_id="programs", concurrency_limit=1
        )


def _as_gradio_has_it(message: str) -> Exception:
    import gradio as gr

    return gr.Error(message, print_exception=False)
