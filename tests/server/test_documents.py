"""The documents page: what it says of uploads and of what was not read."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

from aiqa import Assistant
from aiqa.server.documents import Shelf
from tests.documents.test_detection import MAIL


def upload(assistant: Assistant, file: Path) -> str:
    """What the page says in the end when ``file`` is uploaded."""
    *_, last = Shelf(assistant).add([str(file)], "")
    return " ".join(last.split())


def test_a_document_of_which_a_part_was_left_out_says_so(
    harbour: Path, assistant: Assistant
) -> None:
    name = "<b>log<b>.txt"
    (harbour / name).write_bytes((harbour / "log.pdf").read_bytes() + b"\n")
    assistant.ingest(harbour)
    page = Shelf(assistant).list({"text": "log"})
    assert "not all read: The name ends in .txt, but this is a .pdf file" in page
    assert page.count("not all read") == 1
    assert "<span>ready</span>" in page
    assert "<b>" not in page


def test_a_file_of_unknown_format_is_listed_with_the_reason(
    harbour: Path, assistant: Assistant
) -> None:
    (harbour / "photo.raw").write_bytes(b"\xff\xd8\x00")
    assistant.ingest(harbour)
    page = Shelf(assistant).list({})
    assert "could not be read: There is no loader for .raw files." in page


def test_an_uploaded_mail_is_there_although_an_attachment_is_not(
    tmp_path: Path, assistant: Assistant
) -> None:
    message = EmailMessage()
    message["Subject"] = "The lamp"
    message.set_content("The lamp was lit in 1887.")
    message.add_attachment(b"8BPS", maintype="image", subtype="x-photoshop", filename="logo.psd")
    (tmp_path / "lamp.eml").write_bytes(bytes(message))
    said = upload(assistant, tmp_path / "lamp.eml")
    assert (
        "lamp.eml</bdi> <span>can be asked now, but not all of it was read: "
        "logo.psd: There is no loader for .psd files.</span>"
    ) in said


def test_an_upload_without_an_attachment_that_fails_can_be_asked(
    tmp_path: Path, assistant: Assistant
) -> None:
    (tmp_path / "oil.eml").write_bytes(MAIL)
    assert "<span>can be asked now</span>" in upload(assistant, tmp_path / "oil.eml")
