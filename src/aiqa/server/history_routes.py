"""``/history``: the conversations of the user who asks, listed, read, kept, renamed and deleted."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi import Path as InPath
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel, Field
from starlette.requests import Request

from aiqa.serialization import read_answer
from aiqa.server.actor import user_name
from aiqa.server.error_texts import error_text
from aiqa.server.history import Conversations
from aiqa.server.schemas import Record

_MOST_AT_ONCE = 2000
ConversationId = Annotated[str, InPath(pattern=r"^[A-Za-z0-9-]{1,40}$")]


class ConversationName(BaseModel):
    """Another name of a conversation."""

    name: str = Field(min_length=1, max_length=80)


User = Annotated[str, Depends(user_name)]


def history_routes(history: Conversations) -> APIRouter:
    """Return the routes over ``history``."""
    router = APIRouter(prefix="/history")

    @router.get("")
    def conversations(user: User, text: str = "") -> Response:
        return _json([asdict(kept) for kept in history.conversations(user, text[:1000])])

    @router.delete("")
    def delete_all(user: User) -> Response:
        history.delete(user)
        return Response(status_code=204)

    @router.get("/{conversation}")
    def turns(
        user: User,
        conversation: ConversationId,
        start: Annotated[int | None, Field(ge=0, le=1_000_000)] = None,
        most: Annotated[int, Field(ge=1, le=_MOST_AT_ONCE)] = _MOST_AT_ONCE,
    ) -> Response:
        return _json(asdict(history.turns(user, conversation, start, most)))

    @router.post("/{conversation}")
    def add(user: User, conversation: ConversationId, record: Record) -> Response:
        history.add(user, conversation, record.model_dump(), _words(record))
        return Response(status_code=204)

    @router.put("/{conversation}/name")
    def rename(user: User, conversation: ConversationId, name: ConversationName) -> Response:
        history.rename(user, conversation, name.name)
        return Response(status_code=204)

    @router.delete("/{conversation}")
    def delete(user: User, conversation: ConversationId) -> Response:
        history.delete(user, conversation)
        return Response(status_code=204)

    return router


def refused(_: Request, error: Exception) -> Response:
    """Return the answer for an ``AiqaError`` of these routes."""
    return PlainTextResponse(error_text(str(error)), 422)


def _json(content: Any) -> Response:
    return JSONResponse(content, headers={"Cache-Control": "no-store"})


def _words(record: Record) -> str:
    """Return the text by which a turn is found: what was asked, and what was answered."""
    answer = read_answer(record.answer)
    return "\n".join([record.question, *(statement.text for statement in answer.statements)])
