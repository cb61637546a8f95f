"""Who makes the current request, and whose documents they may change."""

from __future__ import annotations

import sys
from contextvars import ContextVar
from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from aiqa.errors import AiqaError
from aiqa.server.scopes import MANAGE


class OwnershipError(AiqaError):
    """A document was added by another user."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The user who makes a request; where nobody signs in, one without a name, who may do all."""

    name: str = ""
    may_manage: bool = True

    def may_change(self, owner: str | None) -> bool:
        """Tell whether this user may replace or delete what ``owner`` has added.

        None owns what was added otherwise than by an upload.
        """
        return self.may_manage or owner == self.name

    def check(self, owner: str | None, name: str) -> None:
        """Refuse a change of the document ``name`` of ``owner`` unless this user may make it.

        Raises:
            OwnershipError: see above.
        """
        if not self.may_change(owner):
            raise OwnershipError(
                f"{name} was added by somebody else.", "Ask them, or an admin of this chat."
            )


_NOBODY_SIGNS_IN = Actor()
_current: ContextVar[Actor] = ContextVar("actor", default=_NOBODY_SIGNS_IN)


def current_actor() -> Actor:
    """Return who makes the current request."""
    return _current.get()


def signed_in() -> str:
    """Return the name of the user who has signed in; empty if nobody has."""
    # Gradio works on a question in a task of its own, but keeps its request, at times wrapped.
    context = sys.modules.get("gradio.context")
    request = context.LocalContext.request.get(None) if context else None
    scope = getattr(getattr(request, "request", request), "scope", {})
    return str(scope["user"].display_name) if "user" in scope else current_actor().name


def user_name(request: HTTPConnection) -> str:
    """Return the name of the user who has signed in; empty, as no name is, if nobody has."""
    return str(request.user.display_name) if "user" in request.scope else ""


class ActorMiddleware:
    """Makes the signed-in user of each request the current one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request as ASGI specifies."""
        if "auth" in scope:
            _current.set(Actor(scope["user"].display_name, MANAGE in scope["auth"].scopes))
        await self._app(scope, receive, send)
