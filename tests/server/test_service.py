"""The service against those who would have of it what it does not give."""

from __future__ import annotations

import base64
import gc
import hashlib
import json
import logging
import re
import shutil
import socket
import struct
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import chain, repeat
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import httpx2
import pytest
from fastapi import FastAPI
from gradio_client import Client
from gradio_client.exceptions import AppError, AuthenticationError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from playwright.sync_api import Browser, expect

from aiqa import Assistant, Settings
from aiqa.embedders import Embedder
from aiqa.errors import FeedbackError
from aiqa.feedback import FeedbackFile
from aiqa.receipts.audit_log import AuditLog
from aiqa.serialization import answer_dict
from aiqa.server.actor import signed_in
from aiqa.server.run import Service, create
from aiqa.server.tokens import add_token, tokens_file
from aiqa.server.users import add_user
from tests.server.attack import multipart, raw, routes, send_json
from tests.server.conftest import in_loop, served

PRICE = "What is the price of SenseRobot?"
COSTS = {"question": "How much does SenseRobot cost?", "answer": "800"}
"""A turn of a conversation, as "turn" of its answer has it."""

NAME, PASSWORD = "ada", "correct horse battery"
BASIC = {"Authorization": "Basic " + base64.b64encode(f"{NAME}:{PASSWORD}".encode()).decode()}
HIDDEN = "the combination of the safe is 31 41 59"
ALL = [None] * 9
"""The arguments of `ask` after the question."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, corpus_index: Path) -> Iterator[Path]:
    """A project of its own, with a file beside the index that is nobody's business."""
    folder = tmp_path_factory.mktemp("service")
    shutil.copytree(corpus_index.parent, folder / "project", symlinks=True)
    (folder / "project" / "secret.txt").write_text(HIDDEN, "utf-8")
    uploads = folder / "uploads"
    uploads.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(uploads))
        yield folder / "project"


@pytest.fixture(scope="module")
def assistant(project: Path, embedder: Embedder) -> Iterator[Assistant]:
    with Assistant(project / "index", Settings.load(), embedder=embedder) as assistant:
        yield assistant


@pytest.fixture(scope="module")
def address(project: Path, assistant: Assistant) -> Iterator[str]:
    """The service for users only, with everything that it can serve."""
    users = project / "users"
    add_user(users, NAME, PASSWORD)
    with served(assistant, accounts=users, mcp=True, per_minute=100_000, upload_mb=1) as url:
        yield url


# -- who may -----------------------------------------------------------------------------------


def test_no_route_answers_somebody_who_has_not_signed_in(
    address: str, assistant: Assistant
) -> None:
    async def made() -> FastAPI:
        return create(assistant, Service(mcp=True))

    known = routes(in_loop(made))
    assert len(known) > 80
    public = ("/favicon.ico", "/health", "/ready")
    assert {
        ("GET", "/documents/{document_id}/original"),
        ("POST", "/mcp"),
        ("POST", "/api/v1/ask"),
        ("DELETE", "/api/v1/documents/{document_id}"),
    } <= known
    answered = {}
    for method, path in sorted(known):
        filled = re.sub(r"\{document_id\}", "0" * 64, path)
        filled = re.sub(r"\{number\}", "1", filled)
        filled = re.sub(r"\{[^}]*\}", "x", filled)
        status, _, body = raw(address, method, filled, b"" if method == "POST" else None)
        answered[method, path] = status
        assert not body or status >= 400 or path in public, (method, path)
    assert {key for key, status in answered.items() if status < 400} == {
        ("GET", path) for path in public
    }
    assert set(answered.values()) <= {200, 401, 404, 405}
    # Those are the ones that the page and programs need; the rest is not open to anybody.
    assert len([status for status in answered.values() if status == 401]) > 15


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Basic " + base64.b64encode(b"ada:wrong password").decode()},
        {"Authorization": "Basic " + base64.b64encode(b"bob:" + PASSWORD.encode()).decode()},
        {"Authorization": "Basic ,,,"},
        {"Authorization": "Bearer x"},
        {"Authorization": "Bearer aiqa_00000000_" + "0" * 43},
        {"Cookie": "aiqa-7860=x"},
        {"Cookie": 'a="\\"; b='},
        {"X-Forwarded-User": NAME},
    ],
)
def test_only_the_right_name_and_password_help(address: str, headers: dict[str, str]) -> None:
    assert raw(address, "GET", "/config", headers=headers)[0] == 401
    assert raw(address, "GET", "/config", headers=BASIC)[0] == 200


def test_guessing_passwords_is_slowed_down(tmp_path: Path, assistant: Assistant) -> None:
    add_user(tmp_path / "users", NAME, PASSWORD)
    with served(assistant, accounts=tmp_path / "users", read_only=True) as address:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        # So long that it is not even hashed, which keeps the test quick.
        guess = f"username={NAME}&password={'x' * 300}".encode()
        seen = [raw(address, "POST", "/login", guess, form)[0] for _ in range(12)]
        assert seen == [401] * 10 + [429] * 2
        status, headers, body = raw(address, "GET", "/config", headers=BASIC)
        assert status == 429
        assert int(headers["retry-after"]) > 0
        assert body.startswith(b"Busy")


def test_people_sign_in_on_a_page_and_come_back_to_where_they_were(
    browser: Browser, address: str
) -> None:
    context = browser.new_context()
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(f"{address}/#shared")
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("Name or password is wrong.")
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator("#question").wait_for()
    assert page.url == f"{address}/#shared"
    # The other cookie says which language the page speaks.
    (cookie,) = (one for one in context.cookies() if one["name"] != "aiqa-language")
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    page.get_by_role("button", name="Settings").click()
    expect(page.locator(".signed-in p")).to_have_text(f"You are signed in as {NAME}.")
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_label("Password").wait_for()
    assert (
        raw(address, "GET", "/config", headers={"Cookie": f"{cookie['name']}={cookie['value']}"})[0]
        == 401
    )
    context.close()


# -- programs ----------------------------------------------------------------------------------


def test_gradio_clients_get_the_json_of_the_command_line(
    address: str, assistant: Assistant
) -> None:
    with pytest.raises(AuthenticationError):
        Client(address, verbose=False)
    client = Client(address, auth=(NAME, PASSWORD), verbose=False)
    answer = client.predict(PRICE, api_name="/ask")
    (said,) = answer["statements"]
    citation = said["citations"][0]
    text = assistant.document(citation["document_id"]).text
    assert text[citation["start"] : citation["end"]] == citation["quote"] == said["text"]
    further = client.predict("Who makes it?", history=[COSTS], max_risk=1e-9, api_name="/ask")
    assert further["interpreted"] == "Who makes SenseRobot?"
    assert further["text"] is None
    hits = client.predict(PRICE, k=3, formats=["markdown"], api_name="/search")["hits"]
    assert [hit["source"].endswith(".md") for hit in hits] == [True] * 3
    listed = client.predict(api_name="/documents")["documents"]
    assert {held["source"] for held in listed} == set(assistant.status().sources)
    for wrong, words in (
        ({"question": " "}, "is empty"),
        ({"question": "x", "formats": ["exe"]}, "no format 'exe'"),
        ({"question": "x", "sources": ["none/*"]}, "No document fits"),
        ({"question": "x", "min_confidence": 2}, "from 0 to 1"),
    ):
        with pytest.raises(AppError, match=words):
            client.predict(**wrong, api_name="/ask")


def test_mcp_clients_get_the_same_as_tools(address: str, assistant: Assistant) -> None:
    async def use() -> None:
        async with (
            httpx2.AsyncClient(auth=(NAME, PASSWORD), timeout=60) as http,
            streamable_http_client(f"{address}/mcp", http_client=http) as streams,
            ClientSession(*streams[:2]) as session,
        ):
            await session.initialize()
            tools = await session.list_tools()
            assert [tool.name for tool in tools.tools] == ["ask", "search", "documents"]
            result = await session.call_tool("ask", {"question": PRICE})
            answer = json.loads(result.content[0].text)  # type: ignore[union-attr]
            citation = answer["citations"][0]
            text = assistant.document(citation["document_id"]).text
            assert text[citation["start"] : citation["end"]] == citation["quote"]
            further = {"question": "Who makes it?", "history": [COSTS], "min_confidence": 1.0}
            result = await session.call_tool("ask", further)
            told = json.loads(result.content[0].text)  # type: ignore[union-attr]
            assert told["interpreted"] == "Who makes SenseRobot?"
            assert told["text"] is None
            refused = await session.call_tool("ask", {"question": " "})
            assert refused.is_error
            assert "The question is empty." in refused.content[0].text  # type: ignore[union-attr]

    in_loop(use)


# -- files -------------------------------------------------------------------------------------

UPWARDS = [
    "../secret.txt", "..%2fsecret.txt", "%2e%2e/secret.txt", "%2e%2e%2fsecret.txt",
    "..%252fsecret.txt", "....//secret.txt", "..\\secret.txt", "..%5csecret.txt",
    "..%c0%afsecret.txt", "..;/secret.txt", "%00../secret.txt", "/etc/passwd", "%2fetc%2fpasswd",
    "{project}/secret.txt", "../../../../../../../../etc/passwd",
]  # fmt: skip
PLACES = [
    "/", "/static/", "/assets/", "/svelte/", "/gradio_api/file=", "/gradio_api/file/",
    "/gradio_api/proxy=", "/gradio_api/stream/", "/gradio_api/custom_component/",
    "/gradio_api/call/ask/", "/documents/", "/documents/" + "0" * 64 + "/pages/", "/pwa_icon/",
    "/uploads/", "/holdings/", "/api/v1/", "/api/v1/uploads/", "/api/v1/documents/",
    "/api/v1/documents/" + "0" * 64 + "/",
    "/monitoring/", "/file=", "/?deep_link=", "/config?deep_link=",
]  # fmt: skip


def test_no_path_in_a_request_is_opened(address: str, project: Path) -> None:
    for place in PLACES:
        for upwards in UPWARDS:
            path = place + upwards.format(project=project)
            status, _, body = raw(address, "GET", path, headers=BASIC)
            assert HIDDEN.encode() not in body, path
            assert b"root:x:0:0:" not in body, path
            assert status in (400, 404) or place.endswith("deep_link="), path


class _Canary(BaseHTTPRequestHandler):
    seen: list[str] = []  # noqa: RUF012

    def do_GET(self) -> None:
        self.seen.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def canary() -> Iterator[str]:
    """The address of a server that notes who comes to it."""
    server = HTTPServer(("127.0.0.1", 0), _Canary)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_files_and_addresses_in_payloads_are_neither_read_nor_fetched(
    address: str, project: Path, canary: str
) -> None:
    places = ["/etc/passwd", str(project / "secret.txt"), "../secret.txt", f"{canary}/x", 7, None]
    for place in places:
        file = {"path": place, "url": f"{canary}/u", "meta": {"_type": "gradio.FileData"}}
        nested = {"deep": [[{"in": file}]]}
        for route, data in (
            ("/gradio_api/call/ask", {"data": [file]}),
            ("/gradio_api/call/ask", {"data": [PRICE, nested]}),
            ("/gradio_api/queue/join", {"data": [file], "fn_index": 0, "session_hash": "a"}),
            ("/gradio_api/queue/join", {"data": [], "event_data": nested, "fn_index": 0}),
            ("/gradio_api/component_server", {"data": file, "component_id": 1, "fn_name": "list"}),
            ("/api/v1/ask", {"question": PRICE, "history": [file]}),
            ("/api/v1/feedback", {"answer": nested, "verdict": "up"}),
            ("/mcp", {"jsonrpc": "2.0", "method": "tools/call", "params": nested}),
        ):
            status, _, body = send_json(address, route, data, BASIC)
            assert status == 403, (route, data)
            assert HIDDEN.encode() not in body
        status, _, body = send_json(address, "/uploads", {"paths": [place]}, BASIC)
        assert status == (403 if isinstance(place, str) else 422)
        assert HIDDEN.encode() not in body
    for path in (f"/gradio_api/file={canary}/x", f"/gradio_api/proxy={canary}/x"):
        assert raw(address, "GET", path, headers=BASIC)[0] == 404
    assert _Canary.seen == []


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"[" * 100_000, "application/json", 400),
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"a=b", "application/x-www-form-urlencoded", 415),
        (b'{"data": []}', "text/plain", 415),
        (b" " * 9_000_000, "application/json", 413),
        (b"[" + b"[]," * 2_600_000 + b"1]", "application/json", 400),
    ],
    ids=range(7),
)
def test_bodies_are_json_of_a_bounded_size(
    address: str, body: bytes, kind: str, status: int
) -> None:
    headers = BASIC | {"Content-Type": kind}
    assert raw(address, "POST", "/gradio_api/call/ask", body, headers)[0] == status


@pytest.mark.parametrize(
    "path", ["/gradio_api/upload", "/gradio_api/call/ask", "/api/v1/ask", "/api/v1/uploads"]
)
def test_a_length_beside_chunks_lets_nothing_pass(address: str, path: str) -> None:
    host, port = urlsplit(address).netloc.split(":")
    lines = [f"POST {path} HTTP/1.1", f"Host: {host}", f"Authorization: {BASIC['Authorization']}"]
    lines += ["Content-Length: 10", "Transfer-Encoding: chunked", "", ""]
    with socket.create_connection((host, int(port)), timeout=60) as client:
        client.sendall("\r\n".join(lines).encode() + b"A\r\n0123456789\r\n")
        assert client.recv(12) == b"HTTP/1.1 400"


def test_uploads_of_the_wrong_kind_or_size_are_refused_and_leave_nothing(
    address: str, project: Path
) -> None:
    def upload(name: str, content: bytes, **more: str) -> tuple[int, bytes]:
        body, headers = multipart(name, content)
        sent = raw(address, "POST", "/gradio_api/upload", body, BASIC | headers | more)
        return sent[0], sent[2]

    for name in ("tool.exe", "page.xyz", "noext", ".bashrc", "a.txt.scr"):
        status, body = upload(name, b"#!/bin/sh")
        assert status == 415, name
        assert b"Formats read" in body
    assert upload("big.txt", b"x" * 1_200_000)[0] == 413
    assert (
        raw(address, "POST", "/gradio_api/upload", b"", BASIC | {"Content-Length": "6000000"})[0]
        == 413
    )
    head, kind = multipart("long.txt", b"")
    endless = chain([head.removesuffix(b"\r\n--cut--\r\n")], repeat(b"x" * 100_000, 60))
    assert raw(address, "POST", "/gradio_api/upload", endless, BASIC | kind)[0] == 413
    kept = project.parent / "uploads"
    assert [file for file in kept.rglob("*") if file.is_file()] == []
    status, body = upload("../../../index/catalog.sqlite3.txt", b"The gate is blue.")
    assert status == 200
    (path,) = map(Path, json.loads(body))
    assert path.is_relative_to(kept)
    assert path.read_bytes() == b"The gate is blue."


def test_a_file_of_a_name_that_is_taken_waits_to_be_told_what_to_do(
    address: str, project: Path, assistant: Assistant
) -> None:
    def upload(content: bytes) -> dict[str, str]:
        body, headers = multipart("contract.txt", content)
        paths = json.loads(raw(address, "POST", "/gradio_api/upload", body, BASIC | headers)[2])
        assert send_json(address, "/uploads", {"paths": paths}, BASIC)[0] == 200
        deadline = time.monotonic() + 60
        while True:
            shown = json.loads(raw(address, "GET", "/uploads", headers=BASIC)[2])
            if not shown["busy"]:
                return shown  # type: ignore[no-any-return]
            assert time.monotonic() < deadline
            time.sleep(0.05)

    assert "can be asked now" in upload(b"Ada pays nine crowns.")["html"]
    assert "another file of this name is here" in upload(b"Ada pays nothing.")["html"]
    kept = project / "index-uploads" / "contract.txt"
    assert kept.read_bytes() == b"Ada pays nine crowns."
    # Nor does another user replace or delete it, whatever is sent.
    add_user(project / "users", "bob", PASSWORD)
    token = add_token(tokens_file(project / "users"), "bob", "", 1, "admin")
    bob = {"Authorization": f"Bearer {token}"}
    body, headers = multipart("contract.txt", b"Ada pays double.")
    paths = json.loads(raw(address, "POST", "/gradio_api/upload", body, bob | headers)[2])
    order = {"paths": paths, "clash": "replace"}
    (upload,) = json.loads(send_json(address, "/uploads", order, bob)[2])
    assert send_json(address, f"/uploads/{upload}", {"act": "replace"}, bob)[0] == 403
    config = json.loads(raw(address, "GET", "/config", headers=bob)[2])
    (shelf,) = (c["id"] for c in config["components"] if c["props"].get("elem_id") == "shelf")
    for source in ("index-uploads/contract.txt", assistant.status().sources[0]):
        call = {"data": {"source": source}, "component_id": shelf, "fn_name": "remove"}
        status, _, told = send_json(
            address, "/gradio_api/component_server", call | {"session_hash": "a"}, bob
        )
        assert status == 200
        assert "added by somebody else" in json.loads(told)["error"]
        assert source in assistant.status().sources
    assert kept.read_bytes() == b"Ada pays nine crowns."


def test_originals_are_handed_out_as_they_were_read_and_not_otherwise(
    address: str, project: Path, assistant: Assistant
) -> None:
    folder = project / "shelf"
    folder.mkdir()
    file = folder / 'gate \N{SNOWMAN} "x".txt'
    file.write_text("The gate of the east yard is green.", "utf-8")
    (folder / "page.html").write_text("<title>T</title><p>All gates are closed.<script>1</script>")
    assistant.ingest(folder)
    ids = {held.source: held.document_id for held in assistant.holdings()}
    source = next(source for source in ids if "gate" in source)
    path = f"/documents/{ids[source]}/original"
    status, headers, body = raw(address, "GET", path, headers=BASIC)
    assert (status, body) == (200, file.read_bytes())
    assert hashlib.sha256(body).hexdigest() == ids[source]
    assert headers["content-disposition"].startswith("attachment;")
    assert headers["content-type"] == "application/octet-stream"
    page = raw(address, "GET", f"/documents/{ids['shelf/page.html']}/original", headers=BASIC)
    assert page[1]["content-type"] == "application/octet-stream"
    file.write_text(HIDDEN, "utf-8")
    status, _, body = raw(address, "GET", path, headers=BASIC)
    assert status == 409
    assert b"changed since it was read" in body
    file.unlink()
    file.symlink_to(project / "secret.txt")
    assert raw(address, "GET", path, headers=BASIC)[0] == 409
    assert raw(address, "GET", f"/documents/{'0' * 64}/original", headers=BASIC)[0] == 404
    assistant.remove("shelf")
    assert raw(address, "GET", path, headers=BASIC)[0] == 404


def test_the_file_of_a_download_is_closed_when_the_client_leaves(
    address: str, assistant: Assistant
) -> None:
    held = next(held for held in assistant.holdings() if held.source.endswith(".docx"))
    host, port = urlsplit(address).netloc.split(":")
    path = f"/documents/{held.document_id}/original"
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}:{port}"]
    lines += [f"Authorization: {BASIC['Authorization']}", "", ""]
    gc.disable()
    try:
        for _ in range(5):
            with socket.create_connection((host, int(port))) as client:
                client.sendall("\r\n".join(lines).encode())
                # Closing resets the connection, as a killed browser does.
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        assert raw(address, "GET", path, headers=BASIC)[0] == 200
        deadline = time.monotonic() + 60
        while any(path.endswith(held.source) for path in open_files()):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        gc.enable()


def open_files() -> list[str]:
    """The paths of the files that this process has open."""
    return [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]


def test_pages_of_pdfs_are_pictures_of_a_bounded_size(address: str, assistant: Assistant) -> None:
    held = {held.format: held.document_id for held in assistant.holdings()}
    status, headers, body = raw(
        address, "GET", f"/documents/{held['pdf']}/pages/1.png", headers=BASIC
    )
    assert (status, headers["content-type"]) == (200, "image/png")
    width, height = (int.from_bytes(body[at : at + 4]) for at in (16, 20))
    assert 500 < max(width, height) <= 2000
    for wrong in (
        f"{held['pdf']}/pages/0.png", f"{held['pdf']}/pages/9999.png",
        f"{held['html']}/pages/1.png", f"{'0' * 64}/pages/1.png", f"{held['pdf']}/pages/x.png",
    ):  # fmt: skip
        assert raw(address, "GET", f"/documents/{wrong}", headers=BASIC)[0] == 404, wrong


def test_feedback_about_words_that_do_not_stand_there_is_not_kept(
    address: str, assistant: Assistant
) -> None:
    config = json.loads(raw(address, "GET", "/config", headers=BASIC)[2])
    (talk,) = (c for c in config["components"] if c["props"].get("elem_id") == "talk")
    answer = answer_dict(assistant.ask(PRICE))
    citation = answer["citations"][0]
    right = {key: citation[key] for key in ("document_id", "start", "end", "quote")}
    kept = FeedbackFile(assistant.folder)
    before = list(kept.rows())

    def give(selected: dict[str, object]) -> dict[str, str] | str:
        record = {"id": "1", "question": PRICE, "answer": answer}
        data = {"record": record, "verdict": "down", "selected": selected}
        body = {"data": data, "component_id": talk["id"], "fn_name": "feedback"}
        status, _, told = send_json(
            address, "/gradio_api/component_server/", body | {"session_hash": "a"}, BASIC
        )
        assert status == 200
        return json.loads(told)  # type: ignore[no-any-return]

    for wrong in ({"start": 0}, {"quote": "nothing"}, {"end": 10**9}, {"document_id": "0" * 64}):
        told = give(right | wrong)
        assert isinstance(told, dict)
        assert "error" in told
    assert list(kept.rows()) == before
    assert isinstance(give(right), str)
    *earlier, row = kept.rows()
    assert earlier == before
    assert row.correct
    assert row.correct.quote == citation["quote"]


# -- other sites, other names ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 400),
        ({"Host": "127.0.0.1.evil.example"}, 400),
        ({"Host": "localhost.evil.example:80"}, 400),
        ({"Host": "user@127.0.0.1"}, 400),
        ({"Host": ""}, 400),
        ({"Host": "localhost"}, 200),
        ({"Host": "[::1]:7860"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
    ],
)
def test_other_sites_and_names_of_others_are_turned_away(
    address: str, headers: dict[str, str], status: int
) -> None:
    assert raw(address, "GET", "/config", headers=BASIC | headers)[0] == status
    seen = raw(address, "OPTIONS", "/config", headers=headers)
    assert seen[0] >= 400
    assert "access-control-allow-origin" not in seen[1]


def test_every_answer_tells_browsers_what_not_to_do(address: str) -> None:
    for path in ("/", "/config", "/no/such/thing", "/gradio_api/info"):
        for who in ({}, BASIC):
            _, headers, _ = raw(address, "GET", path, headers=who)
            assert headers["x-frame-options"] == "DENY"
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "same-origin"
            assert "server" not in headers
            policy = headers["content-security-policy"]
            assert "frame-ancestors 'none'" in policy
            assert "script-src 'self' 'unsafe-eval' 'nonce-" in policy
            assert "http" not in policy
    page = raw(address, "GET", "/", headers=BASIC)
    nonce = re.search("'nonce-([^']+)'", page[1]["content-security-policy"])
    assert nonce
    scripts = re.findall(rb"<script[^>]*>", page[2])
    assert scripts
    assert all(f'nonce="{nonce[1]}"'.encode() in script for script in scripts)
    assert nonce[1] not in raw(address, "GET", "/", headers=BASIC)[1]["content-security-policy"]


# -- too much ----------------------------------------------------------------------------------


def resident_mb() -> float:
    """Memory that this process, which serves too, has in use."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def test_fifty_askers_at_once_are_answered_or_told_that_the_server_is_busy(address: str) -> None:
    def ask(number: int) -> tuple[int, bytes]:
        status, _, body = send_json(
            address,
            "/gradio_api/call/ask",
            {"data": [f"{PRICE} {number}", *ALL]},
            BASIC,
        )
        if status != 200:
            return status, body
        event = json.loads(body)["event_id"]
        return status, raw(address, "GET", f"/gradio_api/call/ask/{event}", headers=BASIC)[2]

    assert ask(0)[0] == 200
    before = resident_mb()
    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(ask, range(50)))
    for status, body in answers:
        if status == 200:
            assert b"event: complete" in body
            assert b"800 US dollars" in body
        else:
            assert status == 503
            assert b"Queue is full" in body
    assert 32 <= [status for status, _ in answers].count(200) < 50
    assert resident_mb() - before < 100


def test_who_sends_too_much_is_told_how_long_to_wait(assistant: Assistant) -> None:
    with served(assistant, per_minute=6, read_only=True) as address:
        seen = [send_json(address, "/gradio_api/reset", {"event_id": "x"}) for _ in range(4)]
        assert [status for status, _, _ in seen] == [200, 200, 200, 429]
        assert 1 <= int(seen[-1][1]["retry-after"]) <= 31
        assert seen[-1][2].startswith(b"Busy: these are too many requests at once.")
        assert raw(address, "GET", "/")[0] == 200
        body, headers = multipart("a.txt", b"The gate is blue.")
        assert raw(address, "POST", "/gradio_api/upload", body, headers)[0] == 404


def test_a_request_is_a_line_in_the_log_and_the_question_is_not(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    question = "What is the strangest word of all, abracadabra?"
    with caplog.at_level(logging.INFO, "aiqa.web"):
        body = send_json(address, "/gradio_api/call/ask", {"data": [question, *ALL]}, BASIC)[2]
        event = json.loads(body)["event_id"]
        raw(address, "GET", f"/gradio_api/call/ask/{event}?x=abracadabra", headers=BASIC)
        raw(address, "GET", "/line%0abreak?abracadabra", headers=BASIC)
        # A line is written when the answer has gone out, which may be after it has come in.
        raw(address, "GET", "/", headers=BASIC)
    lines = [record.getMessage() for record in caplog.records if record.name == "aiqa.web"]
    asked = re.compile(r"user ada POST '/gradio_api/call/ask' 200 \d+ ms")
    assert any(asked.fullmatch(line) for line in lines)
    assert any(line.startswith(r"address 127.0.0.1 GET '/line\nbreak' 404") for line in lines)
    assert "abracadabra" not in caplog.text


def test_a_malformed_call_is_explained_to_the_caller_and_not_logged(
    address: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    def call(*arguments: object) -> bytes:
        body = send_json(address, "/gradio_api/call/ask", {"data": arguments}, BASIC)[2]
        event = json.loads(body)["event_id"]
        return raw(address, "GET", f"/gradio_api/call/ask/{event}", headers=BASIC)[2]

    word = "abracadabra"
    with caplog.at_level(logging.INFO, "aiqa.web"):
        assert b"event: error" in call(word)
        assert b"2: Input should be a valid string" in call(word, None, [word], *ALL[2:])
        assert b"0: Input should be a valid string" in call({word: word}, *ALL)
    assert "A call failed with ValueError at " in caplog.text
    assert word not in caplog.text
    assert word not in "".join(capfd.readouterr())


def test_feedback_of_just_anybody_is_bounded(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def created() -> None:
        create(assistant, Service(without_accounts=True, read_only=True))

    file = FeedbackFile(assistant.folder).path
    most = 10_000 + (file.stat().st_size if file.is_file() else 0)
    monkeypatch.setattr("aiqa.server.run._MOST_ANONYMOUS_FEEDBACK_BYTES", most)
    before = assistant.store.most_feedback_bytes
    in_loop(created)
    answer = answer_dict(assistant.ask(PRICE))

    def fill() -> None:
        for _ in range(200):
            assistant.keep_feedback(answer, "up")

    try:
        with pytest.raises(FeedbackError, match="is full"):
            fill()
        assert file.stat().st_size <= most
    finally:
        assistant.store.most_feedback_bytes = before


def test_readers_ask_and_look_but_add_and_remove_nothing(
    address: str, project: Path, assistant: Assistant
) -> None:
    add_user(project / "users", "eve", PASSWORD, "reader")
    secret = base64.b64encode(f"eve:{PASSWORD}".encode()).decode()
    reader = {"Authorization": f"Basic {secret}"}
    config = json.loads(raw(address, "GET", "/config", headers=reader)[2])
    parts = {one["props"].get("elem_id"): one["id"] for one in config["components"]}

    def call(part: str, function: str, data: object, path: str = "") -> int:
        body = {"data": data, "component_id": parts[part], "fn_name": function}
        where = f"/gradio_api/component_server{path}"
        return send_json(address, where, body | {"session_hash": "a"}, reader)[0]

    before = assistant.status().sources
    source = {"source": before[0]}
    assert call("shelf", "list", {}) == 200
    assert call("talk", "scope", {"text": "a"}) == 200
    for function in ("remove", "undo", "read_again"):
        assert call("shelf", function, source) == 403
        assert call("shelf", function, source, "/") == 403
    assert call("talk", "bring_bundled", {}) == 403
    body, headers = multipart("eve.txt", b"The gate is red.")
    assert raw(address, "POST", "/gradio_api/upload", body, reader | headers)[0] == 403
    for path in ("/uploads", "/uploads/text", "/uploads/clear", "/uploads/1"):
        assert send_json(address, path, {"text": "The gate is red."}, reader)[0] == 403
    assert send_json(address, "/gradio_api/call/ask", {"data": [PRICE, *ALL]}, reader)[0] == 200
    assert assistant.status().sources == before


def test_the_audit_log_names_who_asked_by_whatever_route(
    address: str, assistant: Assistant, tmp_path: Path
) -> None:
    assistant.audit = log = AuditLog(tmp_path / "audit.jsonl", signed_in)
    client = Client(address, auth=(NAME, PASSWORD), verbose=False)
    try:
        told = client.predict(PRICE, api_name="/ask")["text"]

        async def use() -> None:
            async with (
                httpx2.AsyncClient(auth=(NAME, PASSWORD), timeout=60) as http,
                streamable_http_client(f"{address}/mcp", http_client=http) as streams,
                ClientSession(*streams[:2]) as session,
            ):
                await session.initialize()
                await session.call_tool("ask", {"question": PRICE})

        in_loop(use)
    finally:
        assistant.audit = None
    records = list(log.records())
    # A question of another test may still be answered.
    own = [one for one in records if one.user == NAME]
    assert [(one.event, one.details["answer"]["text"]) for one in own] == [("ask", told)] * 2
    assert log.check().faults == ()
