"""A served chat and a real browser, each started once."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.conftest import ROOT

CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage",
]  # fmt: skip

HOSTILE = """\
The ledger of the <script>window.pwned=1</script> pirates lists forty barrels of rum. \
[Click](javascript:window.pwned=1) ${window.pwned=1} {{window.pwned=1}} \u202egnp.exe\u202c 🏴‍☠️
"""


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


@pytest.fixture(scope="session")
def address(corpus_index: Path) -> Iterator[str]:
    """The chat over the bundled corpus."""
    with serving(corpus_index) as url:
        yield url


@pytest.fixture(scope="session")
def hostile_address(tmp_path_factory: pytest.TempPathFactory, embedder: object) -> Iterator[str]:
    """The chat over a document whose text, title and name try to run as code."""
    from aiqa import Assistant, Settings

    project = tmp_path_factory.mktemp("hostile")
    folder = project / "docs"
    folder.mkdir()
    (folder / "<b onclick=alert(1)>.txt").write_text(HOSTILE, "utf-8")
    with Assistant(project / "index", Settings.load(), embedder=embedder) as assistant:  # type: ignore[arg-type]
        assistant.ingest(folder)
    with serving(project / "index") as url:
        yield url


def launch(playwright: Playwright) -> Browser:
    """Debian's Chromium, without a window and without traffic of its own."""
    path = shutil.which("chromium")
    assert path, "The browser tests need Debian's chromium: apt-get install chromium"
    return playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


Ask = Callable[[Page, str], None]


@pytest.fixture
def ask() -> Ask:
    """Types a question, sends it, and waits until its answer is drawn."""

    def ask_(page: Page, question: str) -> None:
        replies = page.locator("#conversation .reply:not(.waiting)")
        before = replies.count()
        page.locator("#question textarea").fill(question)
        page.locator("#question textarea").press("Enter")
        replies.nth(before).wait_for()

    return ask_
