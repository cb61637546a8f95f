"""The service: the page, its endpoints, and the server process."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from tempfile import gettempdir

import uvicorn
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp

from aiqa.assistant import Assistant
from aiqa.errors import AiqaError, SettingsError
from aiqa.server import app, documents
from aiqa.server.access_log import AccessLogMiddleware, keep_payloads_out_of_log, log, write_log
from aiqa.server.actor import ActorMiddleware
from aiqa.server.api import JsonEndpoints
from aiqa.server.audit import Audit, told_if_it_fails, unrecorded
from aiqa.server.auth import UserBackend, authenticated
from aiqa.server.calls import Calls
from aiqa.server.claimed_folder import ClaimedFolder
from aiqa.server.compression import CompressedPageMiddleware
from aiqa.server.connections import (
    ACCEPTED_AT_ONCE,
    MOST_CONNECTIONS,
    QUEUED,
    AtOnceMiddleware,
    allow_open_files,
    limited_protocol,
)
from aiqa.server.documents import Shelf
from aiqa.server.evaluation_jobs import EvaluationJobs
from aiqa.server.gradio_import import import_gradio
from aiqa.server.health import health_routes
from aiqa.server.history_routes import history_routes, refused
from aiqa.server.intake import MOST_CHARACTERS, Intake
from aiqa.server.interface_language import LanguageMiddleware, language_routes
from aiqa.server.lifespan import add_lifespan
from aiqa.server.mcp import tools
from aiqa.server.metrics import Metrics, MetricsMiddleware, metrics_routes, watch_server
from aiqa.server.oidc import OidcSettings, Provider
from aiqa.server.owners import Owners, Quota, owners_file
from aiqa.server.problems import ProblemMiddleware
from aiqa.server.proxies import behind_proxies, check_proxies
from aiqa.server.rate_limit import RateLimitMiddleware
from aiqa.server.rest import rest_application
from aiqa.server.roles import ReaderMiddleware
from aiqa.server.security import (
    HeadersMiddleware,
    HostMiddleware,
    OriginMiddleware,
    RouteMiddleware,
    allowed_routes,
)
from aiqa.server.shared_state import (
    IN_DATABASE,
    kept_accounts,
    kept_conversations,
    kept_sessions,
)
from aiqa.server.standing import StandingWatch, ask_while_serving
from aiqa.server.suggestions import Examples
from aiqa.server.tokens import Tokens
from aiqa.server.tracing import NO_TELEMETRY, Tracing
from aiqa.server.upload import (
    FILES_AT_ONCE,
    UploadedFilesMiddleware,
    intake_routes,
    upload_routes,
)
from aiqa.server.users import Users
from aiqa.storage import Location
from aiqa.types import Answer

_CLOSING_SECONDS = 2
"""Seconds for open connections to end at shutdown."""

_MOST_ANONYMOUS_FEEDBACK_BYTES = 16_000_000
_CLEARING_SECONDS = (600, 3600)
"""How often uploads are looked through that were not taken in, and the age at which they go."""


@dataclass(frozen=True, slots=True)
class Service:
    """The options of the server.

    ``names`` are what the machine may be called by, beside its addresses; ``trusted_proxies`` are
    the addresses and networks whose headers say where a request came from. ``accounts`` is the file
    of those who may use it; without one the service is for this machine only, unless
    ``without_accounts`` says that everybody who can reach it may use it. ``read_only`` leaves out
    the page on which documents are added and removed, ``history`` keeps the users' conversations in
    a file beside the index, ``mcp`` adds tools for MCP clients,
    ``page`` says whether people find the chat here, or programs only find what is for them,
    ``per_minute`` is how many requests one client may make that are work, ``upload_mb`` how large
    a file may be that is uploaded, and ``upload_characters`` how much text it may have. ``quota``
    is how much each user may add, ``oidc`` the file that says where users may sign in too, and
    ``audit`` records who signs in, adds and deletes.
    """

    host: str = "127.0.0.1"
    port: int = 7860
    names: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    accounts: Path | None = None
    without_accounts: bool = False
    read_only: bool = False
    history: bool = False
    mcp: bool = False
    page: bool = True
    log_questions: bool = False
    per_minute: int = 240
    upload_mb: int = 100
    upload_characters: int = MOST_CHARACTERS
    quota: Quota = field(default_factory=Quota)
    oidc: Path | None = None
    audit: Audit = unrecorded


def serve(
    assistant: Assistant, service: Service, on_ready: Callable[[str], None] | None = None
) -> None:
    """Serve the chat until interrupted; ``on_ready`` is given its address.

    Raises:
        SettingsError: the address cannot be used, or everybody could use it unasked.
        CatalogError: there is no usable index.
        DependencyError: a package that is needed is not installed.
    """
    if not (_is_here(service.host) or service.accounts or service.without_accounts):
        raise SettingsError(
            f"At {service.host} everybody who can reach this machine could ask its documents.",
            "Say who may with --auth FILE, or add --without-auth if all of them may.",
        )
    if service.history and service.without_accounts and not _is_here(service.host):
        raise SettingsError(
            "Without sign-in all who use this chat would read each other's conversations.",
            "Say who they are with --auth FILE, or leave out --history.",
        )
    if service.oidc and not service.accounts:
        raise SettingsError(
            "Who may use the chat after signing in by OpenID Connect is not said.",
            "Say who with --auth FILE; `aiqa chat-user --without-password` adds users to it.",
        )
    check_proxies(service.trusted_proxies)
    allow_open_files()
    shown = "localhost" if service.host in ("0.0.0.0", "::") else service.host  # noqa: S104
    address = f"http://{f'[{shown}]' if ':' in shown else shown}:{service.port}"
    with (
        _listening(service.host, service.port) as listener,
        closing(ClaimedFolder(Path(gettempdir()), "aiqa-uploads-")) as place,
        _ended_by_sigterm(),
    ):
        # Gradio reads this: uploads are private and deleted at shutdown.
        os.environ["GRADIO_TEMP_DIR"] = str(place.path)
        if not (assistant.store.has_index or service.read_only):
            # The page begins empty and is filled there.
            assistant.add([])
        # After binding the address, because both take seconds.
        with ThreadPoolExecutor(1) as beside:
            warm = beside.submit(assistant.warm_up)
            application = guarded(create(assistant, service), service)
        warm.result()
        write_log(questions=service.log_questions)
        config = configured(application)
        Server(config, lambda: on_ready and on_ready(address)).run([listener])


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end the program by an exception, so that what it leaves is cleared away.

    uvicorn, which handles the signal first, raises it again after its shutdown.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def configured(application: ASGIApp) -> uvicorn.Config:
    """Return the configuration of uvicorn for ``application``."""
    return uvicorn.Config(
        application,
        log_level="critical",
        server_header=False,
        # ``guarded`` sees to them: anybody can send the headers of a proxy.
        proxy_headers=False,
        http=limited_protocol(),
        # Nothing here speaks WebSocket, whichever library for it is installed.
        ws="none",
        limit_concurrency=MOST_CONNECTIONS,
        backlog=ACCEPTED_AT_ONCE,
        timeout_graceful_shutdown=_CLOSING_SECONDS,
    )


def create(assistant: Assistant, service: Service) -> FastAPI:
    """All that is served over ``assistant``, open to everybody: see ``guarded``."""
    if not service.accounts and (service.without_accounts or service.trusted_proxies):
        # Anybody may write it.
        assistant.store.most_feedback_bytes = _MOST_ANONYMOUS_FEEDBACK_BYTES
    intake = None if service.read_only else _intake(assistant, service)
    shelf = Shelf(assistant, intake) if intake else None
    metrics, tracing = Metrics(), Tracing.from_environment()

    def observe(answer: Answer) -> None:
        metrics.answered(answer)
        tracing.answered(answer)

    calls = Calls(assistant, observe)
    jobs = EvaluationJobs(calls)
    watch_server(metrics, assistant, calls, jobs, intake)
    inside = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, telemetry=NO_TELEMETRY)
    inside.state.metrics = metrics
    inside.state.uploaded = set()
    inside.state.location = assistant.store.location
    inside.include_router(health_routes(assistant))
    inside.include_router(metrics_routes(metrics))
    rest = rest_application(
        calls,
        shelf,
        jobs,
        tracing,
        uploads=_upload_folder(),
        upload_mb=service.upload_mb,
        has_users=service.accounts is not None,
    )
    inside.mount("/api/v1", rest)
    _end_with_server(inside, jobs.stop, tracing.close)
    if shelf:
        _stop_with_server(inside, shelf)
    ask_while_serving(inside, StandingWatch(assistant))
    if service.mcp:
        _add_tools(inside, JsonEndpoints(calls))
    return _with_page(inside, calls, shelf, service) if service.page else inside


def _with_page(inside: FastAPI, calls: Calls, shelf: Shelf | None, service: Service) -> FastAPI:
    """Add the chat and what only it uses."""
    # Gradio would compute usage figures after each question, for a page that is not served.
    os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(sys.maxsize)
    os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"
    gr = import_gradio()
    keep_payloads_out_of_log()
    examples = Examples(calls.assistant)
    kept_by: app.Keeper = "server" if service.history else "browser"
    page = app.build(calls, examples, shelf, kept_by)
    page.delete_cache = _CLEARING_SECONDS
    inside.state.uploaded = page.upload_file_set
    inside.include_router(documents.routes(calls.assistant))
    inside.include_router(language_routes())
    if service.history:
        inside.include_router(history_routes(kept_conversations(calls.assistant.store.location)))
        inside.add_exception_handler(AiqaError, refused)
    if shelf:
        folder = _upload_folder()
        inside.include_router(
            upload_routes(folder, page.upload_file_set, service.upload_mb, shelf.intake)
        )
        inside.include_router(intake_routes(shelf.intake, page.upload_file_set))
    _find_while_serving(inside, examples)
    # Mounted at "/", the page is asked for whatever no route before it is for.
    return gr.mount_gradio_app(  # type: ignore[no-any-return]
        inside,
        page,
        path="/",
        ssr_mode=False,
        show_error=False,
        allowed_paths=[],
        max_file_size=f"{service.upload_mb}mb",
        run_history=False,
        enable_monitoring=False,
        mcp_server=False,
        **app.looks(),
    )


def _intake(assistant: Assistant, service: Service) -> Intake:
    owners = Owners(owners_file(assistant.folder), service.quota) if service.accounts else None
    audit = told_if_it_fails(service.audit)
    return Intake(assistant, service.upload_characters, owners, audit)


def _upload_folder() -> Path:
    """Return where uploads arrive; ``serve`` names it, and Gradio uses it, too."""
    return Path(os.environ.get("GRADIO_TEMP_DIR") or Path(gettempdir()) / "gradio").resolve()


def guarded(inside: FastAPI, service: Service) -> ASGIApp:
    """Wrap the application that ``create`` returns in the security middleware."""
    upload_bytes = 0 if service.read_only else service.upload_mb * FILES_AT_ONCE * 1_000_000
    application: ASGIApp = UploadedFilesMiddleware(
        ReaderMiddleware(inside), lambda: inside.state.uploaded
    )
    application = RateLimitMiddleware(ActorMiddleware(application), service.per_minute)
    if service.accounts:
        application = _signed_in(application, service, service.accounts, inside.state.location)
    routes = allowed_routes(
        upload_bytes=upload_bytes, mcp=service.mcp, history=service.history, page=service.page
    )
    application = OriginMiddleware(RouteMiddleware(application, routes))
    application = LanguageMiddleware(HostMiddleware(application, service.names))
    application = HeadersMiddleware(AtOnceMiddleware(application), app.script())
    application = CompressedPageMiddleware(application)
    application = MetricsMiddleware(
        ProblemMiddleware(AccessLogMiddleware(application)), inside.state.metrics
    )
    return behind_proxies(application, service.trusted_proxies)


def _signed_in(
    application: ASGIApp, service: Service, accounts: Path, location: Location
) -> ASGIApp:
    oidc = OidcSettings.read(service.oidc) if service.oidc else None
    sessions = kept_sessions(location, accounts.with_name(f"{accounts.name}.sessions"))
    users, tokens = kept_accounts(location, accounts)
    backend = UserBackend(
        # In a cluster, users can be added where a server runs already.
        Users(users, may_be_empty=accounts == IN_DATABASE),
        sessions,
        Tokens(tokens, told_if_it_fails(service.audit)),
        service.audit,
        oidc.elsewhere if oidc else None,
    )
    provider = Provider(oidc) if oidc else None
    return authenticated(application, backend, sessions, f"aiqa-{service.port}", provider)


def _add_tools(inside: FastAPI, endpoints: JsonEndpoints) -> None:
    application = tools(endpoints)
    inside.router.routes.extend(application.routes)
    add_lifespan(inside, lambda: application.router.lifespan_context(application))


def _find_while_serving(inside: FastAPI, examples: Examples) -> None:
    """Start selecting examples with the server, so that the first user sees them."""

    @asynccontextmanager
    async def selecting() -> AsyncIterator[None]:
        examples.offered()
        try:
            yield
        finally:
            examples.stop()

    add_lifespan(inside, selecting)


def _end_with_server(inside: FastAPI, *ends: Callable[[], None]) -> None:
    @asynccontextmanager
    async def ending() -> AsyncIterator[None]:
        try:
            yield
        finally:
            for end in ends:
                await run_in_threadpool(end)

    add_lifespan(inside, ending)


def _stop_with_server(inside: FastAPI, shelf: Shelf) -> None:
    @asynccontextmanager
    async def taking_in() -> AsyncIterator[None]:
        try:
            await run_in_threadpool(shelf.intake.resume)
        except AiqaError as error:
            log.warning("Uploads that were not read stay so: %s", error)
        try:
            yield
        finally:
            await run_in_threadpool(shelf.stop)

    add_lifespan(inside, taking_in)


class Server(uvicorn.Server):
    """A server that reports when it accepts requests."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], object]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin, as uvicorn has it, and say so."""
        await super().startup(sockets)
        for listener in sockets or ():
            # The loop accepts as many at once as the system was told to keep.
            listener.listen(QUEUED)
        if self.started:
            self._on_ready()


def _is_here(host: str) -> bool:
    """Tell whether ``host`` can be reached from this machine only."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _listening(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise SettingsError(
            f"The chat cannot be served at {host}:{port}: {error.strerror or error}.",
            "Choose another port with --port, or another --host; this one may be taken.",
        ) from error
