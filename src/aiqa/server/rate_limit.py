"""Rate limit of each client."""

from __future__ import annotations

import time

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_MAX_CLIENTS = 10_000
_WINDOW_SECONDS = 30


class RateLimiter:
    """Allows each client ``amount`` hits in any ``seconds``."""

    def __init__(self, amount: int, seconds: int) -> None:
        self._limit = RateLimitItemPerSecond(amount, seconds)
        self._storage = MemoryStorage()
        self._window = MovingWindowRateLimiter(self._storage)

    def hit(self, client: str) -> float:
        """Count a hit; return the seconds that ``client`` has to wait, 0 if it may go on."""
        if not self._window.hit(self._limit, client):
            return self._wait(client)
        # MemoryStorage never deletes a client; the first to come are the first to go.
        while len(self._storage.events) > _MAX_CLIENTS:
            oldest = next(iter(self._storage.events))
            with self._storage.locks[oldest]:
                self._storage.clear(oldest)
        return 0

    def forgive(self, client: str) -> None:
        """Take back the latest hit of ``client``."""
        key = self._limit.key_for(client)
        with self._storage.locks[key]:
            del self._storage.events.get(key, [])[:1]

    def wait(self, client: str) -> float:
        """Return the seconds that ``client`` has to wait, without counting a hit."""
        return 0 if self._window.test(self._limit, client) else self._wait(client)

    def _wait(self, client: str) -> float:
        return max(self._window.get_window_stats(self._limit, client).reset_time - time.time(), 0.1)


class RateLimitMiddleware:
    """Delays clients that send too much; loading the parts of the page is not counted."""

    def __init__(self, app: ASGIApp, per_minute: int) -> None:
        self._app = app
        self._limiter = RateLimiter(per_minute * _WINDOW_SECONDS // 60, _WINDOW_SECONDS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request as ASGI specifies."""
        counts = scope["type"] == "http" and (
            scope["method"] not in ("GET", "HEAD")
            or scope["path"].startswith(("/documents/", "/history", "/api/"))
        )
        if counts and (wait := self._limiter.hit(client_of(scope))):
            await too_many_requests(wait)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def client_of(scope: Scope) -> str:
    """Return who is asking: the signed-in user, else the address that the request came from."""
    user = scope.get("user")
    if user and user.is_authenticated:
        return f"user {user.display_name}"
    return f"address {address_of(scope)}"


def address_of(scope: Scope) -> str:
    """Return the network address that a request came from."""
    return str((scope.get("client") or ["unknown"])[0])


def too_many_requests(wait: float) -> PlainTextResponse:
    """Return the answer to a client that has to wait that many seconds."""
    seconds = str(max(round(wait + 0.5), 1))
    return PlainTextResponse(
        f"Busy: these are too many requests at once. Try again in {seconds} s.",
        429,
        {"Retry-After": seconds},
    )
