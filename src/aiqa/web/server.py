"""The service: the page, the documents behind it, and the server that they are served by."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from aiqa.assistant import Assistant
from aiqa.errors import SettingsError
from aiqa.web import app, originals

_CLOSING_SECONDS = 2
"""What open connections are given to end in when the server is told to."""


def serve(
    assistant: Assistant,
    host: str,
    port: int,
    on_ready: Callable[[str], None] | None = None,
    *,
    read_only: bool = False,
) -> None:
    """Serve the chat at ``host``:``port`` until interrupted; ``on_ready`` is given its address.

    ``read_only`` leaves out the page on which documents are added and removed.

    Raises:
        SettingsError: the address cannot be used.
        CatalogError: there is no usable index.
    """
    service = create(assistant, read_only=read_only)
    config = uvicorn.Config(
        service,
        log_level="critical",
        server_header=False,
        timeout_graceful_shutdown=_CLOSING_SECONDS,
    )
    shown = "localhost" if host in ("0.0.0.0", "::") else host  # noqa: S104  # compared, not bound
    with _listening(host, port) as listener:
        _Server(config, lambda: on_ready and on_ready(f"http://{shown}:{port}")).run([listener])


def create(assistant: Assistant, *, read_only: bool = False) -> FastAPI:
    """All that is served over ``assistant``, as an ASGI application."""
    page = app.build(assistant, read_only=read_only)
    import gradio as gr

    service = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    service.include_router(originals.routes(assistant))
    # Mounted at "/", the page is asked for whatever no route before it is for.
    return gr.mount_gradio_app(  # type: ignore[no-any-return]
        service,
        page,
        path="/",
        ssr_mode=False,
        show_error=False,
        allowed_paths=[],
        run_history=False,
        enable_monitoring=False,
        mcp_server=False,
        **app.looks(),
    )


class _Server(uvicorn.Server):
    """Says when it takes requests."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], object]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()


def _listening(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise SettingsError(
            f"The chat cannot be served at {host}:{port}: {error.strerror or error}.",
            "Choose another port with --port; this one may be taken."
            if error.errno
            else "Choose another address with --host.",
        ) from error
