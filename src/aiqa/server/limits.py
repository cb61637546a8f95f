"""How much one client may ask for, and how much a request may hold."""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Callable, Container
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_MOST_CLIENTS = 10_000
_MOST_JSON_BYTES = 8_000_000
"""A long conversation, which the page sends to see whether its citations still stand."""

_DEEPEST = 100


class Rate:
    """A token bucket for each client: ``burst`` at once, ``per_minute`` in the long run.

    ``clock`` gives seconds.
    """

    def __init__(
        self, per_minute: float, burst: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._per_second = per_minute / 60
        self._burst = burst
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str) -> float:
        """Seconds until ``client`` may go on; 0 if he may now, which is counted."""
        now = self._clock()
        left, then = self._buckets.pop(client, (self._burst, now))
        left = min(self._burst, left + (now - then) * self._per_second)
        wait = 0.0 if left >= 1 else (1 - left) / self._per_second
        self._buckets[client] = (left if wait else left - 1, now)
        if len(self._buckets) > _MOST_CLIENTS:
            self._buckets.popitem(last=False)  # who has been away longest
        return wait


class RateLimit:
    """Holds up clients that send too much; reading the page's parts is not counted."""

    def __init__(self, app: ASGIApp, per_minute: int) -> None:
        self._app = app
        self._work = Rate(per_minute, per_minute / 2)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a request, as ASGI has it."""
        costs = scope["type"] == "http" and (
            scope["method"] == "POST" or scope["path"].startswith("/documents/")
        )
        wait = self._work.wait(client_of(scope)) if costs else 0
        if wait:
            await too_many(wait)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def client_of(scope: Scope) -> str:
    """Who is asking: the user who signed in, else the address that the request came from."""
    user = scope.get("state", {}).get("user")
    return f"user {user}" if user else f"address {(scope.get('client') or ['unknown'])[0]}"


def too_many(wait: float) -> PlainTextResponse:
    """The answer to a client who has to wait that many seconds."""
    seconds = str(max(round(wait + 0.5), 1))
    return PlainTextResponse(
        f"Busy: these are too many requests at once. Try again in {seconds} s.",
        429,
        {"Retry-After": seconds},
    )


class Bodies:
    """Lets in JSON of a bounded size that names no file but those uploaded here.

    Gradio takes a file for an object with "path" and "meta", and would fetch it where the path is
    an address. ``uploaded`` holds the paths that its upload route has given out.
    """

    def __init__(self, app: ASGIApp, uploaded: Callable[[], Container[str]]) -> None:
        self._app = app
        self._uploaded = uploaded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a request, as ASGI has it."""
        if scope["type"] != "http" or scope["method"] not in ("POST", "DELETE"):
            await self._app(scope, receive, send)
            return
        if scope["path"] in ("/gradio_api/upload", "/login"):
            await self._app(scope, receive, send)
            return
        body = await whole(scope, receive, _MOST_JSON_BYTES)
        if body is None:
            await PlainTextResponse("This request is too large.", 413)(scope, receive, send)
        elif refusal := self._refusal(scope, body):
            await refusal(scope, receive, send)
        else:
            await self._app(scope, _again(body, receive), send)

    def _refusal(self, scope: Scope, body: bytes) -> PlainTextResponse | None:
        if not body:
            return None
        if not Headers(scope=scope).get("content-type", "").startswith("application/json"):
            return PlainTextResponse("This takes JSON only.", 415)
        try:
            files = list(_paths(json.loads(body), 0))
        except (ValueError, RecursionError):
            return PlainTextResponse("This is not JSON that is taken here.", 400)
        uploaded = self._uploaded()
        if any(path not in uploaded for path in files):
            return PlainTextResponse("This names a file that was not uploaded here.", 403)
        return None


async def whole(scope: Scope, receive: Receive, most: int) -> bytes | None:
    """The body of a request; None if it has more than ``most`` bytes or does not come whole."""
    declared = Headers(scope=scope).get("content-length", "0")
    if not declared.isdigit() or int(declared) > most:
        return None
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if message["type"] == "http.disconnect" or len(body) > most:
            return None
        if not message.get("more_body"):
            return body


def _again(body: bytes, receive: Receive) -> Receive:
    """What gives ``body`` once, then what comes after it."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


def _paths(value: Any, depth: int) -> list[Any]:
    """What stands as a path or an address in any file object in ``value``."""
    if depth > _DEEPEST:
        raise ValueError("nested too deeply")
    if isinstance(value, list):
        return [path for item in value for path in _paths(item, depth + 1)]
    if not isinstance(value, dict):
        return []
    inside = [path for item in value.values() for path in _paths(item, depth + 1)]
    return [*inside, value["path"]] if "path" in value and "meta" in value else inside
