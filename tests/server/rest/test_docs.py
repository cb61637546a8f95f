"""The examples of the page on the REST interface, run as they stand against a server."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from aiqa import Assistant, Settings
from aiqa.embedders import Embedder
from tests.conftest import ROOT
from tests.server.conftest import served
from tests.test_readme import blocks

PAGE = (ROOT / "docs" / "pages" / "rest.md").read_text("utf-8")
ADDRESS = "http://127.0.0.1:7860"


@pytest.fixture(scope="module")
def open_address(
    tmp_path_factory: pytest.TempPathFactory, corpus_index: Path, embedder: Embedder
) -> Iterator[str]:
    """A server over the documents that come with aiqa, for everybody."""
    folder = tmp_path_factory.mktemp("page")
    shutil.copytree(corpus_index.parent, folder / "project", symlinks=True)
    with (
        pytest.MonkeyPatch.context() as patch,
        Assistant(folder / "project" / "index", Settings.load(), embedder=embedder) as assistant,
    ):
        patch.setenv("GRADIO_TEMP_DIR", str(folder / "arriving"))
        with served(assistant, page=False) as url:
            yield url


def test_the_commands_of_the_page_do_what_it_says(open_address: str, tmp_path: Path) -> None:
    script = "\n".join(block for block in blocks(PAGE, "sh") if "aiqa serve" not in block)
    assert script.count("curl") > 15
    # What is refused ends the script.
    strict = 'set -euo pipefail\ncurl() { command curl --fail-with-body "$@"; }\n'
    command = strict + script.replace(ADDRESS, open_address)
    done = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-500:] + done.stderr
    for words in (
        '"openapi":"3.1',
        '"text":"800 US dollars"',
        "event: passages",
        "event: answer",
        '"stands":true',
        '"state":"added"',
        "52ff494fed5a2edc81e67126d9b5a8fe30b95a3184074502961432a5c7e49bc8  -",
        '"removed":["',
        '"answerable":1',
        '"status":"ready"',
        "aiqa_answers_total",
    ):
        assert words in done.stdout, words


def test_the_examples_of_the_client_run_in_order(
    open_address: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("aiqa.client.client._POLL_SECONDS", 0.05)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gate.txt").write_text("The gate of the east yard is blue.\n", "utf-8")
    examples = "\n".join(blocks(PAGE, "py"))
    exec(examples.replace(ADDRESS, open_address) + "\nclient.close()", {})  # noqa: S102
    shown = capsys.readouterr().out
    for words in ("800 US dollars", "Who makes SenseRobot?", "['stands']", "added"):
        assert words in shown, words
