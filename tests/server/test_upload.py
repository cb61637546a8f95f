"""The route for uploads, and what requests may name of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from aiqa import Assistant, Settings
from aiqa.server.intake import Intake
from aiqa.server.upload import (
    UPLOAD_ROUTE,
    TextUpload,
    UploadedFilesMiddleware,
    _name_of_text,
    intake_routes,
    upload_routes,
)
from tests.server.conftest import in_loop


def post(folder: Path, uploaded: set[str], path: str, **options: Any) -> httpx.Response:
    inside = FastAPI()
    inside.include_router(
        upload_routes(folder, uploaded, 1, Intake(Assistant(folder / "index", Settings.load())))
    )

    @inside.post("/echo")
    def echo(body: dict[str, Any]) -> Mapping[str, Any]:
        return body

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(UploadedFilesMiddleware(inside, lambda: uploaded))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.post(path, **options)

    return in_loop(send)


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("gate.txt", "gate.txt"),
        ("../../up.txt", "up.txt"),
        ("/etc/abs.txt", "abs.txt"),
        ("turned\N{RIGHT-TO-LEFT OVERRIDE}.txt", "turned.txt"),
        ("Straße 門.md", "Straße 門.md"),
        ("門" * 200 + ".pdf", "門" * 65 + ".pdf"),
    ],
)
def test_a_file_is_stored_under_its_own_name_in_the_folder(
    tmp_path: Path, name: str, stored: str
) -> None:
    uploaded = set[str]()
    files = [("files", (name, b"first")), ("files", (name, b"second"))]
    paths = [*map(Path, post(tmp_path, uploaded, UPLOAD_ROUTE, files=files).json())]
    assert [path.name for path in paths] == [stored] * 2
    assert [path.read_bytes() for path in paths] == [b"first", b"second"]
    assert all(path.parent.parent == tmp_path for path in paths)
    assert uploaded == set(map(str, paths))


def test_if_one_file_is_refused_none_is_stored(tmp_path: Path) -> None:
    good = ("files", ("a.txt", b"x"))
    for bad, status in (
        ([("files", ("tool.exe", b"x"))], 415),
        ([("files", ("big.txt", b"x" * 1_000_001))], 413),
        ([good] * 1000, 400),
    ):
        sent = post(tmp_path, set(), UPLOAD_ROUTE, files=[good, *bad])
        assert sent.status_code == status
        assert not [*tmp_path.iterdir()]
    for kind in ({}, {"Content-Type": "multipart/form-data"}, {"Content-Type": "text/plain"}):
        sent = post(tmp_path, set(), UPLOAD_ROUTE, content=b"x", headers=kind)
        assert sent.status_code == 400


@pytest.mark.parametrize(
    ("title", "text", "name"),
    [
        ("Tide tables", "High water.", "Tide tables.txt"),
        ("", "High water at noon.\nLow water.", "High water at noon. Low water.txt"),
        ("../../etc/passwd", "x", "-..-etc-passwd.txt"),
        ("<img src=x onerror=alert(1)>", "x", "<img src=x onerror=alert(1)>.txt"),
        ("\0\n\u202e", "…", "….txt"),
        ("...", "...", "text.txt"),
        ("x" * 900, "y", "x" * 196 + ".txt"),
    ],
)
def test_a_pasted_text_is_a_file_of_its_title(title: str, text: str, name: str) -> None:
    assert _name_of_text(TextUpload(title=title, text=text, collection="")) == name


def test_only_files_that_were_uploaded_are_taken_in(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    with Assistant(tmp_path / "index", Settings.load()) as assistant:
        intake = Intake(assistant)
        intake.writes.stop(0)
        inside = FastAPI()
        inside.include_router(intake_routes(intake, {str(tmp_path / "mine.txt")}))
        for names, status in ((["secret.txt", "mine.txt"], 403), (["mine.txt"], 200)):
            paths = [str(tmp_path / name) for name in names]
            assert sent(inside, "/uploads", {"paths": paths}).status_code == status
        assert (tmp_path / "secret.txt").exists()
        assert not (tmp_path / "mine.txt").exists()
        assert sent(inside, "/uploads", {"paths": [str(tmp_path / "mine.txt")]}).status_code == 403
        for path, body, status in (
            ("/uploads/99", {"act": "replace"}, 404),
            ("/uploads/1", {"act": "delete"}, 422),
            ("/uploads/text", {"text": " "}, 400),
            ("/uploads", {"paths": [], "clash": "overwrite"}, 422),
        ):
            assert sent(inside, path, body).status_code == status, path


def sent(inside: FastAPI, path: str, data: Mapping[str, Any]) -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(inside)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.post(path, json=data)

    return in_loop(send)


def test_requests_name_only_files_that_were_uploaded(tmp_path: Path) -> None:
    for path, status in (("/in", 200), ("/etc/passwd", 403), (7, 403), ([], 403)):
        data: dict[str, Any] = {"deep": [{"path": path, "meta": {"_type": "gradio.FileData"}}]}
        assert post(tmp_path, {"/in"}, "/echo", json=data).status_code == status
    assert post(tmp_path, set(), "/echo", json={"path": "/etc/passwd"}).status_code == 200
