"""What Prometheus reads, also while many ask."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from aiqa import Assistant
from aiqa.server.metrics import Metrics
from tests.server.rest.conftest import NAME, PASSWORD

WORD = "abracadabra"


def figures(http: httpx.Client) -> dict[str, float]:
    """Every figure by its name and labels."""
    response = http.get("/metrics")
    assert response.status_code == 200
    return {
        " ".join([sample.name, *map(str, sorted(sample.labels.items()))]): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def test_figures_hold_while_fifty_read_them_and_others_ask(
    address: str, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aiqa.server.calls.MOST_WAITING", 4)

    def ask(number: int) -> int:
        body = {"question": f"When was the lighthouse {WORD} lit? {number}"}
        with httpx.Client(base_url=address, auth=(NAME, PASSWORD), timeout=120) as http:
            return http.post("/api/v1/ask", json=body).status_code

    def read(_: int) -> float:
        with httpx.Client(base_url=address, auth=(NAME, PASSWORD), timeout=120) as http:
            return figures(http)["aiqa_waiting_calls"]

    with httpx.Client(base_url=address, auth=(NAME, PASSWORD), timeout=120) as http:
        before = figures(http)
        with ThreadPoolExecutor(60) as threads:
            asked = threads.map(ask, range(10))
            waiting = list(threads.map(read, range(50)))
            statuses = list(asked)
        after = figures(http)
        text = http.get("/metrics").text
    assert max(waiting) <= 4
    answered = statuses.count(200)
    assert statuses.count(503) == 10 - answered
    assert 4 <= answered < 10

    def gained(prefix: str) -> float:
        return sum(
            value - before.get(name, 0) for name, value in after.items() if name.startswith(prefix)
        )

    assert gained("aiqa_answers_total") == answered
    assert gained("aiqa_stage_seconds_count ('stage', 'reading')") == answered
    asking = "aiqa_requests_total ('method', 'POST') ('route', '/api/v1/ask')"
    assert gained(f"{asking} ('status', '200')") == answered
    assert gained(f"{asking} ('status', '503')") == 10 - answered
    assert gained("aiqa_requests_total ('method', 'GET') ('route', '/metrics')") >= 50
    assert after["aiqa_waiting_calls"] == 0
    assert after["aiqa_index_generation"] == assistant.store.generation
    assert after["aiqa_index_documents"] == assistant.status().documents
    assert WORD not in text
    assert "lighthouse" not in text


def test_what_a_deadline_leaves_unread_is_counted_in_the_answer_and_is_no_stage(
    http: httpx.Client, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurried = assistant.settings.model_copy(update={"deadline_ms": 1})
    monkeypatch.setattr(assistant, "settings", hurried)
    body = {"question": "When was the lighthouse lit?"}
    answer = http.post("/api/v1/ask", json=body).json()
    stages = {"interpretation", "retrieval", "reading", "answering", "total"}
    assert answer["unread"]["passages not read again"] >= 1
    assert set(answer["timings_ms"]) == stages
    shown = http.get("/metrics").text
    assert set(re.findall(r'aiqa_stage_seconds_count\{stage="(.*?)"', shown)) == stages


def test_what_is_asked_for_makes_no_labels() -> None:
    metrics = Metrics()
    for number in range(100):
        metrics.requested(f"X{number}", f"/api/v1/{number}", 404, 0.1)
        metrics.requested("GET", f"/documents/{number}", 404, 0.1)
        metrics.requested("GET", f"/{number}", 404, 0.1)
    labels = set(re.findall(r"aiqa_requests_total\{(.*)\}", metrics.text().decode()))
    assert labels == {
        'method="other",route="other",status="404"',
        'method="GET",route="/documents",status="404"',
        'method="GET",route="other",status="404"',
    }
