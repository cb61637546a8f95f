"""A notice, an index whose documents change, and an address that is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from aiqa import Assistant, Document, Heading
from aiqa.checksums import content_id
from aiqa.standing.answer import StandingAnswer
from aiqa.standing.store import Notice

FEE = "What is the entrance fee of the museum?"
CREW = "How many volunteers is the lifeboat crewed by?"


class Receiver:
    """A machine of the user's that is posted to; ``replies`` are the next statuses."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.paths: list[str] = []
        self.replies: list[int] = []
        self.before_reply: Callable[[], object] = lambda: None
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                receiver.got.append(json.loads(self.rfile.read(length)))
                receiver.keys.append(self.headers["Idempotency-Key"])
                receiver.paths.append(self.path)
                receiver.before_reply()
                with suppress(OSError):  # who asked may have gone
                    self.send_response(receiver.replies.pop(0) if receiver.replies else 204)
                    self.send_header("Location", "/elsewhere")
                    self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/told?by=aiqa"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """An address on this machine."""
    made = Receiver()
    thread = Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture
def notice() -> Notice:
    """A change of words."""
    before = StandingAnswer("answered", "4 crowns", ("docs/fees.md",))
    after = StandingAnswer("answered", "5 crowns", ("docs/fees.md",))
    return Notice(1, "n-1", FEE, "2026-01-02T03:04:05+00:00", before, after)


@pytest.fixture
def museum(index: Path, open_assistant: Callable[..., Assistant]) -> Assistant:
    """The harbour with a museum, whose fee is 4 crowns."""
    assistant = open_assistant(index, reader="sentences", min_confidence=0.2)
    write_fee(assistant, "4 crowns")
    return assistant


def write_fee(assistant: Assistant, fee: str, before: str = "", heading: str = "") -> None:
    """Put the museum's fee into the index, below ``before`` and a ``heading``."""
    above = f"{before}{heading}\n\n" if heading else before
    text = f"{above}The entrance fee of the museum is {fee}.\n"
    headings = (Heading(1, heading, len(before)),) if heading else ()
    identity = content_id(text.encode())
    document = Document(identity, "docs/fees.md", "markdown", "Fees", text, headings=headings)
    assistant.add([document])
