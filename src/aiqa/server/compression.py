"""The page and its texts, compressed."""

from __future__ import annotations

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send


class CompressedPageMiddleware:
    """Compresses the page and the texts of its language.

    They hold no secret that a length could tell. Gradio compresses its files itself, and what else
    is sent holds words of documents beside words of the request.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._plain = app
        self._compressed = GZipMiddleware(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request as ASGI specifies."""
        path = scope.get("path", "")
        is_page = path == "/" or path.startswith("/texts/")
        await (self._compressed if is_page else self._plain)(scope, receive, send)
