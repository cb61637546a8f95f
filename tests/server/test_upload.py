"""The route for uploads, and what requests may name of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from aiqa.server.upload import UPLOAD_ROUTE, UploadedFilesMiddleware, upload_routes
from tests.server.conftest import in_loop


def post(folder: Path, uploaded: set[str], path: str, **options: Any) -> httpx.Response:
    inside = FastAPI()
    inside.include_router(upload_routes(folder, uploaded, 1))

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
        ([good] * 200, 400),
    ):
        sent = post(tmp_path, set(), UPLOAD_ROUTE, files=[good, *bad])
        assert sent.status_code == status
        assert not [*tmp_path.iterdir()]
    assert post(tmp_path, set(), UPLOAD_ROUTE, content=b"x").status_code == 400


def test_requests_name_only_files_that_were_uploaded(tmp_path: Path) -> None:
    for path, status in (("/in", 200), ("/etc/passwd", 403), (7, 403), ([], 403)):
        data = {"deep": [{"path": path, "meta": {"_type": "gradio.FileData"}}]}
        assert post(tmp_path, {"/in"}, "/echo", json=data).status_code == status
    assert post(tmp_path, set(), "/echo", json={"path": "/etc/passwd"}).status_code == 200
