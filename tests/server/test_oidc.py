"""Sign-in at an OpenID Connect provider, which runs beside the tests."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from aiqa.errors import SettingsError
from aiqa.server.auth import UserBackend, authenticated
from aiqa.server.oidc import CALLBACK, START, OidcSettings, Provider
from aiqa.server.run import Service, serve
from aiqa.server.sessions import SessionStore
from aiqa.server.tokens import Tokens, tokens_file
from aiqa.server.users import Users, add_user
from tests.server.conftest import free_port, in_loop

ADA, BOB, EVE = (f"{name}@example.org" for name in ("ada", "bob", "eve"))
HTML = {"Accept": "text/html"}
Work = Callable[[httpx.AsyncClient], Awaitable[None]]


async def hello(request: Request) -> PlainTextResponse:
    return PlainTextResponse(" ".join([request.user.display_name, *request.auth.scopes]))


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider with three users; what it is made with warns, so that it is a process."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", port]
    for name, is_verified in ((ADA, True), (BOB, True), (EVE, False)):
        claims = {"sub": name, "email": name, "email_verified": is_verified}
        command += ["--user-claims", json.dumps(claims)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        for _ in range(600):
            with suppress(OSError), socket.create_connection(("127.0.0.1", int(port)), 1):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
        process.terminate()


@pytest.fixture
def settings(tmp_path: Path, issuer: str) -> Path:
    file = tmp_path / "oidc.toml"
    (tmp_path / "secret").write_text("a secret\n", "utf-8")
    file.write_text(
        f'issuer = "{issuer}"\nclient_id = "aiqa"\nclient_secret_file = "{tmp_path / "secret"}"\n'
        'title = "Example"\n',
        "utf-8",
    )
    return file


def with_client(settings: Path, work: Work) -> None:
    """Do ``work`` with a browser at a server for which Ada is an admin without a password."""
    users = settings.with_name("users")
    add_user(users, ADA, None, "admin")
    told = OidcSettings.read(settings)
    store = SessionStore(users.with_name("users.sessions"))
    backend = UserBackend(Users(users), store, Tokens(tokens_file(users)), elsewhere=told.elsewhere)
    inside = Starlette(routes=[Route("/", hello)])
    application = authenticated(inside, backend, store, "aiqa-1", Provider(told))

    async def run() -> None:
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            await work(client)

    in_loop(run)


async def sent_back(client: httpx.AsyncClient, **answer: str) -> str:
    """The address to which the provider sends the browser when somebody answered there."""
    there = (await client.get(START)).headers["location"]
    assert "code_challenge_method=S256" in there
    async with httpx.AsyncClient() as browser:
        return (await browser.post(there, data=answer)).headers["location"]


async def sign_in(client: httpx.AsyncClient, name: str) -> httpx.Response:
    return await client.get(await sent_back(client, sub=name), headers=HTML)


def test_users_sign_in_at_the_provider_with_the_role_they_have_here(settings: Path) -> None:
    async def visit(client: httpx.AsyncClient) -> None:
        page = await client.get("/", headers=HTML)
        assert f'<a href="{START}">Sign in with Example</a>' in page.text
        assert (await sign_in(client, ADA)).headers["location"] == "/"
        assert (await client.get("/")).text == f"{ADA} authenticated change manage"
        assert "_state_" not in str(client.cookies)
        add_user(settings.with_name("users"), ADA, None, "reader")
        assert (await client.get("/")).status_code == 401
        await sign_in(client, ADA)
        assert (await client.get("/")).text == f"{ADA} authenticated"
        await client.post("/sign-out-everywhere")
        assert (await client.get("/")).status_code == 401

    with_client(settings, visit)


@pytest.mark.parametrize("role", ["none", "reader", "editor"])
def test_whom_the_file_does_not_name_gets_the_role_that_is_set(settings: Path, role: str) -> None:
    with settings.open("a") as file:
        file.write(f'role = "{role}"\n')

    async def visit(client: httpx.AsyncClient) -> None:
        told = await sign_in(client, BOB)
        seen = await client.get("/")
        if role == "none":
            assert "You may not use this chat." in told.text
            assert seen.status_code == 401
        else:
            scopes = {"reader": "", "editor": " change"}[role]
            assert seen.text == f"{BOB} authenticated{scopes}"

    with_client(settings, visit)


def test_nobody_is_signed_in_by_what_the_provider_did_not_say_to_this_browser(
    settings: Path,
) -> None:
    async def attack(client: httpx.AsyncClient) -> None:
        fresh = httpx.Cookies()
        stolen = await sent_back(client, sub=ADA)
        client.cookies = fresh
        for address in (CALLBACK, f"{CALLBACK}?code=x&state=y", stolen):
            assert (await client.get(address)).status_code == 401, address
        denied = await client.get(await sent_back(client, action="deny"), headers=HTML)
        assert "Example did not sign you in." in denied.text
        address = await sent_back(client, sub=ADA)
        assert (await client.get(address.replace("code=", "code=x"))).status_code == 401
        unverified = await sign_in(client, EVE)
        assert "has not verified your address" in unverified.text
        assert (await client.get("/")).status_code == 401

    with_client(settings, attack)


def test_a_provider_that_cannot_be_reached_is_told_of_and_guesses_are_counted(
    settings: Path,
) -> None:
    settings.write_text('issuer = "http://localhost:9"\nclient_id = "aiqa"\n', "utf-8")

    async def visit(client: httpx.AsyncClient) -> None:
        told = await client.get(START, headers=HTML)
        assert "OpenID Connect cannot be reached." in told.text
        seen = [(await client.get(f"{CALLBACK}?code=x&state=y")).status_code for _ in range(12)]
        assert seen == [401] * 10 + [429] * 2

    with_client(settings, visit)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "issuer: Field required"),
        ('issuer = "http://example.org"\nclient_id = "a"', "has to be reached by https"),
        ('issuer = "https://example.org"\nclient_id = "a"\nrole = "king"', "role: Input should be"),
        ('issuer = "https://example.org"\nclient_id = "a"\nsecret = "x"', "secret: Extra inputs"),
        ("[", "cannot be used"),
        ('issuer="https://a.org"\nclient_id="a"\nclient_secret_file="none"', "none cannot be read"),
    ],
)
def test_settings_that_cannot_be_used_say_why(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "oidc.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=told):
        Provider(OidcSettings.read(file))


def test_without_a_file_of_users_nobody_knows_who_may_come(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="--auth FILE"):
        serve(None, Service(oidc=tmp_path / "oidc.toml"))  # type: ignore[arg-type]
