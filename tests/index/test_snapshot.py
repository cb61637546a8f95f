"""Search structures that are damaged or of another generation are made again."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from aiqa import Assistant
from aiqa.index import Index
from aiqa.index.manifest import checksums
from aiqa.index.seal import is_sealed, key_file, sealed
from aiqa.index.vectors import VectorIndex
from tests.conftest import Open
from tests.index.inspection import derived, told

DERIVED = (
    "vectors.faiss",
    "added.faiss",
    "removed.npy",
    "manifest.json",
    "lexical/meta.json",
    "lexical/*.term",
)


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


@pytest.mark.parametrize("damage", ["missing", "truncated", "empty"])
def test_derived_structures_are_repaired_from_the_catalog(
    harbour: Path, assistant: Assistant, open_assistant: Open, damage: str
) -> None:
    question = "What was the Petrel carrying?"
    before = assistant.ask(question, min_confidence=0)
    assistant.close()
    (derived,) = (harbour.parent / "index").glob("derived-*")
    for path in [p for p in derived.rglob("*") if p.is_file()]:
        if damage == "missing":
            path.unlink()
        else:
            path.write_bytes(path.read_bytes()[:10] if damage == "truncated" else b"")
    after = open_assistant(harbour.parent / "index").ask(question, min_confidence=0)
    assert (after.text, after.citations) == (before.text, before.citations)


def test_structures_that_somebody_else_made_are_made_again(
    index: Path,
    open_assistant: Open,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with open_assistant(index) as assistant:
        before = told(assistant)
        assert not caplog.text
        with closing(Index(index)) as opened:
            keys = opened.catalog.keys()
            batches = list(opened.catalog.vectors(keys))
        # Whole files with fitting digests, but the vectors stand under other keys.
        batches = [(keys[::-1].copy(), vectors) for _, vectors in batches]
    forged = VectorIndex.build(keys[:0], batches[0][1].shape[1], lambda _: [])
    forged.add(batches)
    forged.save(derived(index) / "vectors.faiss")
    manifest = derived(index) / "manifest.json"
    content = json.loads(manifest.read_text("utf-8"))
    content["files"] = checksums(derived(index))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "stranger"))
    content["seal"] = sealed(json.dumps({k: v for k, v in content.items() if k != "seal"}))
    manifest.write_text(json.dumps(content), "utf-8")
    monkeypatch.undo()
    with open_assistant(index) as assistant:
        assert told(assistant) == before
        assert "another user or machine made them" in caplog.text


def test_without_a_place_for_the_key_nothing_on_disk_is_trusted(
    index: Path,
    open_assistant: Open,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with open_assistant(index) as assistant:
        before = told(assistant)
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/none")
    with open_assistant(index) as assistant:
        assert told(assistant) == before
    assert not list(index.glob("derived-*"))
    assert "There is no key for search structures" in caplog.text


def test_the_key_is_read_by_its_owner_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    seal = sealed("content")
    assert is_sealed("content", seal)
    assert not is_sealed("other", seal)
    assert not is_sealed("content", None)
    assert key_file().is_relative_to(tmp_path)
    assert key_file().stat().st_mode & 0o777 == 0o600
