"""Object stores on loopback: moto's S3, and one that does not keep writers apart."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
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
def reached_at(endpoint: str) -> Iterator[None]:
    """Set the variables by which a client finds the store at ``endpoint``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", endpoint)
        patch.setenv("AWS_REGION", "us-east-1")
        patch.setenv("AWS_ACCESS_KEY_ID", "tests")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "tests")
        yield


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
