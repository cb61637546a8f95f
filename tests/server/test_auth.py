"""Sign-in, sessions and their cookies."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from aiqa.errors import SettingsError
from aiqa.server.auth import authenticated
from aiqa.server.sessions import SessionStore
from aiqa.server.users import Users, add_user
from tests.server.conftest import in_loop

NAME, PASSWORD = "ada", "correct horse"
FORM = {"username": NAME, "password": PASSWORD}
Work = Callable[[httpx.AsyncClient], Awaitable[None]]


async def hello(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.user.display_name)


@pytest.fixture
def users(tmp_path: Path) -> Path:
    file = tmp_path / "users"
    add_user(file, NAME, PASSWORD)
    return file


def with_client(users: Path, work: Work, cookie: str = "aiqa-1") -> None:
    """Do ``work`` with a client of a server that was just started."""
    inside = Starlette(routes=[Route("/", hello), Route("/favicon.ico", lambda _: None)])
    store = SessionStore(users.with_name("users.sessions"))
    application = authenticated(inside, Users(users), store, cookie)

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
