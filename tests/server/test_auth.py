"""Sign-in, sessions and their cookies."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from threading import Event

import httpx
import pytest
from anyio import to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from typer.testing import CliRunner

from aiqa.cli.main import app
from aiqa.errors import CatalogError, SettingsError
from aiqa.server import auth
from aiqa.server.audit import Audit, unrecorded
from aiqa.server.auth import UserBackend, authenticated
from aiqa.server.private_file import PrivateFile
from aiqa.server.sessions import SessionStore
from aiqa.server.tokens import (
    Tokens,
    add_token,
    revoke_all,
    revoke_token,
    tokens_file,
    tokens_of,
)
from aiqa.server.users import Role, Users, add_user, remove_user
from tests.server.conftest import in_loop

NAME, PASSWORD = "ada", "correct horse"
FORM = {"username": NAME, "password": PASSWORD}
Work = Callable[[httpx.AsyncClient], Awaitable[None]]


async def hello(request: Request) -> PlainTextResponse:
    scopes = request.auth.scopes if request.query_params else []
    return PlainTextResponse(" ".join([request.user.display_name, *scopes]))


@pytest.fixture
def users(tmp_path: Path) -> Path:
    file = tmp_path / "users"
    add_user(file, NAME, PASSWORD)
    return file


def with_client(users: Path, work: Work, cookie: str = "aiqa-1", audit: Audit = unrecorded) -> None:
    """Do ``work`` with a client of a server that was just started."""
    inside = Starlette(routes=[Route("/", hello), Route("/favicon.ico", lambda _: None)])
    store = SessionStore(users.with_name("users.sessions"))
    backend = UserBackend(Users(users), store, Tokens(tokens_file(users)), audit)
    application = authenticated(inside, backend, store, cookie)

    async def run() -> None:
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            await work(client)

    in_loop(run)


def test_a_session_survives_a_restart_but_not_a_new_key(users: Path) -> None:
    cookies = httpx.Cookies()

    async def sign_in(client: httpx.AsyncClient) -> None:
        assert (await client.get("/")).status_code == 401
        assert (await client.post("/login", data=FORM)).json() == {"success": True}
        assert (await client.get("/")).text == NAME
        cookies.update(client.cookies)

    async def still_in(client: httpx.AsyncClient) -> None:
        client.cookies = cookies
        assert (await client.get("/")).text == NAME

    async def out(client: httpx.AsyncClient) -> None:
        client.cookies = cookies
        assert (await client.get("/")).status_code == 401

    with_client(users, sign_in)
    stored = users.with_name("users.sessions")
    assert stored.stat().st_mode & 0o777 == 0o600
    with_client(users, still_in)
    # The cookie of one server is not one of another that shares the file.
    cookies = httpx.Cookies({"aiqa-2": cookies["aiqa-1"]})
    with_client(users, out, cookie="aiqa-2")
    cookies = httpx.Cookies({"aiqa-1": cookies["aiqa-2"]})
    with_client(users, still_in)
    stored.unlink()
    with_client(users, out)


def test_a_copy_of_a_cookie_ends_with_its_session(users: Path) -> None:
    copies: list[httpx.Cookies] = []

    async def sign_out(client: httpx.AsyncClient) -> None:
        for _ in range(2):
            await client.post("/login", data=FORM)
            copies.append(httpx.Cookies(client.cookies))
        assert (await client.post("/sign-out")).status_code == 303
        assert not client.cookies
        await stays_ended(client)

    async def stays_ended(client: httpx.AsyncClient) -> None:
        for copy, status in zip(copies, (200, 401), strict=True):
            client.cookies = copy
            assert (await client.get("/")).status_code == status

    with_client(users, sign_out)
    with_client(users, stays_ended)


@pytest.mark.parametrize("password", ["another horse", PASSWORD])
def test_sessions_end_when_the_password_is_set_anew(users: Path, password: str) -> None:
    async def change(client: httpx.AsyncClient) -> None:
        await client.post("/login", data=FORM)
        assert (await client.get("/")).status_code == 200
        add_user(users, NAME, password)
        assert (await client.get("/")).status_code == 401

    with_client(users, change)


@pytest.mark.parametrize(
    ("headers", "secure"),
    [({}, False), ({"X-Forwarded-Proto": "http"}, False), ({"X-Forwarded-Proto": "https"}, True)],
)
def test_cookies_are_secure_behind_tls(
    users: Path, headers: dict[str, str], *, secure: bool
) -> None:
    async def sign_in(client: httpx.AsyncClient) -> None:
        response = await client.post("/login", data=FORM, headers=headers)
        cookie = response.headers["set-cookie"].lower()
        assert ("; secure" in cookie) is secure
        assert "; httponly; samesite=lax" in cookie

    with_client(users, sign_in)


def test_a_password_that_was_right_before_does_not_tell_guesses_apart(users: Path) -> None:
    async def guess(client: httpx.AsyncClient) -> None:
        right = (NAME, PASSWORD)
        for _ in range(15):
            assert (await client.get("/", auth=right)).status_code == 200
        seen = [(await client.get("/", auth=(NAME, f"guess {n}"))).status_code for n in range(12)]
        assert seen == [401] * 10 + [429] * 2
        assert (await client.get("/", auth=right)).status_code == 429

    with_client(users, guess)


def test_guesses_at_the_same_time_are_counted_one_by_one(users: Path) -> None:
    async def guess(client: httpx.AsyncClient) -> None:
        assert (await client.get("/", auth=(NAME, PASSWORD))).status_code == 200
        sent = [client.get("/", auth=(NAME, f"{'x' * 300}{n}")) for n in range(50)]
        statuses = [response.status_code for response in await asyncio.gather(*sent)]
        assert (statuses.count(401), statuses.count(429)) == (10, 40)

    with_client(users, guess)


def test_a_session_goes_on_while_others_guess(users: Path) -> None:
    async def guess(client: httpx.AsyncClient) -> None:
        await client.post("/login", data=FORM)
        for _ in range(12):
            await client.post("/login", data=FORM | {"password": "x" * 300})
        assert (await client.post("/login", data=FORM)).status_code == 429
        assert (await client.get("/")).text == NAME

    with_client(users, guess)


def test_many_sign_in_from_one_address_at_the_same_time_of_day(users: Path) -> None:
    names = [f"user{number}" for number in range(11)]
    hashed = users.read_text("utf-8").partition(":")[2]
    users.write_text("".join(f"{name}:{hashed}" for name in names), "utf-8")

    async def sign_in(client: httpx.AsyncClient) -> None:
        sent = [client.post("/login", data=FORM | {"username": name}) for name in names]
        assert {(await one).status_code for one in sent} == {200}

    with_client(users, sign_in)


def test_a_damaged_session_file_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "users.sessions").write_text("{", "utf-8")
    with pytest.raises(SettingsError, match=r"is damaged\. Delete it"):
        SessionStore(tmp_path / "users.sessions")
    with pytest.raises(SettingsError, match="cannot be kept"):
        SessionStore(tmp_path / "users.sessions" / "no folder")


def test_all_sessions_of_a_user_end_at_once_and_new_ones_begin(users: Path) -> None:
    copies: list[httpx.Cookies] = []

    async def sign_out(client: httpx.AsyncClient) -> None:
        for _ in range(2):
            await client.post("/login", data=FORM)
            copies.append(httpx.Cookies(client.cookies))
        assert (await client.post("/sign-out-everywhere")).status_code == 303
        await stay_ended(client)
        await client.post("/login", data=FORM)
        assert (await client.get("/")).text == NAME

    async def stay_ended(client: httpx.AsyncClient) -> None:
        for copy in copies:
            client.cookies = httpx.Cookies(copy)
            assert (await client.get("/")).status_code == 401

    with_client(users, sign_out)
    with_client(users, stay_ended)


def test_who_guesses_does_not_keep_the_user_out_elsewhere(users: Path) -> None:
    async def guess(client: httpx.AsyncClient) -> None:
        wrong = FORM | {"password": "x" * 300}
        seen = [(await client.post("/login", data=wrong)).status_code for _ in range(12)]
        assert seen == [401] * 10 + [429] * 2
        transport = httpx.ASGITransport(client._transport.app, client=("192.0.2.7", 1))  # type: ignore[attr-defined]
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as other:
            assert (await other.post("/login", data=FORM)).status_code == 200

    with_client(users, guess)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_token_stands_for_its_user_until_it_is_revoked_or_expires(users: Path) -> None:
    kept = tokens_file(users)
    token = add_token(kept, NAME, "nightly", 1, "editor")
    other = add_token(kept, NAME, "other", 1, "reader")
    old = add_token(kept, NAME, "old", -1, "reader")
    assert kept.stat().st_mode & 0o777 == 0o600
    for text in (token, token.rpartition("_")[2]):
        assert text not in kept.read_text("utf-8")

    async def use(client: httpx.AsyncClient) -> None:
        assert (await client.get("/", headers=bearer(token))).text == NAME
        changed = token[:-1] + ("a" if token[-1] != "a" else "b")
        for wrong in (old, changed, token.upper(), other[:14] + token[14:], "aiqa", "", PASSWORD):
            assert (await client.get("/", headers=bearer(wrong))).status_code == 401, wrong
        # A program with a wrong token keeps nobody out who shares its address.
        assert (await client.post("/login", data=FORM)).status_code == 200
        # A session does not make up for a token that has ended.
        assert (await client.get("/", headers=bearer(old))).status_code == 401
        (first,) = (one for one in tokens_of(kept, NAME) if one.label == "nightly")
        assert revoke_token(kept, NAME, first.id) == 1
        assert (await client.get("/", headers=bearer(token))).status_code == 401
        assert (await client.get("/", headers=bearer(other))).text == NAME
        remove_user(users, NAME)
        add_user(users, "bob", PASSWORD)
        assert (await client.get("/", headers=bearer(other))).status_code == 401
        assert revoke_all(kept, NAME) == 1
        add_user(users, NAME, PASSWORD)
        assert (await client.get("/", headers=bearer(other))).status_code == 401

    add_user(users, "eve", PASSWORD)
    with_client(users, use)


@pytest.mark.parametrize(
    ("own", "given", "scopes"),
    [
        ("admin", "admin", "change manage"),
        ("admin", "editor", "change"),
        ("editor", "admin", "change"),
        ("editor", "reader", ""),
        ("reader", "admin", ""),
    ],
)
def test_a_token_may_do_no_more_than_its_user_and_itself(
    users: Path, own: Role, given: Role, scopes: str
) -> None:
    add_user(users, NAME, PASSWORD, own)
    token = add_token(tokens_file(users), NAME, "", 1, given)

    async def use(client: httpx.AsyncClient) -> None:
        told = await client.get("/?scopes", headers=bearer(token))
        assert told.text == f"{NAME} authenticated {scopes}".strip()

    with_client(users, use)


def test_who_signs_in_and_out_is_recorded(users: Path) -> None:
    told: list[tuple[str, ...]] = []

    async def use(client: httpx.AsyncClient) -> None:
        await client.post("/login", data=FORM | {"password": "x" * 300})
        await client.post("/login", data=FORM)
        await client.post("/sign-out")
        await client.post("/sign-out")
        for _ in range(3):
            await client.get("/", auth=(NAME, PASSWORD))
        await client.post("/login", data=FORM)
        await client.post("/sign-out-everywhere")

    with_client(users, use, audit=lambda *args, **details: told.append((*args, *details.values())))
    events = ["refused sign-in", "sign-in", "sign-out", "sign-in", "sign-out everywhere"]
    assert told == [(event, NAME, "127.0.0.1") for event in events]


def test_new_tokens_and_their_ends_are_recorded(users: Path) -> None:
    told: list[tuple[str, ...]] = []
    kept = tokens_file(users)
    tokens = Tokens(kept, lambda *args, **details: told.append((*args, details["label"])))
    text = add_token(kept, NAME, "nightly", 1, "reader")
    assert tokens.find(text)
    revoke_all(kept, NAME)
    assert tokens.find(text) is None
    assert told == [("new token", NAME, "nightly"), ("end of token", NAME, "nightly")]


def test_a_server_whose_users_cannot_be_looked_up_says_so_and_does_not_stand_still(
    users: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = add_token(tokens_file(users), NAME, "", 1, "reader")
    asked, answers = Event(), Event()

    def state(_: PrivateFile) -> None:
        asked.set()
        assert answers.wait(10), "the loop stands still"
        raise CatalogError("The database of the harbour cannot be reached.")

    async def use(client: httpx.AsyncClient) -> None:
        await client.post("/login", data=FORM)
        monkeypatch.setattr(PrivateFile, "state", state)
        requests = [
            client.get("/"),
            client.get("/", headers={"Authorization": f"Bearer {token}"}),
            client.get("/", auth=(NAME, PASSWORD)),
            client.post("/login", data=FORM),
            client.post("/sign-out"),
        ]
        for request in requests:
            asked.clear()
            answers.clear()
            waiting = asyncio.create_task(request)
            assert await to_thread.run_sync(asked.wait, 10)
            answers.set()
            response = await waiting
            assert response.status_code == 503
            assert "Retry-After" in response.headers
            assert "harbour" not in response.text

    with_client(users, use)


def test_sessions_without_number_are_not_begun(
    users: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "_SIGN_INS", 3)

    async def use(client: httpx.AsyncClient) -> None:
        seen = [(await client.post("/login", data=FORM)).status_code for _ in range(4)]
        assert seen == [200] * 3 + [429]

    with_client(users, use)


def test_tokens_are_made_listed_and_revoked_from_the_terminal(users: Path) -> None:
    def run(*options: str) -> str:
        done = CliRunner().invoke(app, ["chat-token", str(users), *options])
        assert done.exit_code == 0, done.output
        return done.stdout

    token = json.loads(run(NAME, "--label", "nightly", "--days", "7", "--json"))["token"]
    assert Tokens(tokens_file(users)).find(token)
    listed = run(NAME, "--list")
    assert token not in listed
    assert "reader" in listed
    assert "nightly" in listed
    run(NAME, "--revoke", listed.split()[0])
    assert Tokens(tokens_file(users)).find(token) is None
    for wrong in (["bob"], [NAME, "--role", "king"], [NAME, "--revoke", "00000000"]):
        done = CliRunner().invoke(app, ["chat-token", str(users), *wrong])
        assert isinstance(done.exception, SettingsError), wrong
    again = run(NAME).strip()
    gone = CliRunner().invoke(app, ["chat-user", str(users), NAME, "--remove"])
    assert gone.exit_code == 0
    assert Tokens(tokens_file(users)).find(again) is None
