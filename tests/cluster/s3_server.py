"""Object stores on loopback: moto's S3, and one that does not keep writers apart."""

from __future__ import annotations

import logging
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.request import Request, urlopen

import pytest
from moto.server import ThreadedMotoServer

BUCKET = "aiqa-tests"


@contextmanager
def s3() -> Iterator[str]:
    """Serve an empty bucket, and yield its address; AWS's variables say how to reach it."""
    # Each request is a line otherwise.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        _, port = server.get_host_and_port()
        endpoint = f"http://127.0.0.1:{port}"
        urlopen(Request(f"{endpoint}/{BUCKET}", method="PUT")).close()  # noqa: S310
        with reached_at(endpoint):
            yield f"s3://{BUCKET}"
    finally:
        server.stop()


@contextmanager
def careless_s3() -> Iterator[str]:
    """Serve a store in which everybody who creates an object succeeds, and yield its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Careless)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        with reached_at(f"http://127.0.0.1:{server.server_port}"):
            yield "s3://careless"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def failing_s3(endpoint: str, seed: int) -> Iterator[Faults]:
    """Put a proxy before the store at ``endpoint`` that fails one request in five."""
    faults = Faults(endpoint, seed)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Failing, faults))
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        with reached_at(f"http://127.0.0.1:{server.server_port}"):
            yield faults
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def reached_at(endpoint: str) -> Iterator[None]:
    """Set the variables by which a client finds the store at ``endpoint``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", endpoint)
        patch.setenv("AWS_REGION", "us-east-1")
        patch.setenv("AWS_ACCESS_KEY_ID", "tests")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "tests")
        yield


class Faults:
    """What happens to requests: which were counted, by kind, and what happens to the next one."""

    def __init__(self, endpoint: str, seed: int) -> None:
        self.endpoint = endpoint
        self.counts = Counter[str]()
        self._chance = random.Random(seed)
        self._lock = Lock()

    def next(self) -> str:
        """Return "refused", "lost" (done, but not answered), "late" or, for most, "done"."""
        with self._lock:
            bad = self._chance.random() < 0.2
            kind = self._chance.choice(("refused", "lost", "late")) if bad else "done"
            self.counts[kind] += 1
        return kind


class _Failing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, faults: Faults, *arguments: Any) -> None:
        self._faults = faults
        super().__init__(*arguments)

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else None
        kind = self._faults.next()
        if kind == "refused":
            self.send_response(503)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if kind == "late":
            time.sleep(0.1)
        store = HTTPConnection(self._faults.endpoint.removeprefix("http://"))
        try:
            store.request(self.command, self.path, body, dict(self.headers))
            answer = store.getresponse()
            content = answer.read()
        finally:
            store.close()
        if kind == "lost":
            self.close_connection = True
            return
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                self.send_header(name, value)
        size = answer.getheader("Content-Length") if self.command == "HEAD" else None
        self.send_header("Content-Length", size or str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


class _Careless(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(b"")

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        key = asked.split("<Key>")[1].split("</Key>")[0]
        answer = f"<DeleteResult><Deleted><Key>{key}</Key></Deleted></DeleteResult>"
        self._answer(answer.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("ETag", '"0"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
