"""The SQLite file: other versions, read-only folders and full disks."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from aiqa import Assistant
from aiqa.errors import CatalogError
from aiqa.index import SqliteCatalog
from tests.conftest import Open
from tests.index.inspection import QUESTION, derived


def test_an_index_of_another_version_is_refused_and_left_as_it_is(
    index: Path, open_assistant: Open
) -> None:
    path = index / "catalog.sqlite3"
    with sqlite3.connect(path) as catalog:
        catalog.execute("PRAGMA user_version = 1")
    catalog.close()
    before = path.read_bytes()
    with (
        open_assistant(index) as assistant,
        pytest.raises(CatalogError, match=r"another version.*its format is 1") as raised,
    ):
        assistant.ask(QUESTION)
    assert "Delete that folder and ingest the documents again." in str(raised.value.remedy)
    assert path.read_bytes() == before


def mounted(folder: Path, mount: str, *command: str) -> subprocess.CompletedProcess[str]:
    """Run ``aiqa`` in ``folder`` after ``mount``, in a mount namespace of its own."""
    script = f'{mount} && exec "$@"'
    return subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh",
         sys.executable, "-m", "aiqa", *command],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_read_only_index_answers_and_says_why_it_cannot_be_written(
    harbour: Path, index: Path
) -> None:
    mount = "mount --bind index index && mount -o remount,bind,ro index"
    asked = mounted(harbour.parent, mount, "ask", QUESTION, "--min-confidence", "0", "--json")
    assert asked.returncode == 0, asked.stderr
    assert "salt" in json.loads(asked.stdout)["text"]
    shutil.rmtree(derived(index))
    asked = mounted(harbour.parent, mount, "ask", QUESTION, "--min-confidence", "0", "--json")
    assert "salt" in json.loads(asked.stdout)["text"]
    (harbour / "bell.md").write_text("The Petrel was carrying a bell.", "utf-8")
    written = mounted(harbour.parent, mount, "ingest", "docs")
    assert written.returncode == CatalogError.exit_code
    assert "cannot be written: Read-only file system" in " ".join(written.stderr.split())


def test_a_full_disk_loses_nothing(harbour: Path, index: Path, open_assistant: Open) -> None:
    for number in range(12):
        words = f"Note {number} about the weather, the sea and the gulls of the rock. " * 200
        (harbour / f"note{number:02}.txt").write_text(words, "utf-8")
    mount = (
        "mkdir -p kept && cp -a index/. kept && mount -t tmpfs -o size=900k none index "
        "&& cp -a kept/. index"
    )
    # What is on the small disk afterwards is brought back by way of a shell that lives on.
    script = f'{mount} && {sys.executable} -m aiqa ingest docs; echo "code $?"; cp -a index/. after'
    (harbour.parent / "after").mkdir()
    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", script],
        cwd=harbour.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert f"code {CatalogError.exit_code}" in done.stdout, done.stdout + done.stderr
    assert "full" in done.stderr
    assert "Traceback" not in done.stderr
    shutil.rmtree(index)
    (harbour.parent / "after").rename(index)
    with open_assistant(index) as assistant:
        assert not assistant.check().lost
        assert 5 <= assistant.status().documents < 17
        report = assistant.ingest(harbour)
        assert report.documents == 17


REMOVE_AND_ASK = f"""
from pathlib import Path
from aiqa import Assistant, Settings
from aiqa.errors import CatalogError

def fill():
    try:
        with open("index/full", "ab", buffering=0) as file:
            while True:
                file.write(bytes(4096))
    except OSError:
        pass

def ask(assistant):
    print(assistant.ask({QUESTION!r}, min_confidence=0).text)

with Assistant(Path("index"), Settings.load()) as assistant:
    ask(assistant)
    fill()
    try:
        assistant.remove("docs/tides.txt")
        print("removed")
    except CatalogError as error:
        print("refused:", error)
    ask(assistant)
fill()
with Assistant(Path("index"), Settings.load()) as assistant:
    ask(assistant)
    print(*assistant.status().sources)
"""


def on_a_small_disk(harbour: Path, megabytes: int) -> list[str]:
    """What ``REMOVE_AND_ASK`` prints on a disk of that size."""
    script = (
        f"mkdir -p kept && cp -a index/. kept && mount -t tmpfs -o size={megabytes}m none index "
        '&& cp -a kept/. index && exec "$@"'
    )
    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh",
         sys.executable, "-c", REMOVE_AND_ASK],
        cwd=harbour.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_documents_can_be_removed_on_a_full_disk(harbour: Path, index: Path) -> None:
    assert (index / "reserve").stat().st_size >= (index / "catalog.sqlite3").stat().st_size
    first, removed, *answers, sources = on_a_small_disk(harbour, 2)
    assert removed == "removed"
    assert "salt" in first
    assert answers == [first, first]
    assert "docs/log.pdf" in sources
    assert "docs/tides.txt" not in sources


def test_questions_are_answered_on_a_full_disk_without_a_reserve(
    harbour: Path, index: Path
) -> None:
    (index / "reserve").unlink()
    first, refused, *answers, sources = on_a_small_disk(harbour, 2)
    assert refused.startswith(
        "refused: The index index cannot be written: database or disk is full"
    )
    assert "salt" in first
    assert answers == [first, first]
    assert "docs/tides.txt" in sources


@pytest.mark.parametrize("damage", ["version", "garbage", "foreign"])
def test_an_index_that_cannot_be_used_says_so(
    harbour: Path, assistant: Assistant, open_assistant: Open, damage: str
) -> None:
    assistant.close()
    path = harbour.parent / "index" / "catalog.sqlite3"
    if damage == "garbage":
        path.write_bytes(b"this is not a database" * 100)
    else:
        if damage == "foreign":
            path.unlink()
        catalog = sqlite3.connect(path)
        with catalog:
            catalog.execute(
                "PRAGMA user_version = 99"
                if damage == "version"
                else "CREATE TABLE something (else_entirely)"
            )
        catalog.close()
    with pytest.raises(CatalogError, match=r"(?s)index.*[Dd]elete"):
        open_assistant(harbour.parent / "index").ask("x")


def test_a_damaged_file_is_explained_with_the_command_that_repairs_it(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite3"
    path.write_bytes(b"no database, but long enough to be looked at as one" * 100)
    with pytest.raises(CatalogError, match=r"catalog.sqlite3 cannot be used") as error:
        SqliteCatalog(path)
    assert "`aiqa doctor --repair`" in error.value.remedy
