"""The checks that every request passes, one by one."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.types import ASGIApp

from aiqa.server.access_log import AccessLogMiddleware
from aiqa.server.json_limits import MOST_CONTAINERS, MOST_ITEMS, is_within_limits
from aiqa.server.proxies import behind_proxies
from aiqa.server.rate_limit import RateLimiter, address_of
from aiqa.server.security import (
    AllowedRoute,
    HeadersMiddleware,
    HostMiddleware,
    OriginMiddleware,
    RouteMiddleware,
)
from tests.server.conftest import in_loop


def fetch(
    application: ASGIApp, path: str, method: str = "GET", **options: object
) -> httpx.Response:
    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(application, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, **options)  # type: ignore[arg-type]

    return in_loop(get)


def test_a_failure_is_told_without_its_insides_and_logged_with_them(
    caplog: pytest.LogCaptureFixture,
) -> None:
    inside = FastAPI()

    @inside.get("/fails")
    def fails() -> None:
        raise RuntimeError("the inside of it")

    answer = fetch(AccessLogMiddleware(inside), "/fails")
    assert answer.status_code == 500
    assert "Traceback" not in answer.text
    assert "the inside of it" not in answer.text
    assert "the inside of it" in caplog.text


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("docs.example.org", 200),
        ("DOCS.example.org:443", 200),
        ("192.0.2.7:80", 200),
        ("example.org", 400),
        ("x.org", 400),
        ("a.docs.example.org", 400),
        ("x.org@192.0.2.7", 400),
    ],
)
def test_a_name_that_was_allowed_may_be_used(host: str, status: int) -> None:
    inside = FastAPI()
    inside.get("/")(lambda: "in")
    application = HostMiddleware(inside, ["docs.example.org"])
    assert fetch(application, "/", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://localhost", 200), ("http://LOCALHOST", 200), ("http://x.org", 403), ("null", 403)],
)
def test_pages_of_other_sites_are_refused(origin: str, status: int) -> None:
    inside = FastAPI()
    inside.get("/")(lambda: "in")
    assert fetch(OriginMiddleware(inside), "/", headers={"Origin": origin}).status_code == status


async def pieces(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * 10


@pytest.mark.parametrize(
    ("count", "headers", "status"),
    [
        (10, {}, 200),
        (11, {}, 413),
        (11, {"Content-Length": "5"}, 413),
        (1, {"Content-Length": "101"}, 413),
        (10_000, {"Transfer-Encoding": "chunked"}, 413),
    ],
)
def test_a_body_is_bounded_whatever_its_declared_length(
    count: int, headers: dict[str, str], status: int
) -> None:
    inside = FastAPI()
    read = 0

    @inside.post("/")
    async def receive(request: Request) -> None:
        nonlocal read
        async for piece in request.stream():
            read += len(piece)

    application = RouteMiddleware(inside, [AllowedRoute("POST", "/", 100)])
    sent = fetch(application, "/", "POST", content=pieces(count), headers=headers)
    assert sent.status_code == status
    assert read <= 100


def test_a_body_with_two_lengths_is_refused() -> None:
    inside = FastAPI()
    inside.post("/")(lambda: "in")
    application = RouteMiddleware(inside, [AllowedRoute("POST", "/", 100)])
    headers = {"Content-Length": "10", "Transfer-Encoding": "chunked"}
    assert fetch(application, "/", "POST", content=pieces(1), headers=headers).status_code == 400


@pytest.mark.parametrize(
    ("body", "is_taken"),
    [
        (b"[" * 100 + b"]" * 100, True),
        (b"[" * 101 + b"]" * 101, False),
        (b'{"a":' * 101 + b"1" + b"}" * 101, False),
        (b"[" + b"[],[]," * MOST_CONTAINERS + b"1]", False),
        (b"[" + b"1," * MOST_ITEMS + b"1,1]", False),
        (b"[" + b'"a","b",' * (MOST_ITEMS // 4) + b"1]", True),
        (b'["' + b"[[,," * MOST_ITEMS + rb"\"[[[[" + b'"]', True),
        (b'"' * 3_000_001, False),
    ],
    ids=range(8),
)
def test_json_is_measured_before_it_is_parsed(body: bytes, *, is_taken: bool) -> None:
    assert is_within_limits(body) is is_taken


@pytest.mark.parametrize(
    ("headers", "address", "scheme"),
    [
        ({}, "127.0.0.1", "http"),
        ({"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https"}, "192.0.2.7", "https"),
        # Only what a proxy added is believed, not what the client had sent to it.
        ({"X-Forwarded-For": "198.51.100.1, 192.0.2.7, 10.1.2.3"}, "192.0.2.7", "http"),
    ],
)
@pytest.mark.parametrize("proxies", [(), ("127.0.0.1", "10.0.0.0/8")])
def test_the_client_is_who_a_trusted_proxy_says(
    headers: dict[str, str], address: str, scheme: str, proxies: tuple[str, ...]
) -> None:
    inside = FastAPI()

    @inside.get("/")
    def who(request: Request) -> list[str]:
        return [address_of(request.scope), request.scope["scheme"]]

    told = fetch(behind_proxies(inside, proxies), "/", headers=headers).json()
    assert told == ([address, scheme] if proxies else ["127.0.0.1", "http"])


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_browsers_stay_with_tls_once_they_came_by_it(scheme: str) -> None:
    inside = FastAPI()
    inside.get("/")(lambda: "in")
    answer = fetch(HeadersMiddleware(inside, ""), "/", headers={"X-Forwarded-Proto": scheme})
    told = answer.headers.get("strict-transport-security")
    assert told == ("max-age=31536000" if scheme == "https" else None)


def test_a_route_that_is_not_listed_is_not_there() -> None:
    inside = FastAPI()
    inside.get("/a")(lambda: "in")
    inside.get("/b")(lambda: "in")
    application = RouteMiddleware(inside, [AllowedRoute("GET HEAD", "/a")])
    assert fetch(application, "/a").status_code == 200
    assert fetch(application, "/b").status_code == 404
    assert fetch(application, "/a", "POST").status_code == 405


def test_a_client_may_go_on_after_a_while() -> None:
    limiter = RateLimiter(amount=2, seconds=1)
    assert [limiter.hit("a"), limiter.hit("a")] == [0, 0]
    assert 0 < limiter.wait("a") <= 1
    assert 0 < limiter.hit("a") <= 1
    assert limiter.wait("b") == 0
    assert limiter.hit("b") == 0
    time.sleep(1.1)
    assert limiter.wait("a") == 0
    assert limiter.hit("a") == 0


def test_clients_without_number_take_no_more_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aiqa.server.rate_limit._MAX_CLIENTS", 100)
    limiter = RateLimiter(amount=1, seconds=60)
    for number in range(300):
        assert limiter.hit(f"client {number}") == 0
    assert len(limiter._storage.events) == 100
    assert limiter.hit("client 299") > 0
