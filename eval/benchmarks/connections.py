"""What askers notice of idle connections beside them.

``python -m eval.benchmarks.connections [--users 24] [--idle 2000] [--reopened 100] [--seconds 90]
[--rounds 2]``

A chat with accounts is served over an index of the bundled documents. Users, each with an address
of its own behind a trusted proxy, ask one question after the other, in turns without and with idle
and half-sent connections. Of those that the server closes, ``--reopened`` are opened again each
second. Printed are the questions answered and refused, and the median and 95th percentile of their
times, as ratios too.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any

import numpy as np

from aiqa.server.users import add_user

ROOT = Path(__file__).parents[2]
RESULT = ROOT / "eval" / "results" / "connections.json"
PASSWORD = "correct horse battery"  # noqa: S105
QUESTION = "What is the price of SenseRobot?"
HALVES = (b"", b"GET /config HTTP/1.1\r\nHost: localhost\r\n", b"POST /login HTTP/1.1\r\nHo")


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(place: Path, users: int) -> Iterator[int]:
    """The port of a chat over the bundled documents."""
    index, accounts = str(place / "index"), place / "users"
    aiqa = [sys.executable, "-m", "aiqa"]
    subprocess.run([*aiqa, "ingest", str(ROOT / "corpus"), "--index", index], check=True)  # noqa: S603
    for number in range(users):
        add_user(accounts, f"user{number}", PASSWORD)
    port = free_port()
    options = ["--port", str(port), "--auth", str(accounts), "--trusted-proxy", "127.0.0.1"]
    with (
        (place / "log").open("w") as log,
        subprocess.Popen(  # noqa: S603
            [*aiqa, "chat", "--index", index, *options, "--read-only", "--per-minute", "10000"],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        try:
            assert process.stdout  # noqa: S101
            next(line for line in process.stdout if re.search(r"The chat is at", line))
            yield port
        finally:
            process.send_signal(signal.SIGINT)


class Asker:
    """One user, who asks until ``until``; ``seconds`` and ``refusals`` are what came of it."""

    def __init__(self, port: int, number: int) -> None:
        secret = base64.b64encode(f"user{number}:{PASSWORD}".encode()).decode()
        self._port = port
        self._headers = {
            "Authorization": f"Basic {secret}",
            "Content-Type": "application/json",
            "X-Forwarded-For": f"192.0.2.{number + 1}",
        }
        self.seconds: list[float] = []
        self.refusals: list[str] = []

    def ask_until(self, until: float) -> None:
        """Ask, each time over new connections."""
        while time.monotonic() < until:
            began = time.monotonic()
            refusal = self._ask()
            if refusal:
                self.refusals.append(refusal)
            else:
                self.seconds.append(time.monotonic() - began)

    def _ask(self) -> str:
        try:
            status, body = self._send("POST", "/gradio_api/call/ask", [QUESTION, *[None] * 5])
            if status != 200:  # noqa: PLR2004
                return f"{status} {body[:60]!r}"
            event = json.loads(body)["event_id"]
            status, body = self._send("GET", f"/gradio_api/call/ask/{event}")
        except (OSError, HTTPException) as error:
            return type(error).__name__
        return "" if b"event: complete" in body else f"{status} {body[:60]!r}"

    def _send(self, method: str, path: str, data: object = None) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=120)
        try:
            body = json.dumps({"data": data}) if data else None
            connection.request(method, path, body, self._headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


@contextmanager
def idle_connections(port: int, count: int, reopened: int) -> Iterator[None]:
    """Open ``count`` connections; of those that are closed, open ``reopened`` a second again."""
    ended = Event()

    def hold() -> None:
        with DefaultSelector() as selector:
            for number in range(count):
                _open(selector, port, number)
            while not ended.is_set():
                for key, _ in selector.select(0.1)[: reopened // 10]:
                    selector.unregister(key.fileobj)
                    key.fileobj.close()  # type: ignore[union-attr]
                    _open(selector, port, key.data)
                ended.wait(0.1)
            for key in list(selector.get_map().values()):
                key.fileobj.close()  # type: ignore[union-attr]

    thread = Thread(target=hold)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _open(selector: DefaultSelector, port: int, number: int) -> None:
    with suppress(OSError):
        connection = socket.create_connection(("127.0.0.1", port), timeout=10)
        connection.sendall(HALVES[number % len(HALVES)])
        selector.register(connection, EVENT_READ, number)


def asked(port: int, users: int, seconds: float) -> list[Asker]:
    """The users after they have asked for so long."""
    askers = [Asker(port, number) for number in range(users)]
    until = time.monotonic() + seconds
    with ThreadPoolExecutor(users) as threads:
        list(threads.map(lambda asker: asker.ask_until(until), askers))
    return askers


def figures(askers: list[Asker]) -> dict[str, Any]:
    """What came of the questions."""
    seconds = [one for asker in askers for one in asker.seconds]
    refusals = [one for asker in askers for one in asker.refusals]
    return {
        "answered": len(seconds),
        "refused": len(refusals),
        "reasons": sorted(set(refusals))[:5],
        "p50_s": round(float(np.percentile(seconds, 50)), 3),
        "p95_s": round(float(np.percentile(seconds, 95)), 3),
    }


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=24)
    parser.add_argument("--idle", type=int, default=2000)
    parser.add_argument("--reopened", type=int, default=100, help="each second")
    parser.add_argument("--seconds", type=float, default=90, help="of each turn")
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    without: list[Asker] = []
    beside: list[Asker] = []
    with TemporaryDirectory() as name, served(Path(name), options.users) as port:
        # Signs everybody in, which takes the server a while.
        asked(port, options.users, 1)
        for _ in range(options.rounds):
            without += asked(port, options.users, options.seconds)
            with idle_connections(port, options.idle, options.reopened):
                beside += asked(port, options.users, options.seconds)
    result = {
        "users": options.users,
        "idle": options.idle,
        "reopened_per_s": options.reopened,
        "seconds": options.seconds * options.rounds,
        "without": figures(without),
        "beside": figures(beside),
    }
    for share in ("p50", "p95"):
        result[f"{share}_ratio"] = round(
            result["beside"][f"{share}_s"] / result["without"][f"{share}_s"], 2
        )
    print(json.dumps(result, indent=2))
    RESULT.write_text(json.dumps(result, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
