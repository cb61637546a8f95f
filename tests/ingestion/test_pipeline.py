import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from aiqa import Assistant, IngestReport
from aiqa.errors import AiqaError, CatalogError, SourceError

Open = Callable[..., Assistant]


def counts(report: IngestReport) -> tuple[int, int, int, int, int]:
    return (
        report.added,
        report.updated,
        report.removed,
        report.unchanged,
        len(report.failed),
    )


def test_the_index_follows_the_folder(harbour: Path, assistant: Assistant) -> None:
    assert counts(assistant.ingest(harbour)) == (0, 0, 0, 5, 0)
    (harbour / "tides.txt").write_text("Neap tides follow the half moon.", "utf-8")
    (harbour / "new.md").write_text("The harbour dog is called Bosun.", "utf-8")
    (harbour / "log.pdf").unlink()
    assert counts(assistant.ingest(harbour)) == (1, 1, 1, 3, 0)
    sources = {hit.chunk.source for hit in assistant.search("Petrel tide dog", k=50)}
    assert "docs/log.pdf" not in sources
    assert assistant.ask("What is the harbour dog called?", min_confidence=0).text
    texts = [document.text for document in assistant.documents()]
    assert "Neap tides follow the half moon." in texts
    assert not any("Spring tides" in text for text in texts)


def test_only_what_stands_under_a_given_folder_is_removed(
    harbour: Path, assistant: Assistant
) -> None:
    other = harbour.parent / "other"
    other.mkdir()
    (other / "a.txt").write_text("Elsewhere.", "utf-8")
    assert counts(assistant.ingest(other)) == (1, 0, 0, 0, 0)
    assert assistant.status().documents == 6


def test_a_renamed_file_keeps_its_document_and_copies_share_one(
    harbour: Path, assistant: Assistant
) -> None:
    chunks = assistant.status().chunks
    (harbour / "tides.txt").rename(harbour / "moon.txt")
    shutil.copy(harbour / "moon.txt", harbour / "copy.txt")
    assert counts(assistant.ingest(harbour)) == (2, 0, 1, 4, 0)
    assert assistant.status().chunks == chunks
    assert assistant.status().documents == 6
    assistant.remove("docs/copy.txt")
    assert "docs/moon.txt" in assistant.status().sources
    assert assistant.status().chunks == chunks


def test_a_bad_file_is_named_and_the_others_go_in(harbour: Path, open_assistant: Open) -> None:
    (harbour / "broken.pdf").write_bytes(b"%PDF-1.7 nothing more")
    (harbour / "empty.md").touch()
    (harbour / "hidden.txt").symlink_to("nowhere")
    assistant = open_assistant(harbour.parent / "index")
    report = assistant.ingest(harbour)
    assert counts(report) == (5, 0, 0, 0, 3)
    reasons = {failure.source: failure.error for failure in report.failed}
    assert "not a readable PDF" in reasons["docs/broken.pdf"]
    assert "empty" in reasons["docs/empty.md"]
    assert "cannot be read" in reasons["docs/hidden.txt"]
    assert {failure.source for failure in assistant.status().failures} == set(reasons)
    (harbour / "empty.md").write_text("Now it says something.", "utf-8")
    (harbour / "broken.pdf").unlink()
    assert counts(assistant.ingest(harbour)) == (1, 0, 0, 5, 1)
    assert [failure.source for failure in assistant.status().failures] == ["docs/hidden.txt"]


def test_a_file_that_breaks_keeps_its_old_text_until_it_is_mended(
    harbour: Path, assistant: Assistant
) -> None:
    whole = (harbour / "log.pdf").read_bytes()
    (harbour / "log.pdf").write_bytes(whole[:200])
    assert counts(assistant.ingest(harbour)) == (0, 0, 0, 4, 1)
    assert "salt" in (
        assistant.ask("What was the cargo of the Petrel?", min_confidence=0).text or ""
    )
    (harbour / "log.pdf").write_bytes(whole)
    assert counts(assistant.ingest(harbour)) == (0, 0, 0, 5, 0)
    assert not assistant.status().failures


def test_nothing_but_bad_files_is_an_error(tmp_path: Path, open_assistant: Open) -> None:
    (tmp_path / "a.pdf").write_bytes(b"no pdf")
    with pytest.raises(SourceError, match=r"No file could be ingested.*a\.pdf"):
        open_assistant(tmp_path / "index").ingest(tmp_path / "a.pdf")


def test_missing_empty_and_unknown_paths_are_errors_and_make_no_index(
    tmp_path: Path, open_assistant: Open
) -> None:
    assistant = open_assistant(tmp_path / "index")
    (tmp_path / "empty").mkdir()
    for path, message in (("nope", "no file or folder"), ("empty", "no documents")):
        with pytest.raises(SourceError, match=message):
            assistant.ingest(tmp_path / path)
    with pytest.raises(SourceError, match="No path"):
        assistant.ingest()
    assert not (tmp_path / "index").exists()
    (tmp_path / "a.exe").write_bytes(b"MZ")
    with pytest.raises(SourceError, match=r"no loader for \.exe.*Formats read: .*\.pdf"):
        assistant.ingest(tmp_path / "a.exe")


def test_hidden_files_and_the_index_are_passed_over_and_the_rest_is_reported(
    harbour: Path, assistant: Assistant
) -> None:
    (harbour / ".secret.md").write_text("hidden", "utf-8")
    (harbour / ".git").mkdir()
    (harbour / ".git" / "note.md").write_text("hidden", "utf-8")
    (harbour / "data.bin").write_bytes(b"\x00")
    (harbour.parent / "index" / "README.md").write_text("not a document", "utf-8")
    (harbour / "loop").symlink_to(harbour)
    for name in ("~$rescue.docx", "Thumbs.db", ".DS_Store", "desktop.ini", "rules.html~"):
        (harbour / name).write_bytes(b"\x00")
    for _ in range(2):
        report = assistant.ingest(harbour.parent)
        assert counts(report) == (0, 0, 0, 5, 2)
        assert {failure.source: failure.error.split(",")[0] for failure in report.failed} == {
            "docs/data.bin": "There is no loader for .bin files.",
            "docs/loop": "This is a link to a folder",
        }
    assert assistant.status().failures == report.failed


def test_sources_survive_moving_the_project(
    harbour: Path, assistant: Assistant, open_assistant: Open
) -> None:
    assistant.close()
    moved = harbour.parent.parent / "moved"
    harbour.parent.rename(moved)
    again = open_assistant(moved / "index")
    assert counts(again.ingest(moved / "docs")) == (0, 0, 0, 5, 0)
    moved.rename(harbour.parent)


def test_remove_takes_sources_and_folders_and_refuses_unknown_ones(
    harbour: Path, assistant: Assistant
) -> None:
    with pytest.raises(SourceError, match=r"Did you mean docs/tides\.txt"):
        assistant.remove("docs/log.pdf", "docs/tide.txt")
    assert assistant.status().documents == 5
    assert assistant.remove("docs/tides.txt").removed == 1
    assert assistant.remove("docs").removed == 4
    assert assistant.status().chunks == 0
    assert assistant.ask("Anything?").abstained
    assert counts(assistant.ingest(harbour)) == (5, 0, 0, 0, 0)


@pytest.mark.usefixtures("assistant")
def test_other_chunk_sizes_make_the_stored_documents_again(
    harbour: Path, open_assistant: Open
) -> None:
    finer = open_assistant(harbour.parent / "index", chunk_tokens=16)
    assert counts(finer.ingest(harbour)) == (0, 0, 0, 5, 0)
    assert finer.status().chunk_tokens == 16
    assert finer.search("schooner Petrel")[0].chunk.source == "docs/log.pdf"


def test_an_index_of_another_embedder_says_so(
    harbour: Path, assistant: Assistant, open_assistant: Open
) -> None:
    assistant.close()
    catalog = sqlite3.connect(harbour.parent / "index" / "catalog.sqlite3")
    with catalog:
        catalog.execute("UPDATE recipes SET recipe = replace(recipe, 'MiniLM', 'Other')")
    catalog.close()
    again = open_assistant(harbour.parent / "index")
    with pytest.raises(CatalogError, match=r"embedder all-Other.*aiqa ingest"):
        again.ask("When was the lighthouse lit?")
    again.ingest(harbour)
    assert again.ask("When was the lighthouse lit?", min_confidence=0).text


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


def test_an_index_whose_making_was_cut_off_at_once_can_be_made_again(
    harbour: Path, open_assistant: Open
) -> None:
    (harbour.parent / "index").mkdir()
    (harbour.parent / "index" / "catalog.sqlite3").touch()
    assert counts(open_assistant(harbour.parent / "index").ingest(harbour)) == (5, 0, 0, 0, 0)


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


def test_an_interrupted_ingest_leaves_whole_documents_and_can_be_completed(
    harbour: Path, open_assistant: Open
) -> None:
    for number in range(40):
        words = f"Note {number} about the weather and the sea. " * 60
        (harbour / f"note{number:02}.txt").write_text(words, "utf-8")
    assistant = open_assistant(harbour.parent / "index")

    def interrupt(progress: object) -> None:
        if getattr(progress, "done", 0) == 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        assistant.ingest(harbour, on_progress=interrupt)
    stored = assistant.status().documents
    assert 0 < stored < 45
    assert counts(assistant.ingest(harbour)) == (45 - stored, 0, 0, stored, 0)


def test_every_error_a_person_meets_names_a_remedy(tmp_path: Path, open_assistant: Open) -> None:
    with pytest.raises(AiqaError, match=r"no index in .*nothing.* Run `aiqa ingest PATH`"):
        open_assistant(tmp_path / "nothing").ask("x")


def test_a_reader_sees_what_another_has_committed_without_opening_again(
    harbour: Path, assistant: Assistant, open_assistant: Open
) -> None:
    reader = open_assistant(harbour.parent / "index")
    question = "What is the harbour dog called?"
    assert "Bosun" not in (reader.ask(question, min_confidence=0).text or "")
    (harbour / "dog.md").write_text("The harbour dog is called Bosun.", "utf-8")
    assistant.ingest(harbour)
    assert reader.ask(question, min_confidence=0).text == "Bosun"
    (harbour / "dog.md").unlink()
    assistant.ingest(harbour)
    assert "Bosun" not in (reader.ask(question, min_confidence=0).text or "")


def test_contents_that_change_places_are_followed_over_batches(
    harbour: Path, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aiqa.ingestion.batch_writer._BATCH_CHUNKS", 1)
    (harbour / "tides.txt").rename(harbour / "tides.1.txt")
    (harbour / "log.pdf").unlink()
    (harbour / "tides.txt").write_text("The new tide tables cost two crowns.", "utf-8")
    (harbour / "lighthouse.md").rename(harbour / "zz.md")
    (harbour / "lighthouse.md").write_text("The lighthouse was sold.", "utf-8")
    assert counts(assistant.ingest(harbour)) == (2, 2, 1, 2, 0)
    texts = {document.source: document.text for document in assistant.documents()}
    assert "cost two crowns" in texts["docs/tides.txt"]
    assert "costs one crown" in texts["docs/tides.1.txt"]
    assert "lit in 1887" in texts["docs/zz.md"]
    assert texts["docs/lighthouse.md"] == "The lighthouse was sold."


def test_one_process_writes_at_a_time_and_a_killed_one_leaves_no_lock(
    harbour: Path, assistant: Assistant
) -> None:
    code = (
        "import sys, time; from pathlib import Path; from aiqa.index import Index\n"
        "with Index(Path(sys.argv[1])).writing(): print('mine', flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", code, str(harbour.parent / "index")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "mine\n"
        with pytest.raises(CatalogError, match="Another process is writing"):
            assistant.ingest(harbour)
        with pytest.raises(CatalogError, match="Another process is writing"):
            assistant.remove("docs")
        assert assistant.ask("When was the lighthouse lit?", min_confidence=0).text
        other.kill()
    assert counts(assistant.ingest(harbour)) == (0, 0, 0, 5, 0)
