"""Traces for OpenTelemetry: of requests by programs, and of the stages of each answer.

Off unless the standard environment variables name where they go. No trace has the text of a
question: requests are known by their path, stages by their name and time.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from fastapi.telemetry import TelemetryConfig

from aiqa.errors import DependencyError, SettingsError
from aiqa.types import Answer

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

_TOTAL = "total"

NO_TELEMETRY = TelemetryConfig(
    tracing=False, metrics=False, logs=False, operation_spans=False, auto_configure=False
)
"""For an application of which nothing is recorded, whatever the environment says."""


class Tracing:
    """Sends traces by a provider; nothing is recorded without one."""

    def __init__(self, provider: TracerProvider | None) -> None:
        self._provider = provider

    @classmethod
    def from_environment(cls) -> Tracing:
        """Return what the variables ``OTEL_…`` of the environment ask for.

        Raises:
            DependencyError: traces are asked for, but the packages for them are not installed.
            SettingsError: they are to go where this does not send any.
        """
        named = os.environ.get("OTEL_TRACES_EXPORTER", "").strip().lower()
        has_address = any(
            os.environ.get(f"OTEL_EXPORTER_OTLP_{part}ENDPOINT") for part in ("", "TRACES_")
        )
        is_off = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or named == "none"
        if is_off or not (named or has_address):
            return cls(None)
        if named not in ("", "otlp", "console"):
            raise SettingsError(
                f"Traces cannot be sent to OTEL_TRACES_EXPORTER={named}.",
                "Choose otlp, console or none.",
            )
        try:
            return cls(_provider(named))
        except ImportError as error:
            raise DependencyError(
                f"A package that traces need is not installed: {error}.",
                "Run `pip install 'aiqa[telemetry]'`, or unset the variables OTEL_….",
            ) from error

    @property
    def config(self) -> TelemetryConfig:
        """What FastAPI is told."""
        if self._provider is None:
            return NO_TELEMETRY
        return TelemetryConfig(
            tracer_provider=self._provider,
            tracing=True,
            metrics=False,
            logs=False,
            operation_spans=False,
            auto_configure=False,
        )

    def answered(self, answer: Answer) -> None:
        """Record the stages of an answer that was given just now, as part of its request."""
        if self._provider is None:
            return
        from opentelemetry.trace import set_span_in_context

        stages = {name: ms for name, ms in answer.timings_ms.items() if name != _TOTAL}
        at = time.time_ns() - _nanoseconds(sum(stages.values()))
        tracer = self._provider.get_tracer("aiqa")
        whole = tracer.start_span(
            "answer", start_time=at, attributes={"aiqa.outcome": answer.outcome}
        )
        for name, milliseconds in stages.items():
            stage = tracer.start_span(name, set_span_in_context(whole), start_time=at)
            at += _nanoseconds(milliseconds)
            stage.end(at)
        whole.end(at)

    def close(self) -> None:
        """Send what was recorded and not sent yet."""
        if self._provider is not None:
            self._provider.shutdown()


def provider_for(exporter: SpanExporter) -> TracerProvider:
    """Return a provider that hands spans to ``exporter``, without the queries of addresses."""
    from opentelemetry.context import Context
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import Span, TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    class _Processor(BatchSpanProcessor):
        def on_start(self, span: Span, parent_context: Context | None = None) -> None:
            # Somebody may have put words of a document or question there.
            if span.attributes and "url.query" in span.attributes:
                span.set_attribute("url.query", "")
            super().on_start(span, parent_context)

    name = os.environ.get("OTEL_SERVICE_NAME") or "aiqa"
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: name}))
    provider.add_span_processor(_Processor(exporter))
    return provider


def _provider(exporter: str) -> TracerProvider:
    from opentelemetry.sdk.trace.export import ConsoleSpanExporter

    if exporter == "console":
        return provider_for(ConsoleSpanExporter())
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return provider_for(OTLPSpanExporter())


def _nanoseconds(milliseconds: float) -> int:
    return round(milliseconds * 1_000_000)
