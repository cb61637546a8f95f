"""``/ask`` and ``/search``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response, StreamingResponse

from aiqa.errors import AiqaError
from aiqa.server.call_schemas import chat_turns
from aiqa.server.calls import Calls
from aiqa.server.rest.schemas import AnswerBody, AskBody, FoundPassages, SearchBody

_PASSAGES = 3
"""Passages that are sent before the answer."""

_EVENTS = """\
event: passages
data: {"question": "…", "hits": […]}

event: answer
data: {"question": "…", "text": "…", "outcome": "answered", …}

"""

_EVENT_SCHEMA = {
    "type": "object",
    "description": "One event; `data` is JSON.",
    "properties": {
        "event": {"type": "string", "enum": ["passages", "answer", "problem"]},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
    "required": ["event", "data"],
}


def asking_api(calls: Calls) -> APIRouter:
    """Return the routes that ask and search."""
    router = APIRouter(tags=["questions"])

    @router.post("/ask", response_model=None, responses={200: {"model": AnswerBody}})
    def ask(body: AskBody) -> Response:
        """Answer a question in the documents' own words, or say that they do not."""
        return JSONResponse(_answer(calls, body))

    @router.post(
        "/ask/stream",
        response_class=StreamingResponse,
        responses={
            200: {
                "description": "Events: `passages`, as of `/search`, then `answer`, as of `/ask`; "
                "or `problem`, if there is no answer for another reason.",
                "content": {"text/event-stream": {"schema": _EVENT_SCHEMA, "example": _EVENTS}},
            }
        },
    )
    def ask_stream(body: AskBody) -> StreamingResponse:
        """Send the passages found as soon as they are, then the answer."""
        # Before the answer begins, so that what cannot be asked has its status.
        found = calls.search(
            body.question,
            k=_PASSAGES,
            history=chat_turns(body.history),
            filters=body.filters.filters,
        )
        # A proxy that gathers the answer would hold the passages back.
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(
            _events(calls, body, found), headers=headers, media_type="text/event-stream"
        )

    @router.post("/search", response_model=FoundPassages)
    def search(body: SearchBody) -> Mapping[str, Any]:
        """Find the passages nearest to a question, best first."""
        return calls.search(
            body.question,
            k=body.k,
            history=chat_turns(body.history),
            filters=body.filters.filters,
        )

    return router


def _answer(calls: Calls, body: AskBody) -> dict[str, Any]:
    return calls.ask(
        body.question,
        history=chat_turns(body.history),
        filters=body.filters.filters,
        min_confidence=body.min_confidence,
        max_risk=body.max_risk,
    )


def _events(calls: Calls, body: AskBody, found: Mapping[str, Any]) -> Iterator[str]:
    yield _event("passages", found)
    try:
        yield _event("answer", _answer(calls, body))
    except AiqaError as error:
        yield _event("problem", {"detail": error.message, "remedy": error.remedy})


def _event(name: str, data: Mapping[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
