"""Everything works in a network namespace that holds nothing but the loopback device."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import CORPUS, GOLD, ROOT


def cut_off(tmp_path: Path, *command: str) -> str:
    """Standard output of ``command``, run from ``tmp_path`` without a network."""
    inside = [sys.executable, "-m", "tests.loopback", *command]
    result = subprocess.run(
        ["unshare", "--map-root-user", "--net", *inside],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder with the corpus, ingested without a network."""
    folder = tmp_path_factory.mktemp("offline")
    (folder / "corpus").symlink_to(CORPUS)
    report = json.loads(cut_off(folder, sys.executable, "-m", "aiqa", "ingest", "corpus", "--json"))
    assert report["failed"] == []
    assert report["documents"] >= 24
    return folder


def test_the_namespace_really_has_no_network(tmp_path: Path) -> None:
    assert cut_off(tmp_path, "cat", "/proc/net/route").splitlines()[1:] == []


def test_ask_works(project: Path) -> None:
    command = ("-m", "aiqa", "ask", "Who is the chief executive of DeepSeek?", "--json")
    answer = json.loads(cut_off(project, sys.executable, *command))
    assert "Liang Wenfeng" in answer["text"]


def test_eval_works(project: Path) -> None:
    lines = GOLD.read_text("utf-8").splitlines()[:6]
    (project / "few.jsonl").write_text("\n".join(lines), "utf-8")
    command = ("-m", "aiqa", "eval", "few.jsonl", "--json")
    figures = json.loads(cut_off(project, sys.executable, *command))
    assert (figures["n"], figures["verbatim"]) == (6, 1.0)


def test_chat_works_in_a_browser_that_has_no_network_either(project: Path) -> None:
    question = "What is the price of SenseRobot?"
    shown = cut_off(project, sys.executable, "-m", "tests.server.ask_once", "index", question)
    assert "800 US dollars" in shown
