"""An index that follows a folder: what is looked into, what is meant, what holds other files."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from aiqa import Assistant, Filters, IngestReport
from aiqa.cli.watch import follow
from aiqa.errors import QuestionError, SourceError
from aiqa.index import Index
from tests.conftest import ROOT, age, write_pdf
from tests.ingestion.test_pipeline import counts

Open = Callable[..., Assistant]


def changes(report: IngestReport) -> dict[str, str]:
    return {change.source: change.what for change in report.changes}


def test_a_file_of_the_same_size_and_time_is_not_looked_into_unless_asked(
    harbour: Path, assistant: Assistant
) -> None:
    tides = harbour / "tides.txt"
    tides.write_text(tides.read_text("utf-8").replace("one crown", "two pound"), "utf-8")
    age(tides)
    assert counts(assistant.ingest(harbour)) == (0, 0, 0, 5, 0)
    assert counts(assistant.ingest(harbour, verify=True)) == (0, 1, 0, 4, 0)
    assert any("costs two pound" in document.text for document in assistant.documents())


def test_a_touched_file_is_read_but_the_index_stays_the_same(
    harbour: Path, assistant: Assistant
) -> None:
    generation = assistant.status().generation
    os.utime(harbour / "tides.txt", ns=(2 * 10**18 // 2 + 10**9, 10**18 + 10**9))
    assert counts(assistant.ingest(harbour)) == (0, 0, 0, 5, 0)
    assert assistant.status().generation == generation


def test_a_file_changed_a_moment_ago_is_looked_into_again(
    harbour: Path, assistant: Assistant
) -> None:
    tides = harbour / "tides.txt"
    tides.write_text("The harbour bell rings at noon.", "utf-8")
    # Ahead of the clock, so that it is a moment ago however long the ingest takes.
    stamp = tides.stat().st_mtime_ns + 60 * 10**9
    os.utime(tides, ns=(stamp, stamp))
    assistant.ingest(harbour)
    tides.write_text("The harbour bell rings at nine.", "utf-8")
    os.utime(tides, ns=(stamp, stamp))
    assert changes(assistant.ingest(harbour)) == {"docs/tides.txt": "updated"}


def test_one_changed_file_touches_one_file(harbour: Path, assistant: Assistant) -> None:
    kept = {h.chunk.key: h.chunk.text for h in assistant.search("harbour tide Petrel flare", k=99)}
    (harbour / "tides.txt").write_text("The harbour bell rings at noon.", "utf-8")
    assert changes(assistant.ingest(harbour)) == {"docs/tides.txt": "updated"}
    after = {h.chunk.key: h.chunk.text for h in assistant.search("harbour tide Petrel flare", k=99)}
    assert len(kept.items() & after.items()) == len(after) - 1


def test_a_file_that_failed_is_tried_again_only_when_it_changes(
    harbour: Path, assistant: Assistant
) -> None:
    bad = harbour / "bad.pdf"
    bad.write_bytes(b"%PDF-1.7 nothing more")
    age(bad)
    assert counts(assistant.ingest(harbour)) == (0, 0, 0, 5, 1)
    generation = assistant.status().generation
    report = assistant.ingest(harbour)
    assert counts(report) == (0, 0, 0, 5, 1)
    assert report.failed[0].source == "docs/bad.pdf"
    assert assistant.status().generation == generation
    write_pdf(bad, [["July", "The Petrel was sold."]])
    assert counts(assistant.ingest(harbour)) == (1, 0, 0, 5, 0)
    assert not assistant.status().failures


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        (["*.md"], [], {"a.md", "drafts/b.md", "drafts/deep/c.md"}),
        (["drafts/**/*.md"], [], {"drafts/b.md", "drafts/deep/c.md"}),
        ([], ["drafts"], {"a.md", "d.txt"}),
        ([], ["drafts/*"], {"a.md", "d.txt"}),
        ([], ["*.{md,html}"], {"d.txt", "drafts/e.txt"}),
        (["*.md"], ["deep", "a*"], {"drafts/b.md"}),
    ],
)
def test_patterns_say_which_files_of_a_folder_are_meant(
    tmp_path: Path,
    open_assistant: Open,
    include: list[str],
    exclude: list[str],
    expected: set[str],
) -> None:
    for name in ("a.md", "d.txt", "drafts/b.md", "drafts/e.txt", "drafts/deep/c.md"):
        path = tmp_path / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"This is {name}.", "utf-8")
    assistant = open_assistant(tmp_path / "index")
    assistant.ingest(tmp_path / "docs", include=include, exclude=exclude)
    assert set(assistant.status().sources) == {f"docs/{name}" for name in expected}
    with pytest.raises(SourceError, match="no documents that are meant"):
        assistant.ingest(tmp_path / "docs", include=["*.epub"])
    assistant.ingest(tmp_path / "docs")
    assert assistant.status().documents == 5


def test_a_dry_run_tells_what_would_be_done_and_does_nothing(
    harbour: Path, assistant: Assistant, open_assistant: Open
) -> None:
    elsewhere = open_assistant(harbour.parent / "other")
    assert elsewhere.ingest(harbour, dry_run=True).added == 5
    assert not (harbour.parent / "other").exists()
    (harbour / "new.md").write_text("New.", "utf-8")
    (harbour / "tides.txt").write_text("Changed.", "utf-8")
    (harbour / "log.pdf").unlink()
    before = assistant.status()
    plan = assistant.ingest(harbour, dry_run=True)
    assert assistant.status() == before
    assert changes(plan) == {
        "docs/log.pdf": "removed",
        "docs/new.md": "added",
        "docs/tides.txt": "updated",
    }
    assert assistant.ingest(harbour) == IngestReport(
        1, 1, 1, 3, (), documents=5, chunks=assistant.status().chunks, changes=plan.changes
    )


def test_collections_are_asked_apart(harbour: Path, assistant: Assistant) -> None:
    other = harbour.parent / "other"
    other.mkdir()
    (other / "dog.md").write_text("The harbour dog is called Bosun.", "utf-8")
    (other / "tides.txt").write_bytes((harbour / "tides.txt").read_bytes())
    assistant.ingest(other, collection="animals")
    assert assistant.status().collections == {"animals": 2, "default": 5}
    only = Filters(collections=("animals",))
    answer = assistant.ask("What do tide tables cost?", filters=only, min_confidence=0)
    assert {citation.source for citation in answer.citations} == {"other/tides.txt"}
    hits = assistant.search("harbour", k=99, filters=only)
    assert {hit.chunk.source for hit in hits} == {"other/dog.md", "other/tides.txt"}
    with pytest.raises(QuestionError, match="No document fits"):
        assistant.search("harbour", filters=Filters(collections=("plants",)))
    # Without a name files stay where they are; with one they move, and nothing is read again.
    assert counts(assistant.ingest(other)) == (0, 0, 0, 2, 0)
    assert counts(assistant.ingest(other, collection="default")) == (0, 0, 0, 2, 0)
    assert assistant.status().collections == {"default": 7}


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, data in members.items():
            folder.writestr(name, data)
    return buffer.getvalue()


def test_a_zip_folder_is_read_file_by_file(harbour: Path, assistant: Assistant) -> None:
    members = {
        "notes/bell.md": b"# The bell\n\nThe harbour bell rings at noon.",
        "notes/log.pdf": (harbour / "log.pdf").read_bytes(),
        "broken.docx": b"not a docx",
        "photo.jpg": b"\xff\xd8",
        ".hidden/x.md": b"hidden",
        "__MACOSX/x.md": b"hidden",
        "../../escape.txt": b"The way out leads nowhere.",
        "inner.zip": zipped({"deep.txt": b"The anchor weighs nine tons."}),
    }
    (harbour / "old.zip").write_bytes(zipped(members))
    report = assistant.ingest(harbour)
    assert counts(report) == (1, 0, 0, 5, 2)
    assert {failure.source for failure in report.failed} == {
        "docs/old.zip/broken.docx",
        "docs/old.zip/photo.jpg",
    }
    inside = {s for s in assistant.status().sources if s.startswith("docs/old.zip/")}
    assert inside == {
        "docs/old.zip/notes/bell.md",
        "docs/old.zip/notes/log.pdf",
        "docs/old.zip/escape.txt",
        "docs/old.zip/inner.zip/deep.txt",
    }
    answer = assistant.ask("When does the harbour bell ring?", min_confidence=0)
    assert answer.citations[0].source == "docs/old.zip/notes/bell.md"
    # The same bytes inside and outside are one document with two sources.
    assert len({d.id for d in assistant.documents()}) == assistant.status().documents - 1

    del members["notes/bell.md"], members["broken.docx"]
    (harbour / "old.zip").write_bytes(zipped(members))
    report = assistant.ingest(harbour)
    assert counts(report) == (0, 1, 0, 5, 1)
    assert "docs/old.zip/notes/bell.md" not in assistant.status().sources
    assert [one.source for one in assistant.status().failures] == ["docs/old.zip/photo.jpg"]
    (harbour / "old.zip").unlink()
    assert counts(assistant.ingest(harbour)) == (0, 0, 1, 5, 0)
    assert assistant.status().documents == 5


def test_the_attachments_of_an_e_mail_are_documents_of_their_own(
    harbour: Path, assistant: Assistant
) -> None:
    message = EmailMessage()
    message["From"] = "Ada Moor <ada@gull.example>"
    message["To"] = "harbour@gull.example"
    message["Subject"] = "New lamp"
    message["Date"] = "Mon, 02 Mar 2026 10:00:00 +0000"
    message.set_content("The new lamp arrives on Friday by the Petrel.")
    message.add_attachment(
        (harbour / "tides.txt").read_bytes(), maintype="text", subtype="plain", filename="t.txt"
    )
    message.add_attachment(
        b"Name;Weight\nLamp;40 kg\n", maintype="text", subtype="csv", filename="../freight.csv"
    )
    (harbour / "lamp.eml").write_bytes(message.as_bytes())
    assert counts(assistant.ingest(harbour)) == (1, 0, 0, 5, 0)
    assert {s for s in assistant.status().sources if "lamp.eml" in s} == {
        "docs/lamp.eml",
        "docs/lamp.eml/freight.csv",
        "docs/lamp.eml/t.txt",
    }
    answer = assistant.ask("When does the new lamp arrive?", min_confidence=0)
    assert answer.citations[0].sentence == "The new lamp arrives on Friday by the Petrel."
    (document,) = (d for d in assistant.documents() if d.source == "docs/lamp.eml")
    assert (document.title, document.published) == ("New lamp", "2026-03-02")


@contextmanager
def watching(folder: Path) -> Iterator[Callable[[], dict[str, Any]]]:
    """Gives what reads the next thing that ``aiqa ingest FOLDER --watch`` tells."""
    command = [sys.executable, "-u", "-m", "aiqa", "ingest", folder.name, "--watch", "--json"]
    with subprocess.Popen(
        command, cwd=folder.parent, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:  # fmt: skip
        out = process.stdout
        assert out
        try:
            yield lambda: json.loads(out.readline())
        finally:
            process.send_signal(2)
            process.wait(60)
    assert process.returncode == 130  # 128 + SIGINT, as shells have it


class Interrupted:
    """Is interrupted where Python drops exceptions."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupt_ends_watching_even_where_its_exception_is_dropped(
    harbour: Path, open_assistant: Callable[..., Assistant]
) -> None:
    assistant = open_assistant(harbour.parent / "index")
    writer = threading.Timer(1, (harbour / "dog.md").write_text, ["The dog is called Bosun."])
    writer.start()
    told = []

    def watched() -> None:
        for report in follow(assistant, [harbour], {}):
            told.append(report)
            Interrupted()

    with pytest.raises(KeyboardInterrupt):
        watched()
    assert len(told) == 1
    writer.join()


def test_an_index_follows_a_watched_folder_through_errors(harbour: Path) -> None:
    with watching(harbour) as told:
        assert told()["added"] == 5
        time.sleep(1)  # until the watch is set up
        dog = harbour / "dog.md"
        dog.write_text("The harbour dog is called Bosun.", "utf-8")
        assert told()["added"] == 1
        dog.unlink()
        assert told()["removed"] == 1
        # For a moment, nothing is there: as when a folder is written anew.
        for file in harbour.iterdir():
            file.rename(harbour.parent / file.name)
        assert "no documents in the folder" in told()["error"]
        dog.write_text("The harbour dog is called Bosun.", "utf-8")
        assert (report := told())["added"] == 1
        assert report["documents"] == 1
        with Index(harbour.parent / "index").writing():
            dog.unlink()
            dog.with_name("cat.md").write_text("The harbour cat is called Tar.", "utf-8")
            assert "Another process is writing" in told()["error"]
        assert told()["added"] == 1
