"""Servers of one cluster share conversations, sessions, users and tokens."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from aiqa.cli.main import app
from aiqa.cluster.cluster_location import ClusterLocation
from aiqa.errors import SettingsError
from aiqa.index.index_folder import IndexFolder
from aiqa.server.history import Conversations, History
from aiqa.server.metrics import Metrics
from aiqa.server.run import Service, guarded
from aiqa.server.sessions import SessionStore
from aiqa.server.shared_history import SharedHistory
from aiqa.server.shared_sessions import SharedSessions
from aiqa.server.shared_state import (
    IN_DATABASE,
    kept_accounts,
    kept_conversations,
    kept_sessions,
)
from aiqa.server.shared_text import SharedText
from aiqa.server.tokens import Tokens
from aiqa.server.users import Users, add_user
from tests.server import test_history as single
from tests.server.test_history import record


@pytest.fixture
def place(cluster: str) -> Iterator[ClusterLocation]:
    with closing(ClusterLocation(cluster)) as place:
        yield place


@pytest.fixture
def history(place: ClusterLocation) -> Conversations:
    return kept_conversations(place)


@pytest.mark.parametrize(
    "behaviour",
    [
        single.test_what_one_user_keeps_no_other_finds_changes_or_deletes,
        single.test_turns_are_returned_in_order_and_in_parts,
        single.test_all_words_are_searched_in_names_questions_and_answers,
        single.test_a_user_has_so_much_room_and_no_more,
        single.test_many_may_write_at_once,
    ],
)
def test_conversations_are_kept_as_by_a_single_server(
    behaviour: Callable[..., None], history: Conversations, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"history": history, "monkeypatch": monkeypatch}
    behaviour(**{name: given[name] for name in inspect.signature(behaviour).parameters})


def test_what_one_server_keeps_the_others_find(cluster: str, history: Conversations) -> None:
    question = "Zero\0 or half \ud83d a smile?"
    history.add("ada", "c1", record("t1", question), question)
    with closing(ClusterLocation(cluster)) as other:
        kept = kept_conversations(other)
        assert [one.name for one in kept.conversations("ada", "HALF")] == [question]
        assert kept.turns("ada", "c1", None, 1).records[0]["question"] == question


def test_who_signs_out_of_one_server_has_signed_out_of_all(
    cluster: str, place: ClusterLocation, tmp_path: Path
) -> None:
    one = kept_sessions(place, tmp_path / "sessions")
    with closing(ClusterLocation(cluster)) as elsewhere:
        other = kept_sessions(elsewhere, tmp_path / "sessions")
        assert one.key == other.key
        one.sign_out("s1")
        one.sign_out("s1")
        assert other.is_signed_out("s1")
        assert not other.is_signed_out("s2")
        assert not other.has_ended("ada", 0)
        one.sign_out_everywhere("ada")
        assert other.has_ended("ada", 0)
        assert not other.has_ended("eve", 0)
    assert not (tmp_path / "sessions").exists()


def test_users_and_tokens_in_the_database_are_those_of_all_servers(
    cluster: str, place: ClusterLocation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def told(*arguments: str, typed: str = "") -> str:
        done = CliRunner().invoke(app, [*arguments, "--index", cluster], input=typed)
        assert done.exit_code == 0, done.output
        return done.stdout

    users, tokens = kept_accounts(place, IN_DATABASE)
    with pytest.raises(SettingsError, match=r"users in postgresql://\S+ does not exist"):
        Users(users)
    empty = Users(users, may_be_empty=True)
    assert empty.role("ada") is None
    for name in ("ada", "eve"):
        told("chat-user", "database", name, "--role", "reader", typed="correct horse\n" * 2)
    server, other_server = Users(users), Users(kept_accounts(place, IN_DATABASE)[0])
    assert server.verify("ada", "correct horse")
    assert other_server.role("ada") == empty.role("ada") == "reader"
    token = json.loads(told("chat-token", "database", "ada", "--json"))["token"]
    kept = Tokens(tokens)
    found = kept.find(token)
    assert found
    assert found.user == "ada"
    told("chat-user", "database", "ada", "--remove")
    assert kept.find(token) is None
    assert "ada" not in server
    assert "eve" in other_server
    assert not list(tmp_path.iterdir())
    SharedText(place.postgres, "tokens").update(lambda _: "{")
    with pytest.raises(SettingsError, match=r"The list of tokens .* Delete the row 'tokens' of"):
        Tokens(tokens)


def test_a_server_of_a_cluster_starts_before_its_first_user(place: ClusterLocation) -> None:
    inside = FastAPI()
    inside.state.location, inside.state.metrics = place, Metrics()
    http = TestClient(
        guarded(inside, Service(accounts=IN_DATABASE)),
        base_url="http://localhost",
        headers={"Authorization": "Basic YWRhOmNvcnJlY3QgaG9yc2U="},
    )
    assert http.get("/holdings").status_code == 401
    add_user(kept_accounts(place, IN_DATABASE)[0], "ada", "correct horse")
    assert http.get("/holdings").status_code == 404


def test_users_are_not_lost_when_several_servers_add_some(place: ClusterLocation) -> None:
    users, _ = kept_accounts(place, IN_DATABASE)
    names = [f"user{number}" for number in range(12)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda name: add_user(users, name, None), names))
    kept = Users(users)
    assert all(name in kept for name in names)


def test_a_server_of_an_index_folder_has_files_of_its_own(
    place: ClusterLocation, tmp_path: Path
) -> None:
    folder = IndexFolder(tmp_path / "index")
    assert isinstance(kept_conversations(folder), History)
    assert isinstance(kept_sessions(folder, tmp_path / "sessions"), SessionStore)
    assert kept_accounts(folder, tmp_path / "users")[0] == tmp_path / "users"
    with pytest.raises(SettingsError, match="no database that could keep users"):
        kept_accounts(folder, IN_DATABASE)
    assert kept_accounts(place, tmp_path / "users")[0] == tmp_path / "users"
    assert isinstance(kept_conversations(place), SharedHistory)
    assert isinstance(kept_sessions(place, tmp_path / "none"), SharedSessions)
