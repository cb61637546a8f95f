"""What browsers are told not to do with the page, and which scripts are its own."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = (
    "default-src 'none'; "
    # Gradio makes functions of its components' templates, which are aiqa's own: unsafe-eval.
    "script-src 'self' 'unsafe-eval' 'nonce-{{nonce}}' '{script}'; "
    # Gradio puts styles into the page and on elements, with no place for a nonce.
    "style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self' blob:; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'; frame-src 'none'; "
    "object-src 'none'"
)
_HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": forms would come from the origin "null" then.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_SCRIPT = re.compile(rb"<script(?=[\s>])")


class SecurityHeaders:
    """Adds the headers to every answer, and to each script in a page the nonce they allow.

    ``script`` is the text of the one that Gradio adds to the page later, where it gets no nonce.
    """

    def __init__(self, app: ASGIApp, script: str) -> None:
        self._app = app
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        self._policy = _POLICY.format(script=f"sha256-{digest}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a request, as ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # Pages have to come uncompressed for the nonce to be put in.
        if scope["path"] == "/":
            scope["headers"] = [h for h in scope["headers"] if h[0] != b"accept-encoding"]
        await self._app(scope, receive, _Dressed(send, self._policy).send)


class _Dressed:
    """One answer on its way out."""

    def __init__(self, send: Send, policy: str) -> None:
        self._send = send
        self._policy = policy
        self._nonce = secrets.token_urlsafe(16)
        self._start: Message | None = None
        self._page = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(_HEADERS)
            headers["Content-Security-Policy"] = self._policy.format(nonce=self._nonce)
            for name in ("access-control-allow-origin", "access-control-allow-credentials"):
                if name in headers:
                    del headers[name]
            if Headers(raw=message["headers"]).get("content-type", "").startswith("text/html"):
                self._start = message
                return
        elif self._start and message["type"] == "http.response.body":
            self._page += message.get("body", b"")
            if message.get("more_body"):
                return
            page = _SCRIPT.sub(f'<script nonce="{self._nonce}"'.encode(), self._page)
            headers = MutableHeaders(scope=self._start)
            headers["Content-Length"] = str(len(page))
            headers["Cache-Control"] = "no-store"
            await self._send(self._start)
            self._start = None
            message = {"type": "http.response.body", "body": page}
        await self._send(message)
