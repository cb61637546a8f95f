"""Figures of the running server for Prometheus, at ``/metrics``: numbers only, never a text."""

from __future__ import annotations

import time
from collections.abc import Callable

from fastapi import APIRouter
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.process_collector import ProcessCollector
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aiqa.assistant import Assistant
from aiqa.server.calls import Calls
from aiqa.server.evaluation_jobs import EvaluationJobs
from aiqa.server.intake import Intake
from aiqa.types import Answer

_API = "/api/v1/"
_RESOURCES = frozenset((
    "ask", "search", "documents", "uploads", "feedback", "evaluations", "verify", "openapi.json",
))  # fmt: skip
_OTHERS = frozenset(("gradio_api", "mcp", "history", "documents", "uploads", "login", "metrics"))
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"))

_STAGE_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """Counts requests and answers, and reads what ``watch`` was given whenever it is asked.

    The values that a label may have are few, whatever is asked of the server.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "aiqa_requests",
            "Requests by method, route and status.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "aiqa_request_seconds",
            "Time from the head of a request to the end of its answer.",
            ("route",),
            registry=self._registry,
        )
        self._outcomes = Counter(
            "aiqa_answers", "Answered questions by outcome.", ("outcome",), registry=self._registry
        )
        self._stages = Histogram(
            "aiqa_stage_seconds",
            "Time of the stages of answering.",
            ("stage",),
            buckets=_STAGE_SECONDS,
            registry=self._registry,
        )
        for outcome in ("answered", "unsure", "not found"):
            self._outcomes.labels(outcome)

    def watch(self, name: str, description: str, read: Callable[[], float]) -> None:
        """Add a figure that ``read`` returns whenever the figures are asked for."""
        Gauge(f"aiqa_{name}", description, registry=self._registry).set_function(read)

    def answered(self, answer: Answer) -> None:
        """Count an answer and how long its stages took."""
        self._outcomes.labels(answer.outcome).inc()
        for stage, milliseconds in answer.timings_ms.items():
            self._stages.labels(stage).observe(milliseconds / 1000)

    def requested(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        route = _route_of(path)
        known = method if method in _METHODS else "other"
        self._requests.labels(known, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """Return all figures as Prometheus reads them."""
        return generate_latest(self._registry)


class MetricsMiddleware:
    """Counts the requests to ``app``."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request as ASGI specifies."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0
        method, path = scope["method"], scope["path"]

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            self._metrics.requested(method, path, status, time.perf_counter() - began)


def metrics_routes(metrics: Metrics) -> APIRouter:
    """Return ``/metrics``."""
    router = APIRouter()

    @router.get("/metrics")
    def figures() -> Response:
        headers = {"Cache-Control": "no-store"}
        return Response(metrics.text(), headers=headers, media_type=CONTENT_TYPE_LATEST)

    return router


def watch_server(
    metrics: Metrics,
    assistant: Assistant,
    calls: Calls,
    jobs: EvaluationJobs,
    intake: Intake | None,
) -> None:
    """Let ``metrics`` tell what the index holds and what waits."""

    def unfinished() -> int:
        return sum(upload.is_unfinished for upload in intake.uploads()) if intake else 0

    def counts() -> tuple[int, int]:
        return assistant.store.index.catalog.counts() if assistant.store.has_index else (0, 0)

    metrics.watch("waiting_calls", "Calls by programs that wait or run.", lambda: calls.waiting)
    metrics.watch("waiting_uploads", "Uploads that are not finished.", unfinished)
    metrics.watch("waiting_evaluations", "Evaluations that wait or run.", lambda: jobs.unfinished)
    metrics.watch(
        "index_generation",
        "The number of the index's state, which every change increases.",
        lambda: assistant.store.generation if assistant.store.has_index else 0,
    )
    metrics.watch("index_documents", "Documents in the index.", lambda: counts()[0])
    metrics.watch("index_passages", "Passages in the index.", lambda: counts()[1])


def _route_of(path: str) -> str:
    """Return the part of ``path`` that tells what is asked for, of a small set of such parts."""
    if path.startswith(_API):
        resource = path.removeprefix(_API).partition("/")[0]
        return f"{_API}{resource}" if resource in _RESOURCES else "other"
    first = path[1:].partition("/")[0]
    return f"/{first}" if first in _OTHERS else "other"
