"""Uploads and evaluations: work that takes a while, followed from its start to its end."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from aiqa import Assistant
from tests.server.rest.conftest import PASSWORD, READER
from tests.server.rest.test_rest import problem


def finished(http: httpx.Client, path: str) -> dict[str, Any]:
    """What is told of a job once it is finished or asks what to do."""
    deadline = time.monotonic() + 60
    while True:
        told: dict[str, Any] = http.get(path).json()
        if told["is_finished"] or told["state"] == "asks":
            return told
        assert time.monotonic() < deadline
        time.sleep(0.05)


def upload(http: httpx.Client, name: str, content: bytes, **options: str) -> str:
    """The path of an upload."""
    response = http.post("/api/v1/uploads", files={"files": (name, content)}, params=options)
    assert response.status_code == 202
    (entry,) = response.json()["uploads"]
    return f"/api/v1/uploads/{entry['id']}"


def test_an_uploaded_file_can_be_asked_and_removed(http: httpx.Client) -> None:
    path = upload(http, "gate.txt", b"The gate of the east yard is green.", collection="east")
    told = finished(http, path)
    assert told["state"] == "added"
    (identity,) = told["documents"]
    answer = http.post(
        "/api/v1/ask",
        json={"question": "What colour is the gate?", "filters": {"collections": ["east"]}},
    ).json()
    assert [citation["document_id"] for citation in answer["citations"]] == [identity]
    assert http.delete(f"/api/v1/documents/{identity}").json() == {"removed": [told["source"]]}
    problem(http.get(f"/api/v1/documents/{identity}"), 404)


def test_a_name_that_is_taken_asks_unless_it_is_told(http: httpx.Client, project: Path) -> None:
    assert finished(http, upload(http, "pier.txt", b"The pier is long."))["state"] == "added"
    path = upload(http, "pier.txt", b"The pier is short.")
    assert finished(http, path)["state"] == "asks"
    http.post(path, json={"act": "both"})
    assert finished(http, path)["name"] == "pier (2).txt"
    path = upload(http, "pier.txt", b"The pier is gone.", clash="replace")
    assert finished(http, path)["state"] == "added"
    kept = project / "index-uploads" / "pier.txt"
    assert kept.read_bytes() == b"The pier is gone."


def test_an_upload_can_be_cancelled(http: httpx.Client) -> None:
    upload(http, "mole.txt", b"The mole is old.")
    path = upload(http, "mole.txt", b"The mole is new.")
    assert finished(http, path)["state"] == "asks"
    assert http.post(path, json={"act": "cancel"}).json()["state"] == "cancelled"
    assert path.rpartition("/")[2] in {
        one["id"] for one in http.get("/api/v1/uploads").json()["uploads"]
    }


def test_a_text_becomes_a_document(http: httpx.Client) -> None:
    response = http.post("/api/v1/uploads/text", json={"text": "The buoy is red.", "title": "Buoy"})
    told = finished(http, f"/api/v1/uploads/{response.json()['uploads'][0]['id']}")
    assert (told["state"], told["name"]) == ("added", "Buoy.txt")
    problem(http.post("/api/v1/uploads/text", json={"text": " "}), 409)


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [("tool.exe", b"x", 415), ("big.txt", b"x" * 1_200_000, 413), (".bashrc", b"x", 415)],
)
def test_files_that_are_not_read_are_refused_and_leave_nothing(
    http: httpx.Client, project: Path, name: str, content: bytes, status: int
) -> None:
    problem(http.post("/api/v1/uploads", files={"files": (name, content)}), status)
    arriving = project / "arriving"
    assert not [one for one in arriving.rglob("*") if one.is_file()]


def test_a_disk_that_is_full_is_told_as_such(
    http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("aiqa.server.upload._store", full)
    told = problem(http.post("/api/v1/uploads", files={"files": ("a.txt", b"x")}), 507)
    assert "space" in told["detail"]


GOLD: list[dict[str, Any]] = [
    {
        "question": "When was the lighthouse on Gull Rock lit?",
        "answers": ["1887"],
        "evidence": [{"source": "docs/lighthouse.md", "quote": "was lit in 1887"}],
    },
    {"question": "How much is a yacht in Monaco?"},
]


def test_a_gold_set_gives_the_figures_of_the_command_line(
    http: httpx.Client, assistant: Assistant
) -> None:
    gold = [dict(GOLD[0]), GOLD[1]]
    source = next(held.source for held in assistant.holdings() if "lighthouse" in held.source)
    gold[0]["evidence"] = [{"source": source, "quote": "was lit in 1887"}]
    response = http.post("/api/v1/evaluations", json={"questions": gold})
    assert response.status_code == 202
    path = f"/api/v1/evaluations/{response.json()['id']}"
    told = finished(http, path)
    assert (told["state"], told["done"], told["total"]) == ("done", 2, 2)
    assert told["figures"]["n"] == 2
    assert told["figures"]["answerable"] == 1
    assert told["figures"]["verbatim"] == 1
    with httpx.Client(base_url=http.base_url, auth=(READER, PASSWORD)) as other:
        problem(other.get(path), 404)


def test_a_gold_set_that_is_about_other_documents_is_told_so(http: httpx.Client) -> None:
    gold = [dict(GOLD[0]) | {"evidence": [{"source": "elsewhere.md", "quote": "was lit"}]}]
    response = http.post("/api/v1/evaluations", json={"questions": gold})
    told = finished(http, f"/api/v1/evaluations/{response.json()['id']}")
    assert told["state"] == "failed"
    assert "No evidence" in told["error"]
    assert told["remedy"]


def test_a_gold_set_is_bounded(
    http: httpx.Client, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem(http.post("/api/v1/evaluations", json={"questions": [GOLD[1]] * 201}), 422)
    twice = [GOLD[1] | {"id": "a"}, GOLD[1] | {"id": "a"}]
    problem(http.post("/api/v1/evaluations", json={"questions": twice}), 422)
    problem(
        http.post("/api/v1/evaluations", json={"questions": [GOLD[1] | {"answers": ["x"]}]}), 422
    )
    monkeypatch.setattr("aiqa.server.evaluation_jobs._MOST_OCCURRENCES", 2)
    source = next(held.source for held in assistant.holdings() if "lighthouse" in held.source)
    common = GOLD[0] | {"evidence": [{"source": source, "quote": "e"}]}
    response = http.post("/api/v1/evaluations", json={"questions": [common]})
    told = finished(http, f"/api/v1/evaluations/{response.json()['id']}")
    assert told["state"] == "failed"
    assert "more than 2 times" in told["error"]


def test_an_evaluation_can_be_cancelled_and_only_some_wait(
    http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = Assistant.ask

    def slowly(self: Assistant, *args: Any, **options: Any) -> Any:
        time.sleep(0.1)
        return ask(self, *args, **options)

    monkeypatch.setattr(Assistant, "ask", slowly)
    monkeypatch.setattr("aiqa.server.evaluation_jobs._MOST_UNFINISHED", 2)
    gold = {"questions": [GOLD[1]] * 200}
    first, second = (
        f"/api/v1/evaluations/{http.post('/api/v1/evaluations', json=gold).json()['id']}"
        for _ in range(2)
    )
    response = http.post("/api/v1/evaluations", json=gold)
    problem(response, 503)
    assert int(response.headers["retry-after"]) > 0
    assert http.post(second, json={"act": "cancel"}).json()["state"] == "cancelled"
    http.post(first, json={"act": "cancel"})
    assert finished(http, first)["state"] == "cancelled"
