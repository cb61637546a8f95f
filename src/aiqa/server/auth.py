"""Signing in: nothing is answered to anybody who has not said who he is.

People sign in on a page and get a cookie; `gradio_client` does the same with ``auth=(name,
password)``. Other programs send name and password with each request, as HTTP Basic has it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
import time
from collections import OrderedDict
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.types import ASGIApp, Receive, Scope, Send

from aiqa.server.accounts import Accounts
from aiqa.server.limits import Rate, too_many, whole
from aiqa.server.rendering import render

_SESSION_SECONDS = 12 * 3600
_MOST_SESSIONS = 10_000
_MOST_FORM_BYTES = 4096
_TRIES_PER_MINUTE = 10
_FREE = ("/favicon.ico",)


class SigningIn:
    """Lets those on to ``app`` who are among ``accounts``; ``cookie`` names the session's."""

    def __init__(self, app: ASGIApp, accounts: Accounts, cookie: str) -> None:
        self._app = app
        self._accounts = accounts
        self._cookie = cookie
        self._sessions: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._tries = Rate(_TRIES_PER_MINUTE, _TRIES_PER_MINUTE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a request, as ASGI has it."""
        if scope["type"] != "http" or scope["path"] in _FREE:
            await self._app(scope, receive, send)
        elif (scope["method"], scope["path"]) == ("POST", "/login"):
            await (await self._sign_in(scope, receive))(scope, receive, send)
        elif (scope["method"], scope["path"]) == ("POST", "/sign-out"):
            await self._sign_out(scope)(scope, receive, send)
        else:
            user = await self._user(scope)
            if isinstance(user, Response):
                await user(scope, receive, send)
                return
            scope.setdefault("state", {})["user"] = user
            await self._app(scope, receive, send)

    async def _user(self, scope: Scope) -> str | Response:
        """Who is asking, or what to answer somebody who does not say."""
        session = self._sessions.get(_digest(self._token(scope)))
        if session and session[1] > time.monotonic() and session[0] in self._accounts:
            return session[0]
        if given := _basic(scope):
            admitted = await self._admit(scope, *given)
            return given[0] if admitted is True else admitted or _refused(scope, failed=True)
        return _refused(scope, failed=False)

    async def _admit(self, scope: Scope, name: str, password: str) -> bool | Response:
        """Whether the password is right; after too many that were not, how long to wait."""
        address = (scope.get("client") or ["unknown"])[0]
        if await to_thread.run_sync(self._accounts.knows, name, password):
            return True
        if wait := max(self._tries.wait(f"address {address}"), self._tries.wait(f"name {name}")):
            return too_many(wait)
        return await to_thread.run_sync(self._accounts.admit, name, password)

    async def _sign_in(self, scope: Scope, receive: Receive) -> Response:
        body = await whole(scope, receive, _MOST_FORM_BYTES)
        if body is None:
            return PlainTextResponse("This request is too large.", 413)
        form = parse_qs(body.decode("utf-8", "replace"))
        name = form.get("username", [""])[0].strip()
        admitted = await self._admit(scope, name, form.get("password", [""])[0])
        if isinstance(admitted, Response):
            return admitted
        if not admitted:
            return _refused(scope, failed=True)
        response: Response = JSONResponse({"success": True})
        if _is_browser(scope):
            response = RedirectResponse("/", 303)
        response.set_cookie(
            self._cookie,
            self._begin(name),
            max_age=_SESSION_SECONDS,
            httponly=True,
            samesite="lax",
            secure=scope["scheme"] == "https",
        )
        return response

    def _sign_out(self, scope: Scope) -> Response:
        self._sessions.pop(_digest(self._token(scope)), None)
        response = RedirectResponse("/", 303)
        response.delete_cookie(self._cookie)
        return response

    def _begin(self, name: str) -> str:
        token = secrets.token_urlsafe(32)
        self._sessions[_digest(token)] = (name, time.monotonic() + _SESSION_SECONDS)
        if len(self._sessions) > _MOST_SESSIONS:
            self._sessions.popitem(last=False)
        return token

    def _token(self, scope: Scope) -> str:
        try:
            cookies = SimpleCookie(Headers(scope=scope).get("cookie", ""))
        except CookieError:
            return ""
        return cookies[self._cookie].value if self._cookie in cookies else ""


def _digest(token: str) -> str:
    """What a token is kept under: looking it up tells nothing about how near another one is."""
    return hashlib.sha256(token.encode()).hexdigest()


def _basic(scope: Scope) -> tuple[str, str] | None:
    kind, _, value = Headers(scope=scope).get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, password) if colon else None


def _is_browser(scope: Scope) -> bool:
    return "text/html" in Headers(scope=scope).get("accept", "")


def _refused(scope: Scope, *, failed: bool) -> Response:
    message = "Name or password is wrong." if failed else "Sign in first."
    if not _is_browser(scope):
        return JSONResponse({"detail": message}, 401)
    page = render("sign_in.html", message=message if failed else "")
    return HTMLResponse(page, 401, {"Cache-Control": "no-store"})
