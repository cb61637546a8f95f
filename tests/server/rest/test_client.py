"""The client against the real server."""

from __future__ import annotations

from pathlib import Path

import pytest

from aiqa import Assistant
from aiqa.client import Client, Hit, ProblemError
from aiqa.types import Answer, Filters
from tests.server.rest.conftest import NAME, PASSWORD, READER

LIT = "When was the lighthouse on Gull Rock lit?"


def test_answers_are_those_of_the_assistant(client: Client, assistant: Assistant) -> None:
    answer = client.ask(LIT)
    own = assistant.ask(LIT)
    assert (answer.text, answer.citations, answer.outcome) == (
        own.text,
        own.citations,
        own.outcome,
    )
    follow_up = client.ask("Who kept it?", history=[answer])
    assert follow_up.interpreted == "Who kept Gull Rock?"
    assert client.ask(LIT, min_confidence=1.0).abstained
    citation = answer.citations[0]
    assert client.text(citation.document_id, citation.start, citation.end) == citation.quote
    assert [check.state for check in client.verify(*answer.citations)] == ["stands"]
    assert client.feedback(answer, "up", correct=citation, comment="Right.")


def test_a_stream_gives_passages_then_the_answer(client: Client) -> None:
    passages, answer = client.stream(LIT)
    assert isinstance(passages, list)
    assert isinstance(passages[0], Hit)
    assert isinstance(answer, Answer)
    assert answer.text
    with pytest.raises(ProblemError, match="No document") as refusal:
        next(client.stream(LIT, filters=Filters(sources=("none/*",))))
    assert refusal.value.status == 422


def test_documents_come_and_go(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "crane.txt"
    file.write_text("The crane lifts nine tonnes.", "utf-8")
    (upload,) = client.wait(client.upload(file, collection="yard"))
    assert upload.state == "added"
    (identity,) = upload.documents
    (listed,) = client.documents("crane")
    assert (listed.document_id, listed.collection) == (identity, "yard")
    assert client.original(identity) == file.read_bytes()
    (hit,) = client.search("crane", k=1, filters=Filters(collections=("yard",)))
    assert hit.document_id == identity
    assert client.delete(identity) == [listed.source]
    assert not list(client.documents("crane"))
    (text,) = client.wait([client.upload_text("The rope is blue.", "Rope")])
    assert text.name == "Rope.txt"


def test_a_gold_set_is_measured(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aiqa.client.client._POLL_SECONDS", 0.05)
    done = client.evaluate([{"question": "Who is the mayor of Paris?"}])
    assert done.state == "done"
    assert done.figures
    assert done.figures["abstained"] == 1


def test_refusals_say_what_to_do(address: str, client: Client) -> None:
    with pytest.raises(ProblemError, match="Ask the one thing") as refusal:
        client.ask("What? " * 1000)
    assert refusal.value.status == 422
    with Client(address) as nobody, pytest.raises(ProblemError, match="Sign in") as refusal:
        list(nobody.documents())
    assert refusal.value.status == 401
    with Client(address, user=(READER, PASSWORD)) as reader, pytest.raises(ProblemError):
        reader.upload_text("x")
    with (
        Client("http://127.0.0.1:9", user=(NAME, PASSWORD)) as lost,
        pytest.raises(ProblemError, match="cannot be reached"),
    ):
        lost.ask(LIT)
