"""The REST interface over the harbour's documents, served once without the chat."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from aiqa import Assistant, Settings
from aiqa.client import Client
from aiqa.embedders import Embedder
from aiqa.server.users import add_user
from tests.server.conftest import served

NAME, READER, PASSWORD = "ada", "eve", "correct horse battery"


@pytest.fixture(scope="session")
def project(
    tmp_path_factory: pytest.TempPathFactory, harbour_files: Path, harbour_index: Path
) -> Iterator[Path]:
    """A project of its own: documents, their index, and a file that is nobody's business."""
    folder = tmp_path_factory.mktemp("rest")
    shutil.copytree(harbour_files, folder / "docs")
    shutil.copytree(harbour_index, folder / "index")
    (folder / "secret.txt").write_text("the safe opens at 31 41 59", "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(folder / "arriving"))
        yield folder


@pytest.fixture(scope="session")
def assistant(project: Path, embedder: Embedder) -> Iterator[Assistant]:
    with Assistant(project / "index", Settings.load(), embedder=embedder) as assistant:
        yield assistant


@pytest.fixture(scope="session")
def address(project: Path, assistant: Assistant) -> Iterator[str]:
    """The server, for users only."""
    users = project / "users"
    add_user(users, NAME, PASSWORD, "admin")
    add_user(users, READER, PASSWORD, "reader")
    with served(assistant, accounts=users, page=False, mcp=True, upload_mb=1) as url:
        yield url


@pytest.fixture(scope="session")
def http(address: str) -> Iterator[httpx.Client]:
    """Calls the server as a user who may change documents."""
    with httpx.Client(base_url=address, auth=(NAME, PASSWORD), timeout=60) as client:
        yield client


@pytest.fixture(scope="session")
def client(address: str) -> Iterator[Client]:
    """The same by aiqa's own client."""
    with Client(address, user=(NAME, PASSWORD)) as client:
        yield client
