"""The documents page: what it says of uploads and of what was not read."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from threading import Event, Thread, get_ident
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from filelock import FileLock
from pydantic import ValidationError

from aiqa import Assistant
from aiqa.errors import CatalogError, SourceError
from aiqa.server import claimed_folder, deletions
from aiqa.server.documents import Shelf, routes
from aiqa.server.intake import Intake
from aiqa.server.rendering import render
from aiqa.server.uploaded_file import State, Upload
from tests.conftest import age
from tests.documents.test_detection import MAIL

LAMP = "The lamp of the lighthouse burns rapeseed oil.\n"


@pytest.fixture
def intake(assistant: Assistant) -> Iterator[Intake]:
    intake = Intake(assistant)
    yield intake
    intake.stop()


@pytest.fixture
def shelf(assistant: Assistant, intake: Intake) -> Shelf:
    return Shelf(assistant, intake)


def settled(intake: Intake) -> dict[str, State]:
    """The states of the uploads, by name, once all that was to be done is done."""
    intake.writes.submit(1 << 40, lambda: None).result()
    return {upload.name: upload.state for upload in intake.uploads()}


def arrive(intake: Intake, tmp_path: Path, name: str, content: bytes | str) -> Upload:
    """Upload a file of that name."""
    data = content.encode() if isinstance(content, str) else content
    (tmp_path / name).write_bytes(data)
    return intake.take([tmp_path / name])[0]


def told(intake: Intake) -> str:
    """What the page says of the uploads in the end."""
    settled(intake)
    return " ".join(render("uploads.html", uploads=intake.uploads()).split())


def test_a_document_of_which_a_part_was_left_out_says_so(
    harbour: Path, assistant: Assistant, shelf: Shelf
) -> None:
    name = "<b>log<b>.txt"
    (harbour / name).write_bytes((harbour / "log.pdf").read_bytes() + b"\n")
    assistant.ingest(harbour)
    page = shelf.list({"text": "log"})
    message = "The name ends in .txt, but this is a .pdf file"
    assert f'not all read: <span lang="en">{message}' in page
    assert page.count("not all read") == 1
    assert "<span>ready</span>" in page
    assert "<b>" not in page


def test_a_file_of_unknown_format_is_listed_with_the_reason(
    harbour: Path, assistant: Assistant, shelf: Shelf
) -> None:
    (harbour / "photo.raw").write_bytes(b"\xff\xd8\x00")
    assistant.ingest(harbour)
    page = shelf.list({})
    assert 'could not be read: <span lang="en">There is no loader for .raw files.</span>' in page


def test_an_uploaded_mail_is_there_although_an_attachment_is_not(
    tmp_path: Path, intake: Intake
) -> None:
    message = EmailMessage()
    message["Subject"] = "The lamp"
    message.set_content("The lamp was lit in 1887.")
    message.add_attachment(b"8BPS", maintype="image", subtype="x-photoshop", filename="logo.psd")
    arrive(intake, tmp_path, "lamp.eml", bytes(message))
    arrive(intake, tmp_path, "oil.eml", MAIL)
    said = told(intake)
    assert (
        "lamp.eml</bdi> <span>can be asked now, but not all of it was read: "
        '<span lang="en">logo.psd: There is no loader for .psd files.</span></span>'
    ) in said
    assert "oil.eml</bdi> <span>can be asked now</span>" in said


def test_a_name_that_is_taken_is_asked_about_and_never_replaced_unasked(
    tmp_path: Path, assistant: Assistant, intake: Intake
) -> None:
    arrive(intake, tmp_path, "lamp.txt", LAMP)
    assert settled(intake) == {"lamp.txt": "added"}
    assert arrive(intake, tmp_path, "lamp.txt", LAMP).state == "unchanged"
    first = arrive(intake, tmp_path, "lamp.txt", "The lamp burns gas.")
    assert first.state == "asks"
    assert (intake.folder / "lamp.txt").read_text("utf-8") == LAMP
    intake.decide(first.id, "both")
    second = arrive(intake, tmp_path, "lamp.txt", "The lamp is electric now.")
    intake.decide(second.id, "replace")
    settled(intake)
    assert (first.state, second.state) == ("added", "added")
    texts = {one.source: one.text for one in assistant.documents()}
    assert texts["index-uploads/lamp (2).txt"] == "The lamp burns gas."
    assert texts["index-uploads/lamp.txt"] == "The lamp is electric now."


def test_two_of_one_name_at_once_do_not_replace_each_other(tmp_path: Path, intake: Intake) -> None:
    held = Event()
    intake.writes.submit(0, held.wait)
    arrive(intake, tmp_path, "lamp.txt", LAMP)
    second = arrive(intake, tmp_path, "lamp.txt", "The lamp burns gas.")
    assert second.state == "asks"
    intake.decide(second.id, "cancel")
    held.set()
    settled(intake)
    assert [upload.state for upload in intake.uploads()] == ["added", "cancelled"]
    assert (intake.folder / "lamp.txt").read_text("utf-8") == LAMP


def test_what_replaces_a_file_and_cannot_be_read_leaves_the_file_as_it_was(
    tmp_path: Path, assistant: Assistant, intake: Intake
) -> None:
    (tmp_path / "one").mkdir()
    arrive(intake, tmp_path / "one", "log.pdf", (tmp_path / "docs" / "log.pdf").read_bytes())
    settled(intake)
    broken = arrive(intake, tmp_path, "log.pdf", b"%PDF-1.4 no")
    intake.decide(broken.id, "replace")
    settled(intake)
    assert broken.state == "failed"
    assert (intake.folder / "log.pdf").read_bytes() == (tmp_path / "docs/log.pdf").read_bytes()
    assert assistant.status().failures == ()


def test_small_files_do_not_wait_for_a_large_one_that_is_being_read(
    tmp_path: Path, assistant: Assistant, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, goes_on = Event(), Event()
    encode, thread = assistant.embedder.encode, set[int]()

    def slow(texts: list[str], on_progress: object = None) -> object:
        vectors = encode(texts, on_progress)  # type: ignore[arg-type]
        if len(texts) > 1 and not thread:
            thread.add(get_ident())
            begun.set()
            assert goes_on.wait(60)
            assert callable(on_progress)
            on_progress(0)
            assert small.state == "added"
        return vectors

    monkeypatch.setattr(assistant.embedder, "encode", slow)
    words = (f"Rule {n} of the yard says that ship {n} pays {n} crowns. " for n in range(60))
    large = arrive(intake, tmp_path, "rules.txt", "".join(words))
    assert begun.wait(60)
    small = arrive(intake, tmp_path, "lamp.txt", LAMP)
    goes_on.set()
    settled(intake)
    assert (large.state, small.state) == ("added", "added")
    assert "index-uploads/rules.txt" in assistant.status().sources


def test_a_large_file_that_is_cancelled_leaves_nothing(
    tmp_path: Path, assistant: Assistant, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode = assistant.embedder.encode
    shares: list[float | None] = []

    def cancelled(texts: list[str], on_progress: object = None) -> object:
        assert callable(on_progress)
        on_progress(len(texts) // 2)
        shares.append(large.share)
        intake.decide(large.id, "cancel")
        return encode(texts, on_progress)

    monkeypatch.setattr(assistant.embedder, "encode", cancelled)
    held = Event()
    intake.writes.submit(0, held.wait)
    large = arrive(intake, tmp_path, "rules.txt", "The ship pays nine crowns a day. " * 200)
    held.set()
    assert settled(intake) == {"rules.txt": "cancelled"}
    assert shares[0] is not None
    assert 0 < shares[0] < 1
    assert "index-uploads/rules.txt" not in assistant.status().sources
    assert not (intake.folder / "rules.txt").exists()


def test_a_deletion_is_undone_for_a_minute_and_then_final(
    tmp_path: Path,
    assistant: Assistant,
    intake: Intake,
    shelf: Shelf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = "index-uploads/lamp.txt"
    (tmp_path / "lamp.txt").write_text(LAMP, "utf-8")
    intake.take([tmp_path / "lamp.txt"], collection="lights")
    settled(intake)
    assert shelf.remove({"source": source}) == "Deleted."
    assert source not in assistant.status().sources
    assert not (intake.folder / "lamp.txt").exists()
    page = shelf.list({})
    assert f'<bdi lang="">{source}</bdi> was deleted.' in page
    (deletion,) = shelf.deletions.recent()
    assert shelf.undo({"source": deletion.id}) == "lamp.txt is back."
    settled(intake)
    held = {one.source: one.collection for one in assistant.holdings()}
    assert held[source] == "lights"
    monkeypatch.setattr(deletions, "UNDO_SECONDS", 0.05)
    shelf.remove({"source": source})
    hidden = intake.folder / ".deleted"
    assert hidden.is_dir()
    for _ in range(600):
        if not [*hidden.rglob("lamp.txt")]:
            break
        Event().wait(0.05)
    assert not [*hidden.rglob("lamp.txt")]
    assert shelf.deletions.recent() == []
    with pytest.raises(SourceError, match="more than a minute ago"):
        shelf.undo({"source": deletion.id})


def test_a_document_that_no_file_holds_comes_back_too(
    assistant: Assistant, intake: Intake, shelf: Shelf
) -> None:
    document = assistant.document_at("docs/tides.txt")
    assert document
    file = intake.base / "docs" / "tides.txt"
    file.unlink()
    shelf.remove({"source": "docs/tides.txt"})
    (deletion,) = shelf.deletions.recent()
    shelf.undo({"source": deletion.id})
    again = assistant.document_at("docs/tides.txt")
    assert again
    assert again.text == document.text


def test_a_search_without_a_hit_and_an_empty_library_say_so(
    tmp_path: Path, shelf: Shelf, assistant: Assistant
) -> None:
    assert 'No document has “<bdi lang="">walrus</bdi>”' in shelf.list({"text": "walrus"})
    assert "<table>" not in shelf.list({"text": "walrus"})
    assert '1 document with “<bdi lang="">LIGHTHOUSE</bdi>”' in shelf.list({"text": "LIGHTHOUSE"})
    with Assistant(tmp_path / "none", assistant.settings) as empty:
        assert "There are no documents yet." in Shelf(empty, Intake(empty)).list({})


def test_a_start_beyond_any_list_is_refused(shelf: Shelf) -> None:
    assert "<table>" not in shelf.list({"start": 10_000_000})
    with pytest.raises(ValidationError):
        shelf.list({"start": 10**19})


@pytest.mark.parametrize("path", ["original", "pages/1.png"])
def test_a_store_that_is_away_is_no_file_that_is_gone(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    application = FastAPI()
    application.include_router(routes(assistant))
    http = TestClient(application)
    assert http.get(f"/documents/{'0' * 64}/{path}").status_code == 404

    def away(*_: object) -> None:
        raise CatalogError("The store at s3://harbour cannot be used.") from OSError()

    monkeypatch.setattr(assistant, "original", away)
    monkeypatch.setattr(assistant, "picture", away)
    response = http.get(f"/documents/{'0' * 64}/{path}")
    assert response.status_code == 503
    assert "s3:" not in response.text


def test_an_upload_with_more_text_than_it_may_have_is_refused_alone(
    tmp_path: Path, assistant: Assistant
) -> None:
    intake = Intake(assistant, most_characters=1000)
    held = Event()
    intake.writes.submit(0, held.wait)
    arrive(intake, tmp_path, "lamp.txt", LAMP)
    folder = BytesIO()
    with ZipFile(folder, "w", ZIP_DEFLATED) as packed:
        for number in range(9):
            packed.writestr(f"{number}.txt", f"Ship {number} pays. " * 20)
    large = arrive(intake, tmp_path, "rules.zip", folder.getvalue())
    held.set()
    assert settled(intake) == {"lamp.txt": "added", "rules.zip": "failed"}
    assert "more than 1,000 characters of text" in large.error
    assert not (intake.folder / "rules.zip").exists()
    assert not [one for one in assistant.status().sources if "rules.zip" in one]
    intake.stop()


def test_what_a_killed_server_left_unread_is_read_at_the_next_start(
    tmp_path: Path, assistant: Assistant, intake: Intake
) -> None:
    arrive(intake, tmp_path, "tide.txt", "The tide is high at noon.")
    settled(intake)
    (intake.folder / "lamp.txt").write_text(LAMP, "utf-8")
    (intake.folder / "tide.txt").write_text("The tide is low at noon, or so they say.", "utf-8")
    age(intake.folder / "lamp.txt", intake.folder / "tide.txt")
    later = Intake(assistant)
    assert [upload.name for upload in later.resume()] == ["lamp.txt", "tide.txt"]
    assert settled(later) == {"lamp.txt": "added", "tide.txt": "added"}
    assert later.resume() == []
    later.stop()


def test_a_second_chat_leaves_the_files_of_the_first_where_they_wait(
    tmp_path: Path,
    assistant: Assistant,
    intake: Intake,
    shelf: Shelf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(claimed_folder, "_FRESH_SECONDS", 0)
    held = Event()
    intake.writes.submit(0, held.wait)
    arrive(intake, tmp_path, "lamp.txt", LAMP)
    left = intake.folder / ".arriving" / "left"
    left.mkdir()
    (left / "old.txt").write_text("Left by a server that was killed.", "utf-8")
    Shelf(assistant, Intake(assistant)).stop()
    assert not left.exists()
    held.set()
    assert settled(intake) == {"lamp.txt": "added"}
    shelf.remove({"source": "index-uploads/lamp.txt"})
    Shelf(assistant, Intake(assistant)).stop()
    (deletion,) = shelf.deletions.recent()
    shelf.undo({"source": deletion.id})
    assert (intake.folder / "lamp.txt").read_text("utf-8") == LAMP


def test_an_upload_and_a_deletion_wait_for_another_process_that_writes(
    tmp_path: Path, assistant: Assistant, intake: Intake, shelf: Shelf
) -> None:
    with FileLock(assistant.folder / "write.lock", is_singleton=False):
        upload = arrive(intake, tmp_path, "lamp.txt", LAMP)
        deletion = Thread(target=shelf.remove, args=[{"source": "docs/tides.txt"}])
        deletion.start()
        Event().wait(1)
        # Either of the two may be the one that waits for the other process.
        assert upload.state in {"waiting", "reading"}
        assert "docs/tides.txt" in assistant.status().sources
    deletion.join(60)
    assert settled(intake) == {"lamp.txt": "added"}
    assert "docs/tides.txt" not in assistant.status().sources


def test_a_name_of_dots_is_no_hidden_file(tmp_path: Path, intake: Intake) -> None:
    names = {"..txt": "unnamed.txt", ".lamp.txt": "lamp.txt", ".. .md": "unnamed.md"}
    held = Event()
    intake.writes.submit(0, held.wait)
    for name in names:
        arrive(intake, tmp_path, name, f"{name}: {LAMP}")
    held.set()
    assert set(settled(intake).values()) == {"added"}
    for name, kept in names.items():
        assert (intake.folder / kept).read_text("utf-8") == f"{name}: {LAMP}"
