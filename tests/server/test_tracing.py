"""Traces: none unless they are asked for, and never with what was asked."""

from __future__ import annotations

import sys

import pytest
from fastapi import FastAPI
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from aiqa import Assistant
from aiqa.errors import DependencyError, SettingsError
from aiqa.server.tracing import NO_TELEMETRY, Tracing, provider_for
from aiqa.types import Answer
from tests.server.test_security import fetch

ANSWER = Answer(
    "What is abracadabra?",
    "abracadabra",
    0.9,
    "span",
    timings_ms={"retrieval": 20.0, "reading": 100.0, "total": 120.0},
)


@pytest.fixture(autouse=True)
def _nothing_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SDK_DISABLED"):
        monkeypatch.delenv(name, raising=False)


def test_the_stages_of_an_answer_belong_to_its_request_and_no_word_of_it_is_told() -> None:
    exporter = InMemorySpanExporter()
    tracing = Tracing(provider_for(exporter))
    application = FastAPI(telemetry=tracing.config)

    @application.get("/ask")
    def ask() -> None:
        tracing.answered(ANSWER)

    fetch(application, "/ask?question=abracadabra")
    tracing.close()
    spans = {span.name: span for span in exporter.get_finished_spans()}
    assert set(spans) == {"GET /ask", "answer", "retrieval", "reading"}
    parents = {name: span.parent.span_id if span.parent else 0 for name, span in spans.items()}
    own = {name: span.context.span_id for name, span in spans.items() if span.context}
    assert parents["reading"] == parents["retrieval"] == own["answer"]
    assert parents["answer"] == own["GET /ask"]
    reading = spans["reading"]
    assert reading.start_time
    assert reading.end_time
    assert reading.end_time - reading.start_time == 100_000_000
    assert spans["retrieval"].end_time == reading.start_time
    assert "abracadabra" not in "".join(span.to_json() for span in spans.values())


def test_an_answer_in_a_hurry_began_when_its_first_stage_did(assistant: Assistant) -> None:
    assistant.settings = assistant.settings.model_copy(update={"deadline_ms": 1})
    answer = assistant.ask("When was the lighthouse lit?")
    assert answer.unread
    exporter = InMemorySpanExporter()
    tracing = Tracing(provider_for(exporter))
    tracing.answered(answer)
    tracing.close()
    *stages, whole = exporter.get_finished_spans()
    assert [span.name for span in stages] == ["interpretation", "retrieval", "reading", "answering"]
    assert (whole.start_time, whole.end_time) == (stages[0].start_time, stages[-1].end_time)
    assert whole.start_time
    assert whole.end_time
    # Times of stages are rounded.
    milliseconds = (whole.end_time - whole.start_time) / 1e6
    assert milliseconds == pytest.approx(answer.timings_ms["total"], abs=0.1)


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"},
        {"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"},
    ],
)
def test_nothing_is_traced_unless_the_environment_asks_for_it(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    tracing = Tracing.from_environment()
    assert tracing.config == NO_TELEMETRY
    tracing.answered(ANSWER)
    tracing.close()


def test_traces_go_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    exporter = InMemorySpanExporter()
    place = "opentelemetry.exporter.otlp.proto.http.trace_exporter.OTLPSpanExporter"
    monkeypatch.setattr(place, lambda: exporter)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "harbour")
    tracing = Tracing.from_environment()
    tracing.answered(ANSWER)
    tracing.close()
    spans = exporter.get_finished_spans()
    assert [span.name for span in spans] == ["retrieval", "reading", "answer"]
    assert spans[0].resource.attributes["service.name"] == "harbour"
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "zipkin")
    with pytest.raises(SettingsError, match="zipkin"):
        Tracing.from_environment()


def test_packages_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace.export", None)
    with pytest.raises(DependencyError, match="aiqa\\[telemetry\\]"):
        Tracing.from_environment()
