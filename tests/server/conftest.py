"""Served chats and a real browser, each started once."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Any, TypeVar
from urllib.parse import urlsplit

import gradio.queueing
import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from aiqa import Assistant, Settings
from aiqa.embedders import Embedder
from aiqa.reader.span_reader import SpanReader
from aiqa.server.run import Server, Service, configured, create, guarded
from aiqa.types import Reading, ScoredChunk
from tests.conftest import ROOT

T = TypeVar("T")

CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage",
]  # fmt: skip

_PATIENCE_MS = 60_000
"""For machines that have much else to do; a test that passes does not wait."""

_ABORTED = ("BodyStreamBuffer was aborted", "Connection errored out")
"""What Gradio's client says of the streams of a page that is left."""

# Its queues run in threads of this process, and would draw from the generator of all, which
# Hypothesis watches while it makes examples.
gradio.queueing.random = Random()  # type: ignore[assignment, attr-defined]


def free_port() -> str:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@contextmanager
def serving(index: Path) -> Iterator[str]:
    """The address of ``aiqa chat`` over ``index``."""
    place = str(index.resolve())
    command = [sys.executable, "-m", "aiqa", "chat", "--index", place, "--port", free_port()]
    with running(command) as address:
        yield address


@contextmanager
def running(command: list[str]) -> Iterator[str]:
    """The address that ``command`` says it serves the chat at; ended as by Ctrl-C."""
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            assert process.stdout
            told = (re.search(r"The chat is at (http://\S+);", line) for line in process.stdout)
            yield next(match[1] for match in told if match)
        finally:
            os.killpg(process.pid, signal.SIGINT)


@contextmanager
def served(assistant: Assistant, **options: Any) -> Iterator[str]:
    """The address of the chat over ``assistant``, served from a thread of this process.

    ``options`` are those of ``Service``.
    """
    # Tests ask faster than people do.
    service = Service(**{"port": int(free_port()), "per_minute": 100_000, **options})
    servers: list[Server] = []
    ready = Event()

    async def serve() -> None:
        # Made in the loop it runs in: Gradio would make one of its own and leave it open.
        config = configured(guarded(create(assistant, service), service))
        config.port = service.port
        servers.append(Server(config, ready.set))
        await servers[0].serve()

    thread = Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert ready.wait(_PATIENCE_MS / 1000)
        yield f"http://127.0.0.1:{service.port}"
    finally:
        if servers:
            servers[0].should_exit = True
        thread.join()


def in_loop(work: Callable[[], Coroutine[None, None, T]]) -> T:
    """What ``work`` comes to, in a thread of its own: the browser's loop occupies this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(work())).result()


@pytest.fixture(scope="session")
def address(corpus_index: Path, embedder: Embedder) -> Iterator[str]:
    """The chat over the bundled corpus."""
    with (
        Assistant(corpus_index, Settings.load(), embedder=embedder) as assistant,
        served(assistant) as url,
    ):
        yield url


def launch(playwright: Playwright) -> Browser:
    """Debian's Chromium, without a window and without traffic of its own."""
    path = shutil.which("chromium")
    assert path, "The browser tests need Debian's chromium: apt-get install chromium"
    return playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


Visit = Callable[..., Page]
Ask = Callable[[Page, str], None]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Opens an address in a new browser profile.

    Whatever a page logs as an error or asks of another host fails the test, unless it is that its
    streams end because it is left.
    """
    contexts, troubles = [], list[str]()

    def left(_: object) -> None:
        troubles[:] = without_aborted(troubles)

    def visit_(address: str, **options: object) -> Page:
        options = {"viewport": {"width": 1280, "height": 860}} | options
        context = browser.new_context(**options)  # type: ignore[arg-type]
        context.set_default_timeout(_PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        host = urlsplit(address).netloc
        page.on("console", lambda m: troubles.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda r: troubles.append(r.url) if is_foreign(r.url, host) else None)
        page.on("framenavigated", left)
        page.goto(address)
        page.locator("#question").wait_for()
        return page

    yield visit_
    stayed = troubles.copy()
    for context in contexts:
        context.close()
    assert not stayed + without_aborted(troubles[len(stayed) :])


def without_aborted(troubles: list[str]) -> list[str]:
    """What is left of ``troubles`` when a page is left, which aborts the streams it reads."""
    return [trouble for trouble in troubles if not any(told in trouble for told in _ABORTED)]


def is_foreign(url: str, host: str) -> bool:
    """Whether a request for ``url`` leaves ``host``."""
    return url.startswith("http") and urlsplit(url).netloc != host


@pytest.fixture
def page(visit: Visit, address: str) -> Page:
    """The chat over the bundled corpus, as somebody finds it who comes for the first time."""
    return visit(address)


@pytest.fixture
def may_read(monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """Passages that are found are not read before this is set."""
    read, goes_on = SpanReader.read, Event()

    def held(self: SpanReader, question: str, chunks: Sequence[ScoredChunk]) -> Reading:
        goes_on.wait(60)
        return read(self, question, chunks)

    monkeypatch.setattr(SpanReader, "read", held)
    yield goes_on
    goes_on.set()


@pytest.fixture
def ask() -> Ask:
    """Types a question, sends it, and waits until its answer is drawn."""

    def ask_(page: Page, question: str) -> None:
        replies = page.locator(".reply:not(.waiting)")
        before = replies.count()
        page.locator("#question").fill(question)
        page.locator("#question").press("Enter")
        replies.nth(before).wait_for()

    return ask_
