"""Request filters and response headers for security.

Gradio has routes for much that this page does not use, among them some that open files by path or
fetch addresses. Therefore only the routes listed here are served.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from secure import (
    ContentSecurityPolicy,
    CrossOriginOpenerPolicy,
    CrossOriginResourcePolicy,
    PermissionsPolicy,
    ReferrerPolicy,
    Secure,
    StrictTransportSecurity,
    XContentTypeOptions,
    XFrameOptions,
)
from secure.middleware.asgi import SecureASGIMiddleware
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_WORD = r"[A-Za-z0-9_-]{1,64}"
_FORM_BYTES = 4096
_TURN_BYTES = 600_000
"""A question with its answer, as it is kept."""

_QUESTION_BYTES = 2_000_000
"""A question with its conversation, or quotes to check."""

_HSTS_SECONDS = 365 * 24 * 3600
_JSON_BYTES = 8_000_000
"""A long conversation, whose citations the page has checked again."""


@dataclass(frozen=True, slots=True)
class AllowedRoute:
    """Methods and path, as a pattern, of a route, and the size of body that it takes."""

    methods: str
    path: str
    max_body: int = 0


_PAGE_ROUTES = (
    AllowedRoute("GET HEAD", r"/"),
    AllowedRoute("GET HEAD", r"/config/?"),
    AllowedRoute("GET HEAD", r"/favicon\.ico"),
    AllowedRoute("GET HEAD", r"/theme\.css"),
    # Parts of the page: names without a leading dot, one below the other.
    AllowedRoute("GET HEAD", r"/(static|assets|svelte)(/[A-Za-z0-9_@-][A-Za-z0-9._@-]*){1,8}"),
    AllowedRoute("GET HEAD", r"/holdings"),
    AllowedRoute("GET HEAD", r"/texts/[a-z]{2}\.json"),
    AllowedRoute("GET HEAD", r"/documents/[0-9a-f]{64}/original"),
    AllowedRoute("GET HEAD", r"/documents/[0-9a-f]{64}/pages/[0-9]{1,6}\.png"),
    AllowedRoute(
        "GET HEAD",
        r"/gradio_api/(info|startup-events|theme\.css|queue/data|queue/status|app_id)/?",
    ),
    AllowedRoute("GET HEAD", rf"/gradio_api/heartbeat/{_WORD}"),
    AllowedRoute("GET HEAD", rf"/gradio_api/call/{_WORD}/{_WORD}"),
    AllowedRoute("POST", r"/login", _FORM_BYTES),
    AllowedRoute("GET", r"/login/oidc(/callback)?"),
    AllowedRoute("POST", r"/sign-out(-everywhere)?", _FORM_BYTES),
    AllowedRoute("POST", r"/gradio_api/(queue/join|component_server|cancel|reset)/?", _JSON_BYTES),
    AllowedRoute("POST", rf"/gradio_api/call/{_WORD}/?", _JSON_BYTES),
)
_MCP_ROUTES = (AllowedRoute("GET POST DELETE", r"/mcp", _JSON_BYTES),)
_HISTORY_ROUTES = (
    AllowedRoute("GET DELETE", r"/history"),
    AllowedRoute("GET POST DELETE", rf"/history/{_WORD}", _TURN_BYTES),
    AllowedRoute("PUT", rf"/history/{_WORD}/name", _FORM_BYTES),
)


_PROBE_ROUTES = (AllowedRoute("GET", r"/(health|ready|metrics)"),)
_API_ROUTES = (
    AllowedRoute("GET", r"/api/v1/openapi\.json"),
    AllowedRoute("POST", r"/api/v1/(ask|ask/stream|search|verify)", _QUESTION_BYTES),
    AllowedRoute("POST", r"/api/v1/(feedback|evaluations)", _JSON_BYTES),
    AllowedRoute("GET", r"/api/v1/documents"),
    AllowedRoute("GET", r"/api/v1/documents/[0-9a-f]{64}(/text|/original)?"),
    AllowedRoute("GET", r"/api/v1/evaluations/[0-9a-f]{32}"),
    AllowedRoute("POST", r"/api/v1/evaluations/[0-9a-f]{32}", _FORM_BYTES),
)


def allowed_routes(
    *, upload_bytes: int = 0, mcp: bool = False, history: bool = False, page: bool = True
) -> tuple[AllowedRoute, ...]:
    """Return the routes to serve; without ``upload_bytes`` nothing can be uploaded.

    Without ``page``, those of the chat are not among them.
    """
    changes = (
        AllowedRoute("DELETE", r"/api/v1/documents/[0-9a-f]{64}"),
        AllowedRoute("GET", r"/api/v1/uploads"),
        AllowedRoute("POST", r"/api/v1/uploads", upload_bytes),
        AllowedRoute("POST", r"/api/v1/uploads/text", _JSON_BYTES),
        AllowedRoute("GET", r"/api/v1/uploads/[0-9]{1,12}"),
        AllowedRoute("POST", r"/api/v1/uploads/[0-9]{1,12}", _FORM_BYTES),
    )
    programs = (
        _PROBE_ROUTES
        + _API_ROUTES
        + (changes if upload_bytes else ())
        + (_MCP_ROUTES if mcp else ())
    )
    if not page:
        return programs
    uploads = (
        AllowedRoute("GET HEAD", r"/gradio_api/upload_progress"),
        AllowedRoute("POST", r"/gradio_api/upload", upload_bytes),
        AllowedRoute("GET HEAD", r"/uploads"),
        AllowedRoute("POST", r"/uploads(/[a-z0-9]{1,20})?", _JSON_BYTES),
    )
    return (
        programs
        + _PAGE_ROUTES
        + (uploads if upload_bytes else ())
        + (_HISTORY_ROUTES if history else ())
    )


class RouteMiddleware:
    """Passes on requests to ``routes`` whose body is small enough; there are no WebSockets."""

    def __init__(self, app: ASGIApp, routes: Sequence[AllowedRoute]) -> None:
        self._app = app
        self._routes = [
            (
                route.methods.split(),
                re.compile(route.path),
                RequestBodyLimitMiddleware(app, route.max_body),
            )
            for route in routes
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request as ASGI specifies."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http" and _has_two_lengths(scope):
            await PlainTextResponse("Bad request", 400)(scope, receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._application(scope)(scope, receive, send)

    def _application(self, scope: Scope) -> ASGIApp:
        allowed: list[str] = []
        for methods, path, application in self._routes:
            if path.fullmatch(scope["path"]):
                if scope["method"] in methods:
                    return application
                allowed += methods
        if allowed:
            return PlainTextResponse("Method not allowed", 405, {"Allow": ", ".join(allowed)})
        return PlainTextResponse("Not found", 404)


def _has_two_lengths(scope: Scope) -> bool:
    """Tell whether the body has a length and comes in chunks: proxies differ in what they trust."""
    headers = Headers(scope=scope)
    return "content-length" in headers and "transfer-encoding" in headers


class HostMiddleware(TrustedHostMiddleware):
    """Allows ``names``, localhost, and every IP address, which no DNS entry can point here."""

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        super().__init__(app, ["localhost", *names], www_redirect=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request as ASGI specifies."""
        if scope["type"] == "http" and _is_address(Headers(scope=scope).getlist("host")):
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def _is_address(hosts: Sequence[str]) -> bool:
    try:
        (host,) = hosts
        ip_address(urlsplit(f"//{host}").hostname or "")
    except ValueError:
        return False
    return "@" not in host


class OriginMiddleware:
    """Rejects requests from pages of other sites."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request as ASGI specifies."""
        application = self._app
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            origin = headers.get("origin")
            # Only the host is compared: a proxy that does TLS changes the scheme.
            if origin is not None and urlsplit(origin).netloc.lower() != headers["host"].lower():
                application = PlainTextResponse("Other sites may not use this one.", 403)
        await application(scope, receive, send)


class HeadersMiddleware:
    """Adds security headers to every answer, and the nonce they allow to each script of a page.

    ``script`` is the text of the one that Gradio adds to the page later, without a nonce.
    """

    def __init__(self, app: ASGIApp, script: str) -> None:
        self._app = app
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        self._script = f"'sha256-{digest}'"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request as ASGI specifies."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["path"] == "/":
            # The nonce can be put into uncompressed pages only.
            scope["headers"] = [h for h in scope["headers"] if h[0] != b"accept-encoding"]
        nonce = secrets.token_urlsafe(16)

        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            await self._app(scope, receive, _NonceSender(send, nonce).send)

        secured = SecureASGIMiddleware(
            application, secure=_secure(nonce, self._script, tls=is_tls(scope))
        )
        await secured(scope, receive, send)  # type: ignore[arg-type]


def is_tls(scope: Scope) -> bool:
    """Tell whether a browser sent the request over TLS, to this server or to a proxy before it."""
    # Anybody can send this header, who then only gets a stricter cookie and a header that browsers
    # ignore where there is no TLS.
    return "https" in (scope["scheme"], Headers(scope=scope).get("x-forwarded-proto"))


def _secure(nonce: str, script: str, *, tls: bool) -> Secure:
    policy = (
        ContentSecurityPolicy()
        .default_src("'none'")
        # Gradio makes functions of its components' templates, which are aiqa's own: unsafe-eval.
        .script_src("'self'", "'unsafe-eval'", ContentSecurityPolicy.nonce(nonce), script)
        # Gradio puts styles into the page and on elements, with no place for a nonce.
        .style_src("'self'", "'unsafe-inline'")
        .img_src("'self'", "data:", "blob:")
        .font_src("'self'", "data:")
        .connect_src("'self'")
        .manifest_src("'self'")
        .worker_src("'self'", "blob:")
        .base_uri("'self'")
        .form_action("'self'")
        .frame_ancestors("'none'")
        .frame_src("'none'")
        .object_src("'none'")
    )
    permissions = PermissionsPolicy().camera().geolocation().microphone().payment().usb()
    return Secure(
        csp=policy,
        hsts=StrictTransportSecurity().max_age(_HSTS_SECONDS) if tls else None,
        xfo=XFrameOptions().deny(),
        xcto=XContentTypeOptions(),
        # Not "no-referrer": forms would come from the origin "null" then.
        referrer=ReferrerPolicy().same_origin(),
        coop=CrossOriginOpenerPolicy().same_origin(),
        corp=CrossOriginResourcePolicy().same_origin(),
        permissions=permissions,
    )


class _NonceSender:
    """Sends one answer on; Gradio's pages hold scripts, and its own headers allow other sites."""

    _SCRIPT = re.compile(rb"<script(?=[\s>])")

    def __init__(self, send: Send, nonce: str) -> None:
        self._send = send
        self._tag = f'<script nonce="{nonce}"'.encode()
        self._start: Message | None = None
        self._page = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            del headers["access-control-allow-origin"]
            del headers["access-control-allow-credentials"]
            if headers.get("content-type", "").startswith("text/html"):
                self._start = message
                return
        elif self._start and message["type"] == "http.response.body":
            self._page += message.get("body", b"")
            if message.get("more_body"):
                return
            page = self._SCRIPT.sub(self._tag, self._page)
            headers = MutableHeaders(scope=self._start)
            headers["Content-Length"] = str(len(page))
            headers["Cache-Control"] = "no-store"
            await self._send(self._start)
            self._start = None
            message = {"type": "http.response.body", "body": page}
        await self._send(message)
