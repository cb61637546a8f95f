"""Clients that send half a request, or do not read, do not take the places of others."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from aiqa.server import connections
from aiqa.server.connections import AtOnceMiddleware
from aiqa.server.run import Server, configured
from tests.server.conftest import in_loop

GET = b"GET /quick HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n"
Open = Callable[[bytes], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


async def quick(_: Request) -> PlainTextResponse:
    return PlainTextResponse("quick")


async def body(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


async def slow(_: Request) -> PlainTextResponse:
    await asyncio.sleep(0.6)
    return PlainTextResponse("slow")


async def endless(request: Request) -> StreamingResponse:
    async def zeros() -> AsyncIterator[bytes]:
        try:
            for _ in range(10_000):
                yield bytes(100_000)
        finally:
            request.app.state.left.set()

    return StreamingResponse(zeros())


INSIDE = Starlette(
    routes=[
        Route("/quick", quick),
        Route("/body", body, methods=["POST"]),
        Route("/slow", slow),
        Route("/endless", endless),
    ]
)


@asynccontextmanager
async def opened() -> AsyncIterator[tuple[Server, Open]]:
    """A server in this loop, and what opens a connection to it and sends something."""
    with socket.create_server(("127.0.0.1", 0), backlog=1000) as listener:
        ready = asyncio.Event()
        server = Server(configured(AtOnceMiddleware(INSIDE)), ready.set)
        running = asyncio.create_task(server.serve([listener]))
        await ready.wait()
        writers: list[asyncio.StreamWriter] = []

        async def connect(sent: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            writers.append(writer)
            writer.write(sent)
            return reader, writer

        try:
            yield server, connect
        finally:
            for writer in writers:
                writer.close()
            server.should_exit = True
            await running


async def answer(connect: Open, sent: bytes) -> bytes:
    """All that is answered until the connection is closed."""
    reader, _ = await connect(sent.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
    return await asyncio.wait_for(reader.read(), 30)


async def ending(reader: asyncio.StreamReader) -> bytes:
    """What comes before the connection is closed or reset."""
    try:
        return await asyncio.wait_for(reader.read(), 30)
    except ConnectionResetError:
        return b""


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits of time that a test can wait for."""
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(connections, "BODY_SECONDS", 0.3)
    monkeypatch.setattr(connections, "STALLED_SECONDS", 0.3)


@pytest.mark.usefixtures("hurried")
def test_half_a_request_is_not_waited_for() -> None:
    async def work() -> None:
        async with opened() as (server, connect):
            halves = [b"", b"GET / HTTP/1.1\r\nHost:", POST + b"x" * 99, GET + b"GET"]
            readers = [(await connect(half))[0] for half in halves]
            told = await asyncio.gather(*map(ending, readers))
            assert told[:3] == [b""] * 3
            assert told[3].endswith(b"quick")
            assert not server.server_state.connections

    in_loop(work)


@pytest.mark.usefixtures("hurried")
def test_a_body_that_comes_steadily_and_a_slow_answer_are_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "BODY_RATE", 20)

    async def work() -> None:
        async with opened() as (_, connect):
            reader, writer = await connect(POST)
            for _ in range(10):
                writer.write(b"x" * 10)
                await asyncio.sleep(0.08)
            assert (await asyncio.wait_for(reader.readuntil(b"100"), 30)).startswith(
                b"HTTP/1.1 200"
            )
            assert b"slow" in await answer(connect, GET.replace(b"quick", b"slow"))

    in_loop(work)


@pytest.mark.usefixtures("hurried")
def test_a_client_that_does_not_read_its_answer_is_left() -> None:
    async def work() -> None:
        INSIDE.state.left = asyncio.Event()
        async with opened() as (_, connect):
            _, writer = await connect(GET.replace(b"quick", b"endless"))
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            await asyncio.wait_for(INSIDE.state.left.wait(), 30)

    in_loop(work)


def test_waiting_connections_make_room_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = 50
    monkeypatch.setattr(connections, "MOST_WAITING", waiting)

    async def work() -> None:
        async with opened() as (server, connect):
            first, _ = await connect(GET)
            await first.readuntil(b"quick")
            for _ in range(3 * waiting):
                await connect(b"GET")
            assert await ending(first) == b""
            assert b"quick" in await answer(connect, GET)
            assert waiting - 1 <= len(server.server_state.connections) <= waiting + 1

    in_loop(work)


def test_one_address_gets_a_part_of_the_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST_FROM_ONE_ADDRESS", 3)

    async def work() -> None:
        async with opened() as (_, connect):
            asked = GET.replace(b"quick", b"slow")
            answers = await asyncio.gather(*(answer(connect, asked) for _ in range(5)))
            assert sorted(told[9:12] for told in answers) == [b"200"] * 3 + [b"429"] * 2
            assert b"quick" in await answer(connect, GET)

    in_loop(work)


def test_a_request_for_a_web_socket_is_answered_as_any_other() -> None:
    async def work() -> None:
        upgrade = GET.replace(b"\r\n\r\n", b"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        async with opened() as (_, connect):
            reader, _ = await connect(upgrade)
            told = await asyncio.wait_for(reader.readuntil(b"quick"), 30)
            assert told.startswith(b"HTTP/1.1 200")

    in_loop(work)
