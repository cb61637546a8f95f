"""The access log: user, path, status and duration of every request.

Questions are not written down; `--log-questions` makes the logger "aiqa.questions" do so.
"""

from __future__ import annotations

import logging
import sys
import time
import traceback
from types import SimpleNamespace

from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aiqa.server.rate_limit import client_of

log = logging.getLogger("aiqa.web")


class AccessLogMiddleware:
    """Logs each request to ``app``, and answers in its place if it fails."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request as ASGI specifies."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except ClientDisconnect:
            pass
        except Exception:
            log.exception("%s %r failed", scope["method"], scope["path"])
            if not status:
                answer = PlainTextResponse("Something went wrong here; it is logged.", 500)
                await answer(scope, receive, noted)
        finally:
            took = (time.perf_counter() - began) * 1000
            # %r: a path may hold line breaks, and a line of the log is one request.
            who, how, where = client_of(scope), scope["method"], scope["path"]
            log.info("%s %s %r %d %.0f ms", who, how, where, status, took)


def keep_payloads_out_of_log() -> None:
    """Let Gradio log what fails by place and kind only: its messages repeat what was sent."""
    from gradio import queueing, route_utils, routes

    for module in (queueing, routes, route_utils):
        module.traceback = SimpleNamespace(  # type: ignore[attr-defined]
            **vars(traceback) | {"print_exc": _log_failure}
        )


def _log_failure() -> None:
    error = sys.exception()
    frames = traceback.extract_tb(error.__traceback__) if error else []
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "an unknown place"
    log.error("A call failed with %s at %s", type(error).__name__, place)


def write_log(*, questions: bool) -> None:
    """Let the log go to standard error, with what is asked only if ``questions`` is set."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%dT%H:%M:%S"))
    logger = logging.getLogger("aiqa")
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.INFO)
    logging.getLogger("aiqa.questions").setLevel(logging.INFO if questions else logging.WARNING)
