"""Who is asking: the name of the user whose request is being worked on."""

from __future__ import annotations

from contextvars import ContextVar

from starlette.types import ASGIApp, Receive, Scope, Send

_name: ContextVar[str] = ContextVar("signed_in", default="")


class SignedInMiddleware:
    """Remembers the user of a request, for ``signed_in`` to be asked in the course of it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request as ASGI specifies."""
        if "user" in scope:
            _name.set(str(scope["user"].display_name))
        await self._app(scope, receive, send)


def signed_in() -> str:
    """Return the name of the user who has signed in; empty if nobody has."""
    from gradio.context import LocalContext

    # Gradio works on a question in a task of its own, but keeps its request, at times wrapped.
    request = LocalContext.request.get(None)
    scope = getattr(getattr(request, "request", request), "scope", {})
    return str(scope["user"].display_name) if "user" in scope else _name.get()
