"""Authentication: every request but the sign-in itself has to come from a user.

People sign in on a page and get a session cookie; `gradio_client` does the same with ``auth=(name,
password)``. Other programs send name and password with each request as HTTP Basic.
"""

from __future__ import annotations

import base64
import binascii
import secrets
import time
from urllib.parse import parse_qs

from anyio import to_thread
from starlette.authentication import (
    AuthCredentials,
    AuthenticationBackend,
    AuthenticationError,
    SimpleUser,
)
from starlette.datastructures import Headers
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from aiqa.server.rate_limit import RateLimiter, address_of, too_many_requests
from aiqa.server.rendering import render
from aiqa.server.roles import CHANGE
from aiqa.server.security import is_tls
from aiqa.server.sessions import SESSION_SECONDS, SessionStore
from aiqa.server.users import Users

_ATTEMPTS, _ATTEMPT_SECONDS = 10, 60
_ATTEMPTS_ON_NAME = 30
"""More than one address may make, so that nobody is kept out by one who guesses."""

_PUBLIC = ("/favicon.ico", "/health", "/ready")


class _TooManyAttemptsError(AuthenticationError):
    def __init__(self, wait: float) -> None:
        super().__init__()
        self.wait = wait


class UserBackend(AuthenticationBackend):
    """Finds the user of a request by session cookie or HTTP Basic."""

    def __init__(self, users: Users, sessions: SessionStore) -> None:
        self._users = users
        self._sessions = sessions
        self._from_address = RateLimiter(_ATTEMPTS, _ATTEMPT_SECONDS)
        self._on_name = RateLimiter(_ATTEMPTS_ON_NAME, _ATTEMPT_SECONDS)

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, SimpleUser] | None:
        """Return the user; None for what everybody may load.

        Raises:
            AuthenticationError: nobody is signed in, or name or password is wrong.
        """
        if conn.scope["path"] in _PUBLIC:
            return None
        name = self._session_user(conn)
        if name is None:
            credentials = _basic(conn.headers)
            if credentials is None:
                raise AuthenticationError
            name = credentials[0]
            await self.verify(conn.scope, *credentials)
        role = [CHANGE] if self._users.may_change(name) else []
        return AuthCredentials(["authenticated", *role]), SimpleUser(name)

    async def verify(self, scope: Scope, name: str, password: str) -> None:
        """Check a password; only so many a minute for an address or a name may be wrong.

        Raises:
            AuthenticationError: name or password is wrong, or there were too many attempts.
        """
        attempts = ((self._from_address, address_of(scope)), (self._on_name, name[:64]))
        # Before any comparison, and without a pause up to where the attempt is counted: a guess
        # that is not counted could be repeated without end.
        if wait := max(limiter.wait(client) for limiter, client in attempts):
            raise _TooManyAttemptsError(wait)
        if self._users.was_verified(name, password):
            return
        if wait := max([limiter.hit(client) for limiter, client in attempts]):
            raise _TooManyAttemptsError(wait)
        if not await to_thread.run_sync(self._users.verify, name, password):
            raise AuthenticationError("Name or password is wrong.")
        # Many who share an address may sign in at the same time of day.
        for limiter, client in attempts:
            limiter.forgive(client)

    def sign_in(self, request: Request, name: str) -> None:
        """Begin a session; it ends when it expires, is signed out, or the password changes."""
        request.session.clear()
        request.session.update(
            id=secrets.token_urlsafe(16),
            user=name,
            password=self._users.fingerprint(name),
            began=time.time(),
        )

    def sign_out(self, request: Request) -> None:
        """End the session, for copies of its cookie, too."""
        if session := request.session.get("id"):
            self._sessions.sign_out(session)
        request.session.clear()

    def sign_out_everywhere(self, request: Request) -> None:
        """End all sessions of the user whose session this is."""
        if name := self._session_user(request):
            self._sessions.sign_out_everywhere(name)
        request.session.clear()

    def _session_user(self, conn: HTTPConnection) -> str | None:
        session = conn.session
        name = session.get("user")
        if name is None or self._sessions.is_signed_out(session["id"]):
            return None
        if self._sessions.has_ended(name, session.get("began", 0)):
            return None
        current = self._users.fingerprint(name)
        return name if current and secrets.compare_digest(session["password"], current) else None


class AuthMiddleware:
    """Signs users in and out, and passes on only what they ask."""

    def __init__(self, app: ASGIApp, backend: UserBackend) -> None:
        self._backend = backend
        self._app = AuthenticationMiddleware(app, backend, _on_error)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request as ASGI specifies."""
        response: Response | None = None
        match (scope["type"], scope.get("method"), scope.get("path")):
            case ("http", "POST", "/login"):
                response = await self._sign_in(Request(scope, receive))
            case ("http", "POST", "/sign-out"):
                self._backend.sign_out(Request(scope))
                response = RedirectResponse("/", 303)
            case ("http", "POST", "/sign-out-everywhere"):
                self._backend.sign_out_everywhere(Request(scope))
                response = RedirectResponse("/", 303)
        await (response or self._app)(scope, receive, send)

    async def _sign_in(self, request: Request) -> Response:
        form = parse_qs((await request.body()).decode("utf-8", "replace"))
        name = form.get("username", [""])[0].strip()
        try:
            await self._backend.verify(request.scope, name, form.get("password", [""])[0])
        except AuthenticationError as error:
            return _on_error(request, error)
        self._backend.sign_in(request, name)
        if _is_browser(request.scope):
            return RedirectResponse("/", 303)
        return JSONResponse({"success": True})


class CookieMiddleware:
    """Keeps sessions in a signed cookie, which is ``Secure`` behind TLS."""

    def __init__(self, app: ASGIApp, key: str, cookie: str) -> None:
        # The key is the cookie's own: two servers may share a users' file.
        self._plain, self._secure = (
            SessionMiddleware(
                app, f"{cookie} {key}", cookie, max_age=SESSION_SECONDS, https_only=secure
            )
            for secure in (False, True)
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request as ASGI specifies."""
        secure = scope["type"] == "http" and is_tls(scope)
        await (self._secure if secure else self._plain)(scope, receive, send)


def authenticated(app: ASGIApp, users: Users, sessions: SessionStore, cookie: str) -> ASGIApp:
    """Put sign-in and sessions before ``app``; ``cookie`` names the sessions' cookie."""
    return CookieMiddleware(AuthMiddleware(app, UserBackend(users, sessions)), sessions.key, cookie)


def _basic(headers: Headers) -> tuple[str, str] | None:
    # Not fastapi.security.HTTPBasic, which reads ASCII only.
    kind, _, value = headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, password) if colon else None


def _on_error(conn: HTTPConnection, error: AuthenticationError) -> Response:
    if isinstance(error, _TooManyAttemptsError):
        return too_many_requests(error.wait)
    return _refused(conn.scope, failed=bool(error.args))


def _is_browser(scope: Scope) -> bool:
    return "text/html" in Headers(scope=scope).get("accept", "")


def _refused(scope: Scope, *, failed: bool) -> Response:
    message = "Name or password is wrong." if failed else "Sign in first."
    if not _is_browser(scope):
        return JSONResponse({"detail": message}, 401)
    page = render("sign_in.html", message=message if failed else "")
    return HTMLResponse(page, 401, {"Cache-Control": "no-store"})
