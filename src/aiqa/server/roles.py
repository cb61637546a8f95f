"""What users may do who may only read: ask, look at documents, and give feedback."""

from __future__ import annotations

import json

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from aiqa.server.scopes import CHANGE
from aiqa.server.upload import UPLOAD_ROUTE, replayed

_FUNCTIONS_ROUTE = "/gradio_api/component_server"
_FUNCTIONS = frozenset((
    "begin", "open", "reopen", "markdown", "scope", "promise", "feedback", "further", "copied",
    "list",
))  # fmt: skip
"""The functions of the page that change no documents."""


class ReaderMiddleware:
    """Refuses changes of documents to signed-in users without the scope ``CHANGE``.

    Bodies are taken to be JSON that was checked before.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request as ASGI specifies."""
        path = scope.get("path", "").rstrip("/")
        is_reader = "auth" in scope and CHANGE not in scope["auth"].scopes
        if scope["type"] != "http" or not is_reader or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
        elif path == UPLOAD_ROUTE or path.startswith("/uploads"):
            await _refuse(scope, receive, send)
        elif path == _FUNCTIONS_ROUTE:
            body = await Request(scope, receive).body()
            allowed = await run_in_threadpool(_reads_only, body)
            await (self._app if allowed else _refuse)(scope, replayed(body, receive), send)
        else:
            await self._app(scope, receive, send)


_refuse = PlainTextResponse("You may read documents here, but not add or remove any.", 403)


def _reads_only(body: bytes) -> bool:
    """Tell whether a call of a function of the page changes no document."""
    try:
        call = json.loads(body)
    except ValueError:
        return False
    return isinstance(call, dict) and call.get("fn_name") in _FUNCTIONS
