"""Which requests are let in: those of this site, by a name of this machine, to a known route.

Gradio has routes for much that this page does not do, among them some that open files by path or
fetch addresses. So nothing is open but what is listed here.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_WORD = r"[A-Za-z0-9_-]{1,64}"

_READING = [
    r"/",
    r"/config/?",
    r"/favicon\.ico",
    r"/theme\.css",
    # Parts of the page: names without a leading dot, one below the other.
    r"/(static|assets|svelte)(/[A-Za-z0-9_@-][A-Za-z0-9._@-]*){1,8}",
    r"/documents/[0-9a-f]{64}/original",
    r"/documents/[0-9a-f]{64}/pages/[0-9]{1,6}\.png",
    r"/gradio_api/(info|startup-events|theme\.css|queue/data|queue/status|app_id)/?",
    rf"/gradio_api/heartbeat/{_WORD}",
    rf"/gradio_api/call/{_WORD}/{_WORD}",
]
_SENDING = [
    r"/login",
    r"/sign-out",
    r"/gradio_api/(queue/join|component_server|cancel|reset)/?",
    rf"/gradio_api/call/{_WORD}/?",
]
_UPLOADING = {"GET": [r"/gradio_api/upload_progress"], "POST": [r"/gradio_api/upload"]}
_TOOLS = [r"/mcp"]


class Doors:
    """Answers what is not to be let in; the rest goes on to ``app``."""

    def __init__(self, app: ASGIApp, names: Collection[str], *, uploads: bool, tools: bool) -> None:
        """``names`` are what this machine may be called by, beside its addresses."""
        self._app = app
        self._names = {"localhost", *(name.lower() for name in names)}
        reading = _READING + (_UPLOADING["GET"] if uploads else [])
        sending = _SENDING + (_UPLOADING["POST"] if uploads else [])
        tooling = _TOOLS if tools else []
        self._open = {
            "GET": _any(reading + tooling),
            "HEAD": _any(reading),
            "POST": _any(sending + tooling),
            "DELETE": _any(tooling),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a request, as ASGI has it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
        elif refusal := self._refusal(scope):
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        # A name that somebody else's DNS points here, so that his page passes for this one.
        if len(headers.getlist("host")) != 1 or not self._is_ours(host):
            return PlainTextResponse(
                "This is not a name of this machine. Allow it with --name when starting.", 421
            )
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            return PlainTextResponse("Other sites may not use this one.", 403)
        wanted = self._open.get(scope["method"])
        if wanted is None:
            return PlainTextResponse("Method not allowed", 405)
        return None if wanted.fullmatch(scope["path"]) else PlainTextResponse("Not found", 404)

    def _is_ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
            if name in self._names:
                return True
            ip_address(name)
        except ValueError:
            return False
        return True  # an address, which no DNS can point elsewhere


def _any(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
