"""Authentication: every request but the sign-in itself has to come from a user.

People sign in on a page, or elsewhere (see ``oidc``), and get a session cookie; `gradio_client`
does the same with ``auth=(name, password)``. Other programs send a token with each request, as
``Authorization: Bearer``, or name and password as HTTP Basic.
"""

from __future__ import annotations

import base64
import binascii
import logging
import secrets
import time
from functools import partial
from typing import NamedTuple
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
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.types import ASGIApp, Receive, Scope, Send

from aiqa.errors import AiqaError
from aiqa.server.audit import Audit, unrecorded
from aiqa.server.interface_language import t
from aiqa.server.oidc import CALLBACK, START, OidcError, Provider
from aiqa.server.rate_limit import RateLimiter, address_of, too_many_requests
from aiqa.server.rendering import render
from aiqa.server.scopes import lesser, scopes_of
from aiqa.server.security import is_tls
from aiqa.server.sessions import SESSION_SECONDS, Sessions
from aiqa.server.tokens import Tokens
from aiqa.server.users import Role, Users

log = logging.getLogger("aiqa.web")

_ATTEMPTS, _ATTEMPT_SECONDS = 10, 60
_ATTEMPTS_ON_NAME = 30
"""More than one address may make, so that nobody is kept out by one who guesses."""

_SIGN_INS, _SIGN_IN_SECONDS = 60, 60
"""Sessions that one user may begin: each that is signed out is remembered until it expires."""

_WRONG = "Name or password is wrong."
_RETRY_SECONDS = 5
_PUBLIC = ("/favicon.ico", "/health", "/ready")


class Identity(NamedTuple):
    """Who makes a request, and what they may do."""

    name: str
    role: Role


class _TooManyAttemptsError(AuthenticationError):
    def __init__(self, wait: float) -> None:
        super().__init__()
        self.wait = wait


class _UnavailableError(AuthenticationError):
    """The users, their sessions or their tokens cannot be read."""


class UserBackend(AuthenticationBackend):
    """Finds the user of a request by session cookie, token or HTTP Basic.

    ``elsewhere`` is the role of users who sign in elsewhere and are not in the users' file; None if
    there are none.
    """

    def __init__(
        self,
        users: Users,
        sessions: Sessions,
        tokens: Tokens,
        audit: Audit = unrecorded,
        elsewhere: Role | None = None,
    ) -> None:
        self._users = users
        self._sessions = sessions
        self._tokens = tokens
        self._audit = audit
        self._elsewhere = elsewhere
        self._from_address = RateLimiter(_ATTEMPTS, _ATTEMPT_SECONDS)
        self._on_name = RateLimiter(_ATTEMPTS_ON_NAME, _ATTEMPT_SECONDS)
        self._sign_ins = RateLimiter(_SIGN_INS, _SIGN_IN_SECONDS)

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, SimpleUser] | None:
        """Return the user; None for what everybody may load.

        Raises:
            AuthenticationError: nobody is signed in, a token, name or password is wrong, or users
                cannot be looked up.
        """
        if conn.scope["path"] in _PUBLIC:
            return None
        try:
            who = await self._user(conn)
        except AiqaError as error:
            raise _UnavailableError(str(error)) from error
        return AuthCredentials(["authenticated", *scopes_of(who.role)]), SimpleUser(who.name)

    async def verify(self, scope: Scope, name: str, password: str) -> bool:
        """Check a password; only so many a minute for an address or a name may be wrong.

        Returns:
            Whether this password was not known to be right before.

        Raises:
            AuthenticationError: name or password is wrong, or there were too many attempts.
            AiqaError: the users cannot be read.
        """
        was_verified = await to_thread.run_sync(self._users.was_verified, name, password)
        # Before any use of the comparison, and without a pause up to where the attempt is counted:
        # a guess that is not counted could be repeated without end.
        self.check_attempts(scope, name)
        if was_verified:
            return False
        self.count_attempt(scope, name)
        if not await to_thread.run_sync(self._users.verify, name, password):
            await self.record("refused sign-in", name[:64], scope)
            raise AuthenticationError(_WRONG)
        # Many who share an address may sign in at the same time of day.
        self.forgive_attempt(scope, name)
        return True

    def check_attempts(self, scope: Scope, name: str | None = None) -> None:
        """Refuse a further attempt to sign in after too many wrong ones.

        Raises:
            AuthenticationError: see above.
        """
        if wait := max(limiter.wait(client) for limiter, client in self._attempts(scope, name)):
            raise _TooManyAttemptsError(wait)

    def count_attempt(self, scope: Scope, name: str | None = None) -> None:
        """Count an attempt to sign in, which ``forgive_attempt`` takes back.

        Raises:
            AuthenticationError: there were too many.
        """
        if wait := max([limiter.hit(client) for limiter, client in self._attempts(scope, name)]):
            raise _TooManyAttemptsError(wait)

    def forgive_attempt(self, scope: Scope, name: str | None = None) -> None:
        """Take back the latest attempt, which was right."""
        for limiter, client in self._attempts(scope, name):
            limiter.forgive(client)

    async def sign_in(self, request: Request, name: str, *, elsewhere: bool = False) -> None:
        """Begin a session; it ends when it expires, is signed out, or the password changes.

        Raises:
            AuthenticationError: the user has begun too many, or may not use the server.
            AiqaError: the users cannot be read.
        """
        if wait := self._sign_ins.hit(name):
            raise _TooManyAttemptsError(wait)
        looked_up = partial(self._standing, name, elsewhere=elsewhere)
        role, fingerprint = await to_thread.run_sync(looked_up)
        if role is None:
            await self.record("refused sign-in", name, request.scope)
            raise AuthenticationError("You may not use this chat.")
        request.session.clear()
        request.session.update(
            id=secrets.token_urlsafe(16),
            user=name,
            password=fingerprint,
            began=time.time(),
            elsewhere=elsewhere,
        )
        await self.record("sign-in", name, request.scope)

    async def sign_out(self, request: Request, *, everywhere: bool = False) -> None:
        """End the session, for copies of its cookie, too; or all sessions of its user.

        Raises:
            AiqaError: users or sessions cannot be read or changed.
        """
        who = await to_thread.run_sync(self._session_user, request)
        if who and everywhere:
            await to_thread.run_sync(self._sessions.sign_out_everywhere, who.name)
            await self.record("sign-out everywhere", who.name, request.scope)
        elif who:
            await to_thread.run_sync(self._sessions.sign_out, request.session["id"])
            await self.record("sign-out", who.name, request.scope)
        request.session.clear()

    async def record(self, event: str, name: str, scope: Scope) -> None:
        """Tell the audit log of an event at sign-in."""
        told = partial(self._audit, event, name, address=address_of(scope))
        await to_thread.run_sync(told)

    def _attempts(self, scope: Scope, name: str | None) -> list[tuple[RateLimiter, str]]:
        attempts = [(self._from_address, address_of(scope))]
        # Elsewhere nobody says a name before it is verified.
        return attempts if name is None else [*attempts, (self._on_name, name[:64])]

    async def _user(self, conn: HTTPConnection) -> Identity:
        # In threads: a database that does not answer must not hold up the loop.
        token = _authorization(conn.headers, "bearer")
        if token is not None:
            return await to_thread.run_sync(self._token_user, token)
        return await to_thread.run_sync(self._session_user, conn) or await self._basic_user(conn)

    async def _basic_user(self, conn: HTTPConnection) -> Identity:
        credentials = _basic(conn.headers)
        if credentials is None:
            raise AuthenticationError
        name, password = credentials
        if await self.verify(conn.scope, name, password):
            await self.record("sign-in", name, conn.scope)
        role = await to_thread.run_sync(self._users.role, name)
        if role is None:
            raise AuthenticationError(_WRONG)
        return Identity(name, role)

    def _token_user(self, text: str) -> Identity:
        token = self._tokens.find(text)
        role = self._users.role(token.user) if token else None
        if token is None or role is None:
            raise AuthenticationError("The token is not valid.")
        return Identity(token.user, lesser(role, token.role))

    def _session_user(self, conn: HTTPConnection) -> Identity | None:
        session = conn.session
        name = session.get("user")
        if name is None or self._sessions.is_signed_out(session["id"]):
            return None
        if self._sessions.has_ended(name, session.get("began", 0)):
            return None
        role, current = self._standing(name, elsewhere=session.get("elsewhere", False))
        if not (role and current and secrets.compare_digest(session["password"], current)):
            return None
        return Identity(name, role)

    def _standing(self, name: str, *, elsewhere: bool) -> tuple[Role | None, str]:
        """Return the role of a user, and what changes with it and the password."""
        role, fingerprint = self._users.role(name), self._users.fingerprint(name)
        if not elsewhere:
            return role, fingerprint
        return role or self._elsewhere, fingerprint or f"{self._elsewhere}"


class AuthMiddleware:
    """Signs users in and out, and passes on only what they ask.

    With a ``provider`` they may sign in there, too.
    """

    def __init__(
        self, app: ASGIApp, backend: UserBackend, provider: Provider | None = None
    ) -> None:
        self._backend = backend
        self._provider = provider
        self._app = AuthenticationMiddleware(app, backend, self._on_error)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request as ASGI specifies."""
        try:
            response = await self._own_response(scope, receive)
        except AiqaError as error:
            response = _unavailable(error)
        await (response or self._app)(scope, receive, send)

    async def _own_response(self, scope: Scope, receive: Receive) -> Response | None:
        match (scope["type"], scope.get("method"), scope.get("path")):
            case ("http", "POST", "/login"):
                return await self._sign_in(Request(scope, receive))
            case ("http", "POST", "/sign-out" | "/sign-out-everywhere" as path):
                everywhere = path == "/sign-out-everywhere"
                await self._backend.sign_out(Request(scope), everywhere=everywhere)
                return RedirectResponse("/", 303)
            case ("http", "GET", path) if self._provider and path in (START, CALLBACK):
                return await self._sign_in_elsewhere(Request(scope), self._provider)
        return None

    async def _sign_in(self, request: Request) -> Response:
        form = parse_qs((await request.body()).decode("utf-8", "replace"))
        name = form.get("username", [""])[0].strip()
        try:
            await self._backend.verify(request.scope, name, form.get("password", [""])[0])
            await self._backend.sign_in(request, name)
        except AuthenticationError as error:
            return self._on_error(request, error)
        if _is_browser(request.scope):
            return RedirectResponse("/", 303)
        return JSONResponse({"success": True})

    async def _sign_in_elsewhere(self, request: Request, provider: Provider) -> Response:
        try:
            # Each attempt makes the server ask the provider.
            self._backend.check_attempts(request.scope)
            if request.url.path == START:
                return await provider.redirect(request)
            self._backend.count_attempt(request.scope)
            name = await provider.name(request)
            self._backend.forgive_attempt(request.scope)
            await self._backend.sign_in(request, name, elsewhere=True)
        except OidcError as error:
            log.warning("%s %s", error, f"({error.__cause__})" if error.__cause__ else "")
            await self._backend.record("refused sign-in", "", request.scope)
            return self._on_error(request, AuthenticationError(str(error)))
        except AuthenticationError as error:
            return self._on_error(request, error)
        return RedirectResponse("/", 303)

    def _on_error(self, conn: HTTPConnection, error: AuthenticationError) -> Response:
        if isinstance(error, _TooManyAttemptsError):
            return too_many_requests(error.wait)
        if isinstance(error, _UnavailableError):
            return _unavailable(error)
        if not _is_browser(conn.scope):
            return JSONResponse({"detail": str(error) or "Sign in first."}, 401)
        elsewhere = self._provider.title if self._provider else ""
        page = render("sign_in.html", message=str(error), elsewhere=elsewhere, start=START)
        return HTMLResponse(page, 401, {"Cache-Control": "no-store"})


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


def authenticated(
    app: ASGIApp,
    backend: UserBackend,
    sessions: Sessions,
    cookie: str,
    provider: Provider | None = None,
) -> ASGIApp:
    """Put sign-in and sessions before ``app``; ``cookie`` names the sessions' cookie."""
    return CookieMiddleware(AuthMiddleware(app, backend, provider), sessions.key, cookie)


def _unavailable(error: Exception) -> Response:
    # Anybody may ask: what is wrong is for the log.
    log.warning("Users cannot be looked up: %s", error)
    return PlainTextResponse(
        t("Users cannot be looked up now. Try again in a few seconds."),
        503,
        {"Retry-After": str(_RETRY_SECONDS)},
    )


def _authorization(headers: Headers, scheme: str) -> str | None:
    """Return the credentials of that scheme; None if there are none."""
    kind, _, value = headers.get("authorization", "").partition(" ")
    return value.strip() if kind.lower() == scheme else None


def _basic(headers: Headers) -> tuple[str, str] | None:
    # Not fastapi.security.HTTPBasic, which reads ASCII only.
    value = _authorization(headers, "basic")
    if value is None:
        return None
    try:
        name, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, password) if colon else None


def _is_browser(scope: Scope) -> bool:
    return "text/html" in Headers(scope=scope).get("accept", "")
