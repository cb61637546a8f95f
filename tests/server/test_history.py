"""Conversations kept on the server: per user, searchable, deletable, bounded."""

from __future__ import annotations

import base64
import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Thread

import httpx
import pytest
from fastapi import FastAPI
from starlette.authentication import AuthCredentials, AuthenticationBackend, SimpleUser
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import HTTPConnection

from aiqa.errors import AiqaError, SettingsError
from aiqa.serialization import answer_dict
from aiqa.server import history as history_module
from aiqa.server.history import History, HistoryError
from aiqa.server.history_routes import history_routes, refused
from aiqa.server.metrics import Metrics
from aiqa.server.run import Service, guarded
from aiqa.types import Answer
from tests.server.conftest import in_loop

HOSTILE = "<img src=x onerror=window.pwned=1>'; DROP TABLE turns; --"


def record(identity: str, question: str = "What does it cost?") -> dict[str, object]:
    answer = Answer(question, None, 0.1, "abstention", cause="not stated", reason="No.", stated=0.1)
    return {"id": identity, "question": question, "answer": answer_dict(answer)}


class Believing(AuthenticationBackend):
    """Takes everybody for who they say they are."""

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, SimpleUser]:
        name = base64.b64decode(conn.headers["authorization"].split()[1]).decode()
        return AuthCredentials(["authenticated"]), SimpleUser(name.rstrip(":"))


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "history.sqlite")


def test_what_one_user_keeps_no_other_finds_changes_or_deletes(history: History) -> None:
    history.add("ada", "c1", record("t1", "Secret question?"), "Secret question?")
    assert history.conversations("eve") == []
    assert history.conversations("eve", "secret") == []
    assert history.turns("eve", "c1", None, 10).count == 0
    history.rename("eve", "c1", "Mine now")
    history.delete("eve", "c1")
    history.delete("eve")
    # The same id is another conversation for another user.
    history.add("eve", "c1", record("t1", "Her own?"), "Her own?")
    assert [kept.name for kept in history.conversations("ada")] == ["Secret question?"]
    assert history.turns("ada", "c1", None, 10).records[0]["question"] == "Secret question?"
    assert history.turns("eve", "c1", None, 10).records[0]["question"] == "Her own?"


def test_turns_are_returned_in_order_and_in_parts(history: History) -> None:
    for number in range(12):
        history.add("", "c1", record(f"t{number}"), "")
    history.add("", "c1", record("t3"), "")
    last = history.turns("", "c1", None, 5)
    assert (last.start, last.count) == (7, 12)
    assert [one["id"] for one in last.records] == ["t7", "t8", "t9", "t10", "t11"]
    assert [one["id"] for one in history.turns("", "c1", 2, 2).records] == ["t2", "t3"]


def test_all_words_are_searched_in_names_questions_and_answers(history: History) -> None:
    history.add("", "c1", record("t1", "How long?"), "How long?\nSixty DAYS, says the Straße")
    history.add("", "c2", record("t2", "机器人多少钱？"), "机器人多少钱？\n100%_sure")
    history.rename("", "c2", HOSTILE)
    for text, found in (
        ("days SIXTY", ["c1"]),
        ("strasse", ["c1"]),
        ("机器人", ["c2"]),
        ("drop TABLE", ["c2"]),
        ("100%_", ["c2"]),
        ("%", ["c2"]),
        ("sixty 机器人", []),
        ("'; --", ["c2"]),
    ):
        assert [kept.id for kept in history.conversations("", text)] == found
    assert history.conversations("")[0].name == HOSTILE


def test_what_is_deleted_is_not_in_the_files_any_more(history: History, tmp_path: Path) -> None:
    history.add("ada", "c1", record("t1", "Swordfish?"), "Swordfish?")
    history.add("ada", "c2", record("t1", "Marlin?"), "Marlin?")
    history.delete("ada", "c1")
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"ordfish" not in left
    assert b"Marlin" in left
    history.delete("ada")
    assert history.conversations("ada") == []


def test_the_file_is_its_owners_only(history: History, tmp_path: Path) -> None:
    history.add("ada", "c1", record("t1"), "")
    with closing(sqlite3.connect(tmp_path / "history.sqlite")) as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        history.add("ada", "c1", record("t2"), "")
        files = [path for path in tmp_path.iterdir() if path.name.startswith("history.sqlite")]
        assert len(files) == 3
        assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_a_user_has_so_much_room_and_no_more(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(HistoryError, match="too large"):
        history.add("ada", "c1", record("t1", "x" * 600_000), "")
    monkeypatch.setattr(history_module, "_MOST_USER_BYTES", 5000)
    history.add("ada", "c1", record("t1", "x" * 1500), "")
    with pytest.raises(HistoryError, match="no room left"):
        history.add("ada", "c1", record("t2", "x" * 1500), "")
    history.add("eve", "c1", record("t1"), "")
    history.delete("ada", "c1")
    history.add("ada", "c2", record("t1"), "")


def test_many_may_write_at_once(history: History) -> None:
    def write(user: str) -> None:
        for number in range(10):
            history.add(user, "c1", record(f"{user}{number}"), "")

    threads = [Thread(target=write, args=(f"user{number % 2}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [history.turns(f"user{n}", "c1", None, 100).count for n in range(2)] == [10, 10]


def test_a_file_that_is_none_of_its_own_is_refused(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.sqlite"
    damaged.write_bytes(b"not a database" * 100)
    with pytest.raises(SettingsError, match="cannot be kept in"):
        History(damaged)
    newer = tmp_path / "newer.sqlite"
    with closing(sqlite3.connect(newer)) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(SettingsError, match="another version"):
        History(newer)
    with pytest.raises(SettingsError, match="cannot be kept in"):
        History(tmp_path / "absent" / "history.sqlite")


def test_the_routes_know_the_user_by_sign_in_only(tmp_path: Path) -> None:
    inside = FastAPI()
    inside.include_router(history_routes(History(tmp_path / "history.sqlite")))
    inside.add_exception_handler(AiqaError, refused)
    application = AuthenticationMiddleware(inside, Believing())

    async def work() -> None:
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            ada, eve = ("ada", ""), ("eve", "")
            kept = await client.post("/history/c1", json=record("t1", HOSTILE), auth=ada)
            assert kept.status_code == 204
            (listed,) = (await client.get("/history?text=drop", auth=ada)).json()
            assert listed["name"] == HOSTILE[:80]
            assert (await client.get("/history", auth=eve)).json() == []
            for theirs in ("?user=ada", "/c1?user=ada", "/c1?start=0&most=5"):
                shown = (await client.get(f"/history{theirs}", auth=eve)).json()
                assert shown in ([], {"records": [], "start": 0, "count": 0})
            assert (await client.delete("/history/c1", auth=eve)).status_code == 204
            assert (await client.delete("/history", auth=eve)).status_code == 204
            read = (await client.get("/history/c1", auth=ada)).json()
            assert read["records"][0]["question"] == HOSTILE
            for path, body in (
                ("/history/c1", {"id": "t2", "question": "?", "answer": {"text": 1}}),
                ("/history/c1", {"id": HOSTILE, "question": "?", "answer": {}}),
                ("/history/" + "x" * 41, record("t1")),
                ("/history/c%27", record("t1")),
            ):
                refusal = await client.post(path, json=body, auth=ada)
                assert refusal.status_code == 422
            assert (await client.get("/history/c1?start=-1", auth=ada)).status_code == 422
            assert (await client.get("/history/c1?most=999999", auth=ada)).status_code == 422

    in_loop(work)


def test_the_routes_are_served_only_with_history(tmp_path: Path) -> None:
    inside = FastAPI()
    inside.include_router(history_routes(History(tmp_path / "history.sqlite")))
    inside.state.uploaded = set()
    inside.state.metrics = Metrics()

    async def status(service: Service, method: str, path: str, **options: object) -> int:
        transport = httpx.ASGITransport(guarded(inside, service))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return (await client.request(method, path, **options)).status_code  # type: ignore[arg-type]

    async def work() -> None:
        off, on = Service(), Service(history=True)
        assert await status(off, "GET", "/history") == 404
        assert await status(off, "PUT", "/history/c1/name", json={"name": "x"}) == 404
        assert await status(on, "GET", "/history") == 200
        assert await status(on, "POST", "/history/c1", json=record("t1")) == 204
        assert await status(on, "PUT", "/history/c1/name", json={"name": "x"}) == 204
        assert await status(on, "PUT", "/history/c1/name", json={"name": ""}) == 422
        assert await status(on, "PUT", "/history/c1/name", content=b"x" * 5000) == 413
        assert await status(on, "POST", "/history/c1", content=b"x" * 700_000) == 413
        foreign = {"Origin": "http://evil.example"}
        assert await status(on, "DELETE", "/history", headers=foreign) == 403
        assert await status(on, "GET", "/history/../users") == 404

    in_loop(work)
