"""Errors of the REST interface as problems by RFC 9457, each with what to do about it.

What stands before the interface (sign-in, limits, allowed routes) answers as it does for the chat;
``ProblemMiddleware`` gives such answers the same form.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aiqa.errors import AiqaError, CatalogError, DependencyError, DocumentError, SourceError
from aiqa.server.actor import OwnershipError
from aiqa.server.calls import BusyError
from aiqa.server.owners import QuotaError

PROBLEM_TYPE = "application/problem+json"

_PATHS = ("/api/", "/health", "/ready", "/metrics")
_MOST_DETAIL = 4000
"""Characters of an answer by others that are repeated in a problem."""

_RETRY_SECONDS = 5

_REMEDIES = {
    400: "Correct the request; the interface is described at /api/v1/openapi.json.",
    401: "Sign in with each request: name and password as HTTP Basic, or a token as Bearer.",
    403: "Ask whoever runs this server for an account that may do this.",
    404: "Look up the paths at /api/v1/openapi.json, and documents at /api/v1/documents.",
    405: "Use one of the methods that the header Allow names.",
    409: "Read the current state, then decide again.",
    413: "Send less at once; see the limits of this server.",
    415: "Send JSON as application/json, and files as multipart/form-data.",
    422: "Correct what is named and send the request again.",
    429: "Wait for the seconds that the header Retry-After names.",
    500: "Try again; if it stays, see the log of the server.",
    503: "Try again in a few seconds.",
    507: "Free some space, or ask whoever runs this server to do so.",
}


def problem(
    status: int,
    detail: str,
    remedy: str = "",
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> Response:
    """Return the answer that tells of a problem; ``members`` are added to its object."""
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "remedy": remedy or _REMEDIES.get(status, ""),
        **members,
    }
    return JSONResponse(content, status, headers, media_type=PROBLEM_TYPE)


def problem_of(error: AiqaError) -> Response:
    """Return the problem for an error of aiqa."""
    status = _status_of(error)
    is_passing = status == HTTPStatus.SERVICE_UNAVAILABLE
    headers = {"Retry-After": str(_RETRY_SECONDS)} if is_passing else None
    return problem(status, error.message, error.remedy, headers)


def tell_problems(application: FastAPI) -> None:
    """Let ``application`` answer errors with problems."""
    application.add_exception_handler(AiqaError, _of_aiqa)
    application.add_exception_handler(RequestValidationError, _of_validation)
    application.add_exception_handler(HTTPException, _of_http)


class ProblemMiddleware:
    """Gives errors that are no problems yet that form, on the paths of programs."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request as ASGI specifies."""
        if scope["type"] == "http" and scope["path"].startswith(_PATHS):
            send = _ProblemSender(scope, receive, send).send
        await self._app(scope, receive, send)


class _ProblemSender:
    """Sends one answer on, or a problem in the place of an error in another form."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._refusal: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            is_told = Headers(raw=message["headers"]).get("content-type") == PROBLEM_TYPE
            if message["status"] >= HTTPStatus.BAD_REQUEST and not is_told:
                self._refusal = message
                return
        elif self._refusal and message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._replacement(self._refusal)(self._scope, self._receive, self._send)
            return
        await self._send(message)

    def _replacement(self, refusal: Message) -> Response:
        status = refusal["status"]
        response = problem(status, _detail(self._body) or HTTPStatus(status).phrase)
        headers = MutableHeaders(raw=list(refusal["headers"]))
        for name in ("content-type", "content-length"):
            del headers[name]
        if status == HTTPStatus.UNAUTHORIZED:
            headers.setdefault("WWW-Authenticate", 'Basic realm="aiqa", Bearer realm="aiqa"')
        for name, value in headers.items():
            response.headers.append(name, value)
        return response


def _detail(body: bytes) -> str:
    """Return what an answer says: the text itself, or the ``detail`` of a JSON object."""
    text = body.decode("utf-8", "replace")
    try:
        data = json.loads(text)
    except ValueError:
        return text[:_MOST_DETAIL].strip()
    detail = data.get("detail") if isinstance(data, dict) else None
    return detail if isinstance(detail, str) else text[:_MOST_DETAIL]


def _status_of(error: AiqaError) -> int:
    if isinstance(error.__cause__, OSError) and error.__cause__.errno in (
        errno.ENOSPC,
        errno.EDQUOT,
    ):
        return HTTPStatus.INSUFFICIENT_STORAGE
    if isinstance(error, QuotaError):
        return HTTPStatus.INSUFFICIENT_STORAGE
    if isinstance(error, OwnershipError):
        return HTTPStatus.FORBIDDEN
    if isinstance(error, BusyError | CatalogError | DependencyError):
        return HTTPStatus.SERVICE_UNAVAILABLE
    if isinstance(error, SourceError):
        return HTTPStatus.NOT_FOUND if isinstance(error, DocumentError) else HTTPStatus.CONFLICT
    return HTTPStatus.UNPROCESSABLE_ENTITY


def _of_aiqa(_: Request, error: Exception) -> Response:
    if not isinstance(error, AiqaError):
        raise error
    return problem_of(error)


def _of_validation(_: Request, error: Exception) -> Response:
    """Tell what is wrong with each value, without repeating any."""
    if not isinstance(error, RequestValidationError):
        raise error
    errors = [{"at": ".".join(map(str, one["loc"])), "what": one["msg"]} for one in error.errors()]
    detail = "; ".join(f"{one['at']}: {one['what']}" for one in errors[:5])
    return problem(422, f"The request does not fit its schema: {detail}.", errors=errors[:100])


def _of_http(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return problem(error.status_code, error.detail, headers=error.headers)
