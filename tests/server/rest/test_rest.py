"""The REST interface as a program finds it: by HTTP, on a real server."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from aiqa import Assistant
from tests.server.attack import raw, send_json
from tests.server.rest.conftest import PASSWORD, READER

LIT = "When was the lighthouse on Gull Rock lit?"


def problem(response: httpx.Response, status: int) -> dict[str, Any]:
    """The problem that was told, which has all that RFC 9457 wants, and a remedy."""
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = response.json()
    assert told["status"] == status
    assert told["type"] == "about:blank"
    for name in ("title", "detail", "remedy"):
        assert told[name], name
    return told


# -- questions -----------------------------------------------------------------------------------


def test_an_answer_quotes_its_document_and_takes_part_in_a_conversation(
    http: httpx.Client, assistant: Assistant
) -> None:
    first = http.post("/api/v1/ask", json={"question": LIT}).json()
    assert first["outcome"] == "answered"
    citation = first["citations"][0]
    text = assistant.document(citation["document_id"]).text
    assert text[citation["start"] : citation["end"]] == citation["quote"] == first["text"]
    path = f"/api/v1/documents/{citation['document_id']}/text"
    part = http.get(path, params={"start": citation["start"], "end": citation["end"]})
    assert part.text == citation["quote"]
    second = http.post(
        "/api/v1/ask", json={"question": "Who kept it?", "history": [first["turn"]]}
    ).json()
    assert second["interpreted"] == "Who kept Gull Rock?"
    assert second["turn"]["question"] == second["interpreted"]


@pytest.mark.parametrize("strictness", [{"min_confidence": 1.0}, {"max_risk": 1e-9}])
def test_who_asks_says_how_sure_an_answer_has_to_be(
    http: httpx.Client, strictness: dict[str, float]
) -> None:
    body = {"question": LIT, **strictness}
    assert http.post("/api/v1/ask", json=body).json()["text"] is None


def test_a_stream_begins_with_the_passages_and_ends_with_the_answer(http: httpx.Client) -> None:
    with http.stream("POST", "/api/v1/ask/stream", json={"question": LIT}) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        events = response.read().decode().strip().split("\n\n")
    names, data = zip(*(event.split("\n", 1) for event in events), strict=True)
    assert names == ("event: passages", "event: answer")
    passages, answer = (json.loads(one.removeprefix("data: ")) for one in data)
    assert passages["hits"][0]["source"].endswith("lighthouse.md")
    plain = http.post("/api/v1/ask", json={"question": LIT}).json()
    assert answer | {"timings_ms": 0} == plain | {"timings_ms": 0}


def test_a_stream_that_cannot_begin_is_a_problem(http: httpx.Client) -> None:
    body = {"question": LIT, "filters": {"sources": ["none/*"]}}
    told = problem(http.post("/api/v1/ask/stream", json=body), 422)
    assert "No document" in told["detail"]


def test_filters_restrict_a_search(http: httpx.Client) -> None:
    body = {"question": "harbour", "k": 5, "filters": {"formats": ["html", "pdf"]}}
    hits = http.post("/api/v1/search", json=body).json()["hits"]
    assert {Path(hit["source"]).suffix for hit in hits} == {".html", ".pdf"}
    body["filters"] = {"since": "2100-01-01"}
    problem(http.post("/api/v1/search", json=body), 422)


def test_quotes_are_checked_where_they_are_said_to_stand(http: httpx.Client) -> None:
    citation = http.post("/api/v1/ask", json={"question": LIT}).json()["citations"][0]
    claim = {name: citation[name] for name in ("document_id", "start", "quote", "source")}
    claims = [
        claim,
        claim | {"start": claim["start"] + 1},
        claim | {"quote": "1888"},
        claim | {"document_id": "0" * 64},
        claim | {"document_id": "0" * 64, "source": "none.md"},
    ]
    told = http.post("/api/v1/verify", json={"citations": claims}).json()
    states = [check["state"] for check in told["checks"]]
    assert states == ["stands", "moved", "changed", "moved", "gone"]
    assert told["checks"][1]["start"] == claim["start"]
    assert told["stands"] is False
    assert http.post("/api/v1/verify", json={"citations": [claim]}).json()["stands"] is True


def test_feedback_is_kept_if_its_words_stand_there(
    http: httpx.Client, assistant: Assistant
) -> None:
    answer = http.post("/api/v1/ask", json={"question": LIT}).json()
    correct = {name: answer["citations"][0][name] for name in ("document_id", "start", "end")}
    right = {"answer": answer, "verdict": "down", "correct": correct | {"quote": answer["text"]}}
    kept = http.post("/api/v1/feedback", json=right)
    assert kept.status_code == 201
    rows = (assistant.folder / "feedback.jsonl").read_text("utf-8").splitlines()
    assert json.loads(rows[-1])["id"] == kept.json()["id"]
    # An answer that an earlier version gave has no such field.
    older = right | {"answer": {name: answer[name] for name in answer if name != "unread"}}
    assert http.post("/api/v1/feedback", json=older).status_code == 201
    right["correct"] = correct | {"quote": "not these"}
    problem(http.post("/api/v1/feedback", json=right), 422)
    problem(http.post("/api/v1/feedback", json={"answer": {}, "verdict": "up"}), 422)


# -- documents -----------------------------------------------------------------------------------


def test_documents_are_listed_a_part_at_a_time(http: httpx.Client, assistant: Assistant) -> None:
    everything = http.get("/api/v1/documents").json()
    assert everything["count"] == len(assistant.holdings())
    part = http.get("/api/v1/documents", params={"start": 1, "limit": 2}).json()
    assert part["count"] == everything["count"]
    assert part["documents"] == everything["documents"][1:3]
    found = http.get("/api/v1/documents", params={"text": "RULES.html"}).json()
    assert [one["title"] for one in found["documents"]] == ["Harbour rules"]
    identity = found["documents"][0]["document_id"]
    told = http.get(f"/api/v1/documents/{identity}").json()
    assert told["sources"] == [found["documents"][0]["source"]]
    original = http.get(f"/api/v1/documents/{identity}/original")
    assert hashlib.sha256(original.content).hexdigest() == identity
    assert original.headers["content-disposition"].startswith("attachment;")


@pytest.mark.parametrize("part", ["", "/text", "/original"])
def test_what_is_not_there_is_told_as_such(http: httpx.Client, part: str) -> None:
    problem(http.get(f"/api/v1/documents/{'0' * 64}{part}"), 404)
    problem(http.get(f"/api/v1/documents/x{part}"), 404)


# -- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("POST", "ask", b"{", {"Content-Type": "application/json"}, 400),
        ("POST", "ask", b"[" * 1000, {"Content-Type": "application/json"}, 400),
        ("POST", "ask", b'{"question": "x"}', {"Content-Type": "text/plain"}, 415),
        ("POST", "ask", b" " * 3_000_000, {"Content-Type": "application/json"}, 413),
        ("POST", "ask", b'{"question": "\\ud800"}', {"Content-Type": "application/json"}, 422),
        ("POST", "ask", b'{"question": NaN}', {"Content-Type": "application/json"}, 422),
        ("GET", "ask", None, {}, 405),
        ("PATCH", "documents", None, {}, 405),
        ("OPTIONS", "ask", None, {}, 405),
        ("GET", "nothing", None, {}, 404),
        ("GET", "documents?limit=0", None, {}, 422),
        ("GET", "documents", None, {"Host": "evil.example"}, 400),
        ("GET", "documents", None, {"Origin": "http://evil.example"}, 403),
        ("POST", "uploads", b"x", {"Content-Type": "text/plain"}, 400),
        ("POST", "uploads", b"x" * 6_000_000, {"Content-Type": "text/plain"}, 413),
    ],
)
def test_every_error_is_a_problem_with_a_remedy(
    http: httpx.Client,
    method: str,
    path: str,
    body: bytes | None,
    headers: dict[str, str],
    status: int,
) -> None:
    response = http.request(method, f"/api/v1/{path}", content=body, headers=headers)
    problem(response, status)
    if status == 405:
        assert response.headers["allow"]


def test_what_is_wrong_is_told_without_repeating_it(http: httpx.Client) -> None:
    body = {"question": 7, "k": "abracadabra", "extra": 1}
    response = http.post("/api/v1/search", json=body)
    told = problem(response, 422)
    assert {one["at"] for one in told["errors"]} == {"body.question", "body.k", "body.extra"}
    assert "abracadabra" not in response.text


def test_somebody_who_has_not_signed_in_is_told_how_to(address: str) -> None:
    response = httpx.get(f"{address}/api/v1/documents")
    told = problem(response, 401)
    assert "Basic" in response.headers["www-authenticate"]
    assert "Basic" in told["remedy"]
    assert httpx.get(f"{address}/health").json() == {"status": "ok"}
    assert httpx.get(f"{address}/ready").json() == {"status": "ready"}


def test_readers_ask_but_change_nothing(address: str, assistant: Assistant) -> None:
    before = assistant.status().sources
    held = assistant.holdings()[0].document_id
    with httpx.Client(base_url=address, auth=(READER, PASSWORD)) as http:
        assert http.get("/api/v1/documents").status_code == 200
        assert http.post("/api/v1/search", json={"question": LIT}).status_code == 200
        problem(http.delete(f"/api/v1/documents/{held}"), 403)
        problem(http.get("/api/v1/uploads"), 403)
        problem(http.post("/api/v1/uploads/text", json={"text": "The gate is red."}), 403)
        problem(http.post("/api/v1/uploads", files={"files": ("a.txt", b"Red.")}), 403)
    assert assistant.status().sources == before


def test_files_and_addresses_in_requests_are_not_opened(http: httpx.Client, project: Path) -> None:
    secret = str(project / "secret.txt")
    file = {"path": secret, "url": secret, "meta": {"_type": "gradio.FileData"}}
    for path in ("ask", "search", "verify", "feedback", "evaluations", "uploads/text"):
        problem(http.post(f"/api/v1/{path}", json={"question": "x", "history": [file]}), 403)
    for path in ("../secret.txt", "..%2f..%2fsecret.txt", f"documents/{secret}", "uploads/../x"):
        status, _, body = raw(str(http.base_url).rstrip("/"), "GET", f"/api/v1/{path}")
        assert status in (401, 404)
        assert b"31 41 59" not in body


def test_the_page_is_not_served_to_programs(http: httpx.Client) -> None:
    for path in ("/", "/config", "/gradio_api/info", "/holdings", "/uploads"):
        assert http.get(path).status_code == 404


def test_tools_for_mcp_are_served_without_the_page(address: str) -> None:
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    assert send_json(address, "/mcp", call)[0] == 401
