"""Files whose names do not tell what they are, or tell wrongly."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from aiqa.documents import load_document
from aiqa.documents.archives import documents_in
from aiqa.errors import DocumentError
from aiqa.types import Document, Failure
from tests.conftest import HTML, write_docx, write_pdf

CASES = Path(__file__).parent / "files" / "cases"
MAIL = b"From: ada@gull.example\nSubject: Oil\nDate: Mon, 03 Mar 2025 10:00:00 +0000\n\nIt came.\n"


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A file of each format that is known by its content, by the format's name."""
    folder = tmp_path_factory.mktemp("contents")
    write_docx(folder / "a.docx")
    return {
        "pdf": write_pdf(folder / "a.pdf", [["The lamp was lit in 1887."]]).read_bytes(),
        "docx": (folder / "a.docx").read_bytes(),
        "odt": (CASES / "smokehouse.odt").read_bytes(),
        "odp": (CASES / "mill.odp").read_bytes(),
        "rtf": (CASES / "quilt.rtf").read_bytes(),
        "doc": (CASES / "smokehouse.doc").read_bytes(),
        "ppt": (CASES / "mill.ppt").read_bytes(),
        "html": HTML.encode(),
        "calendar": b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\nEND:VCALENDAR\n",
        "json": b'{"lamp": "lit in 1887"}',
        "email": MAIL,
        "text": b"Minutes\n\nThe lamp: it was lit in 1887.\n",
    }


FORMATS = ["pdf", "docx", "odt", "odp", "rtf", "doc", "ppt", "html", "calendar", "json", "email",
           "text"]  # fmt: skip


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("name", ["minutes", "Minutes of 3.4.2024", "Letter to Dr. Moor"])
def test_a_file_without_a_suffix_is_read_as_what_it_is(
    contents: dict[str, bytes], format_name: str, name: str
) -> None:
    document = load_document(contents[format_name], name)
    assert document.format == format_name
    assert document.omissions == ()


@pytest.mark.parametrize("format_name", FORMATS[:8])
@pytest.mark.parametrize("suffix", [".txt", ".xlsx", ".report"])
def test_a_wrong_suffix_is_told_of_and_does_not_matter(
    contents: dict[str, bytes], format_name: str, suffix: str
) -> None:
    document = load_document(contents[format_name], f"minutes{suffix}")
    assert document.format == format_name
    (told,) = document.omissions
    assert told.startswith(f"The name ends in {suffix}, but this is a .")


@pytest.mark.parametrize("name", ["page.doc", "mail.txt"])
def test_a_mail_or_web_archive_under_another_name_is_decoded(name: str) -> None:
    source = (
        "From: <Saved by a browser>\nSubject: =?utf-8?q?M=C3=BChle?=\nMIME-Version: 1.0\n"
        'Content-Type: multipart/related; boundary="x"\n\n--x\n'
        "Content-Type: text/html\nContent-Transfer-Encoding: base64\n\n"
        "PHA+VGhlIG1pbGwgdHVybnMuPC9wPg==\n--x--\n"
    )
    document = load_document(source.encode(), name)
    assert document.title == "Mühle"
    assert document.text.endswith("The mill turns.")
    assert document.omissions


def test_a_right_suffix_is_believed_over_what_the_text_looks_like() -> None:
    assert load_document(MAIL, "a.txt").format == "text"
    assert load_document(b"<html> is a tag.", "a.rst").format == "rst"
    with pytest.raises(DocumentError, match="Word"):
        load_document(b"PK\x03\x04 cut off", "a.docx")


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("photo", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "no suffix.*no known format"),
        ("photo.raw", b"\x00\x01\x02", "no loader for .raw files"),
        ("main.exe", b"MZ", "no loader for .exe files"),
    ],
)
def test_what_is_of_no_known_format_is_an_error(name: str, data: bytes, says: str) -> None:
    with pytest.raises(DocumentError, match=says):
        load_document(data, name)


def test_folders_and_mails_that_are_misnamed_are_looked_into() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as folder:
        folder.writestr("minutes", "The lamp was lit in 1887.")
        folder.writestr("tool.exe", b"MZ\x00")
        folder.writestr("~$minutes.docx", b"x")
    found = {one.source: one for one in documents_in(out.getvalue(), "old.txt", 10**6)}
    assert isinstance(found["old.txt/minutes"], Document)
    assert found["old.txt/tool.exe"] == Failure(
        "old.txt/tool.exe", "There is no loader for .exe files."
    )
    assert len(found) == 2


def test_an_empty_zip_folder_is_told_of() -> None:
    out = BytesIO()
    zipfile.ZipFile(out, "w").close()
    with pytest.raises(DocumentError, match="no documents in it"):
        list(documents_in(out.getvalue(), "a.zip", 10**6))
