"""Limits on connections: how long each may take to send and read, and how many may be open.

uvicorn closes a connection that is idle after an answer; one that never sends a whole request, or
does not read its answer, it would keep open without end.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter, defaultdict
from selectors import EVENT_READ, DefaultSelector
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from aiqa.server.rate_limit import address_of

HEAD_SECONDS = 15
"""Seconds in which the head of a request has to be complete."""

BODY_SECONDS = 30
"""Seconds after which a body has to have come at ``BODY_RATE`` or to be complete."""

BODY_RATE = 1000
"""Least bytes per second of a body."""

STALLED_SECONDS = 60
"""Seconds for which a client may read nothing of what it is sent."""

MOST_WAITING = 256
"""Connections without a request; to make room, the oldest of the busiest address is closed."""

MOST_CONNECTIONS = 768
"""Connections in all; with more, requests are answered with 503."""

MOST_FROM_ONE_ADDRESS = 256
"""Requests of one address that may be worked on at once."""

ACCEPTED_AT_ONCE = 64
"""Connections accepted before those that are open are read from; fewer than may wait."""

QUEUED = 2048
"""Connections that the system keeps until they are accepted."""

_MOST_FILES = 8192


class Waiting:
    """The connections of a server that wait for a request."""

    def __init__(self) -> None:
        # The oldest of each address first.
        self._by_host: defaultdict[str, dict[LimitedProtocol, None]] = defaultdict(dict)
        self._count = 0

    def add(self, connection: LimitedProtocol) -> None:
        """Note that a connection waits from now on, and close another if too many do."""
        self.discard(connection)
        self._by_host[connection.host][connection] = None
        self._count += 1
        if self._count > MOST_WAITING:
            self._make_room()

    def discard(self, connection: LimitedProtocol) -> None:
        """Note that a connection does not wait any more."""
        ours = self._by_host[connection.host]
        if connection in ours:
            del ours[connection]
            self._count -= 1
        if not ours:
            del self._by_host[connection.host]

    def _make_room(self) -> None:
        busiest = max(self._by_host.values(), key=len)
        for oldest in busiest:
            if not oldest.has_unread():
                self.discard(oldest)
                oldest.transport.abort()
                return


class LimitedProtocol(H11Protocol):
    """HTTP/1.1 with limits of time; connections in ``waiting`` make room for new ones."""

    waiting: Waiting
    _is_waiting = False
    _timer: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None
    _received = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Count and handle what arrives."""
        self._received += len(data)
        super().data_received(data)

    def handle_events(self) -> None:
        """Handle what has arrived; the time for a head ends with it, that for a body begins."""
        super().handle_events()
        is_answering = self.cycle is not None and not self.cycle.response_complete
        if is_answering and self._is_waiting:
            self._is_waiting = False
            self.waiting.discard(self)
            self._received = 0
            self._set_timer(BODY_SECONDS, self._check_body)

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self._wait()
        super().on_response_complete()

    def pause_writing(self) -> None:
        """Give the client time to read."""
        super().pause_writing()
        self._stalled = self.loop.call_later(STALLED_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on writing."""
        self._end_stall()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """End all timers."""
        self.waiting.discard(self)
        self._end_stall()
        if self._timer:
            self._timer.cancel()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._is_waiting = True
        self.waiting.add(self)
        self._set_timer(HEAD_SECONDS, self.transport.abort)

    def _set_timer(self, seconds: float, end: Any) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = self.loop.call_later(seconds, end)

    def _end_stall(self) -> None:
        if self._stalled:
            self._stalled.cancel()
            self._stalled = None

    def _check_body(self) -> None:
        if self.cycle.response_complete or not self.cycle.more_body:
            return
        # While reading is paused, it is the server that is slow.
        if self._received < BODY_SECONDS * BODY_RATE and not self.flow.read_paused:
            self.transport.abort()
            return
        self._received = 0
        self._set_timer(BODY_SECONDS, self._check_body)

    def has_unread(self) -> bool:
        """Tell whether something has arrived that was not read yet, a request perhaps."""
        if self.transport.is_closing():
            return False
        socket = self.transport.get_extra_info("socket")
        with DefaultSelector() as selector:
            selector.register(socket, EVENT_READ)
            return bool(selector.select(0))

    @property
    def host(self) -> str:
        """The address of the client."""
        return self.client[0] if self.client else ""


def limited_protocol() -> type[LimitedProtocol]:
    """Return the protocol of one server."""
    return type("ServerProtocol", (LimitedProtocol,), {"waiting": Waiting()})


class AtOnceMiddleware:
    """Bounds the requests of one address that are worked on at once."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._running: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request as ASGI specifies."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        address = address_of(scope)
        if self._running[address] >= MOST_FROM_ONE_ADDRESS:
            refusal = PlainTextResponse(
                "Busy: too many requests at once.", 429, {"Retry-After": "5"}
            )
            await refusal(scope, receive, send)
            return
        self._running[address] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._running[address] -= 1
            if not self._running[address]:
                del self._running[address]


def allow_open_files() -> None:
    """Raise the soft limit of open files, which is often below the number of connections."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if hard == resource.RLIM_INFINITY else min(_MOST_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
