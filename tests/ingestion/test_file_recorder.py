"""What is recorded of each file: bad ones, broken ones, and files in files."""

from __future__ import annotations

import shutil
from email.message import EmailMessage
from pathlib import Path

import pytest

from aiqa import Assistant, Filters
from aiqa.errors import QuestionError
from tests.conftest import Open, age, write_pdf
from tests.ingestion.test_change_detection import zipped
from tests.ingestion.test_pipeline import counts


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
