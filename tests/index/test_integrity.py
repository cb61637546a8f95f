"""Damage of every kind: what can be mended is, and what cannot is told."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from aiqa import Assistant
from aiqa.errors import CatalogError
from tests.conftest import ROOT
from tests.ingestion.test_pipeline import counts

Open = Callable[..., Assistant]
QUESTION = "What was the Petrel carrying?"


def told(assistant: Assistant) -> object:
    answer = assistant.ask(QUESTION, min_confidence=0)
    hits = assistant.search("harbour tide flare", k=50)
    return answer.text, answer.citations, [(hit.chunk.key, hit.score) for hit in hits]


def derived(index: Path) -> Path:
    (place,) = index.glob("derived-*")
    return place


DERIVED = ("vectors.faiss", "keys.npy", "manifest.json", "lexical/meta.json", "lexical/*.term")


@pytest.mark.parametrize("damage", ["truncated", "bit", "deleted", "older"])
@pytest.mark.parametrize("name", DERIVED)
def test_each_derived_file_is_made_again_with_the_same_answers(
    harbour: Path, index: Path, open_assistant: Open, name: str, damage: str
) -> None:
    older = harbour.parent / "older"
    shutil.copytree(derived(index), older)
    with open_assistant(index) as assistant:
        (harbour / "bell.md").write_text("The Petrel was carrying a bell.", "utf-8")
        assistant.ingest(harbour)
        before = told(assistant)
    file, *_ = sorted(derived(index).glob(name))
    whole = file.read_bytes()
    match damage:
        case "truncated":
            file.write_bytes(whole[: len(whole) // 2])
        case "bit":
            middle = len(whole) // 2
            file.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
        case "deleted":
            file.unlink()
        case _:
            stale, *_ = sorted(older.glob(name))
            shutil.copyfile(stale, file)
    with open_assistant(index) as assistant:
        check = assistant.check()
        assert not check.lost
        assert told(assistant) == before
        assert not assistant.check().problems


@pytest.mark.parametrize("case", ["older folder", "all gone", "newer", "catalog from a backup"])
def test_structures_of_another_generation_do_not_pass_for_this_one(
    harbour: Path, index: Path, open_assistant: Open, case: str
) -> None:
    backup = harbour.parent / "backup"
    shutil.copytree(index, backup)
    with open_assistant(index) as assistant:
        first = told(assistant)
        (harbour / "bell.md").write_text("The Petrel was carrying a bell.", "utf-8")
        assistant.ingest(harbour)
        second = told(assistant)
    expected = second
    place = derived(index)
    if case == "older folder":
        shutil.rmtree(place)
        shutil.copytree(derived(backup), place)
    elif case == "all gone":
        shutil.rmtree(place)
    else:
        shutil.copyfile(backup / "catalog.sqlite3", index / "catalog.sqlite3")
        expected = first
        if case == "catalog from a backup":
            # It goes on to the same number of generations, but with other contents.
            (harbour / "bell.md").write_text("A gull sat on the mast of the Petrel.", "utf-8")
            shutil.copytree(place, harbour.parent / "kept")
            with open_assistant(index) as assistant:
                assistant.ingest(harbour)
                expected = told(assistant)
            shutil.rmtree(derived(index))
            shutil.copytree(harbour.parent / "kept", index / place.name)
    with open_assistant(index) as assistant:
        assert told(assistant) == expected
    assert first != second


def run(index: Path, *command: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "aiqa", *command, "--index", str(index)],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env=os.environ | {"COLUMNS": "1000"},  # so that no path is broken between two lines
    )  # fmt: skip
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def test_a_changed_text_is_never_quoted_and_can_be_read_again(
    harbour: Path, index: Path, open_assistant: Open
) -> None:
    with sqlite3.connect(index / "catalog.sqlite3") as catalog:
        catalog.execute("UPDATE documents SET text = replace(text, 'salt', 'gold')")
    catalog.close()
    with open_assistant(index) as assistant, pytest.raises(CatalogError, match=r"log.pdf.*damaged"):
        assistant.ask(QUESTION, min_confidence=0)
    code, words = run(index, "doctor")
    assert code == CatalogError.exit_code
    assert "Lost: docs/log.pdf" in words
    assert "docs/tides.txt" not in words
    assert run(index, "doctor", "--repair")[0] == 0
    with open_assistant(index) as assistant:
        assert counts(assistant.ingest(harbour)) == (1, 0, 0, 4, 0)
        assert "salt" in (assistant.ask(QUESTION, min_confidence=0).text or "")
    assert run(index, "doctor") == (
        0,
        (
            "The index is whole: all texts and vectors are as they were stored. Vector search "
            "(exact) finds 100.0% of the 20 nearest passages, over 200 questions at most."
        ),
    )


def test_a_changed_vector_is_found(index: Path, open_assistant: Open) -> None:
    with sqlite3.connect(index / "catalog.sqlite3") as catalog:
        catalog.execute("UPDATE chunks SET vector = zeroblob(length(vector)) WHERE key = 2")
    catalog.close()
    shutil.rmtree(derived(index))
    with open_assistant(index) as assistant, pytest.raises(CatalogError, match="passage 2"):
        assistant.ask(QUESTION)
    code, words = run(index, "status", "--check")
    assert code == CatalogError.exit_code
    assert "Lost: docs/" in words


@pytest.mark.parametrize("where", [0.0, 0.3, 0.6, 0.9])
def test_a_catalog_overwritten_anywhere_gives_right_answers_or_a_clear_error(
    index: Path, open_assistant: Open, where: float
) -> None:
    with open_assistant(index) as assistant:
        before = told(assistant)
    path = index / "catalog.sqlite3"
    data = bytearray(path.read_bytes())
    start = int(len(data) * where)
    data[start : start + 8192] = b"\xa5" * 8192
    path.write_bytes(bytes(data))
    shutil.rmtree(derived(index))
    code, words = run(index, "doctor")
    assert "Traceback" not in words
    error: CatalogError | None = None
    after: object = None
    try:
        with open_assistant(index) as assistant:
            after = told(assistant)
    except CatalogError as raised:
        error = raised
    if error:
        assert error.remedy
        assert code == CatalogError.exit_code
        assert "Lost: " in words
    else:
        assert after == before


def test_an_index_can_be_taken_elsewhere_as_one_file(
    harbour: Path, index: Path, open_assistant: Open
) -> None:
    with open_assistant(index) as assistant:
        before = told(assistant)
    file = harbour.parent / "harbour.aiqa"
    assert run(index, "export", str(file))[0] == 0
    refused = f"Error: {file} is there already. Choose another name or remove it."
    assert run(index, "export", str(file)) == (CatalogError.exit_code, refused)
    elsewhere = harbour.parent / "elsewhere"
    code, words = run(elsewhere, "import", str(file))
    assert (code, words) == (0, f"The index {elsewhere} holds 5 documents.")
    with open_assistant(elsewhere) as assistant:
        assert told(assistant) == before
    assert "index in" in run(elsewhere, "import", str(file))[1]


@pytest.mark.parametrize("case", ["text", "truncated", "trigger", "other", "missing"])
def test_only_a_sound_export_is_brought_in(harbour: Path, index: Path, case: str) -> None:
    file = harbour.parent / "harbour.aiqa"
    run(index, "export", str(file))
    match case:
        case "text":
            file.write_text("no index", "utf-8")
        case "truncated":
            file.write_bytes(file.read_bytes()[:20_000])
        case "missing":
            file.unlink()
        case _:
            with sqlite3.connect(file) as catalog:
                catalog.execute(
                    "CREATE TRIGGER t AFTER INSERT ON meta BEGIN DELETE FROM meta; END"
                    if case == "trigger"
                    else "DROP TABLE chunks"
                )
            catalog.close()
    elsewhere = harbour.parent / "elsewhere"
    code, words = run(elsewhere, "import", str(file))
    assert code == CatalogError.exit_code
    assert "harbour.aiqa" in words
    assert "Traceback" not in words
    assert [path.name for path in elsewhere.iterdir()] == []


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


def test_the_old_chunks_answer_while_new_ones_are_made(
    harbour: Path, index: Path, open_assistant: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aiqa.ingestion.batch_writer._BATCH_CHUNKS", 1)
    reader = open_assistant(index)
    before = told(reader)
    writer = open_assistant(index, chunk_tokens=16)
    encode, batches = writer.embedder.encode, []

    def interrupted(*arguments: object) -> object:
        batches.append(told(reader))
        if len(batches) == 4:
            raise KeyboardInterrupt
        return encode(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        # The reader shares the embedder, so its own calls go to the true one.
        patch.setattr(writer, "_given_embedder", _Encoding(writer.embedder, interrupted))
        del writer.__dict__["embedder"]
        with pytest.raises(KeyboardInterrupt):
            writer.ingest(harbour)
    assert batches == [before] * 4
    del writer.__dict__["embedder"]
    made: list[int] = []

    def counted(texts: list[str]) -> object:
        made.append(len(texts))
        return encode(texts)

    with monkeypatch.context() as patch:
        patch.setattr(writer, "_given_embedder", _Encoding(reader.embedder, counted))
        writer.ingest(harbour)
    assert len(made) == 2  # three of five documents had been done
    assert told(reader) != before
    assert reader.status().chunk_tokens == 16


class _Encoding:
    """An embedder whose ``encode`` is another."""

    def __init__(self, embedder: object, encode: Callable[..., object]) -> None:
        self._embedder, self.encode = embedder, encode

    def __getattr__(self, name: str) -> object:
        return getattr(self._embedder, name)


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
