"""The files behind documents: drawn or handed out only while they are what was read."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from aiqa.errors import CatalogError, DocumentError, SourceError
from tests.conftest import Open, write_pdf

PNG = b"\x89PNG\r\n\x1a\n"


def test_a_pdf_in_a_zip_in_a_zip_is_drawn_until_its_file_changes(
    tmp_path: Path, open_assistant: Open
) -> None:
    pdf = write_pdf(tmp_path / "log.pdf", [["May", "The schooner Petrel came in."]])
    inner, outer = tmp_path / "inner.zip", tmp_path / "outer.zip"
    with zipfile.ZipFile(inner, "w") as folder:
        folder.writestr("damaged.pdf", b"%PDF-1.4 no more of it")
        folder.write(pdf, "log.pdf")
    with zipfile.ZipFile(outer, "w") as folder:
        folder.write(inner, "inner.zip")
    assistant = open_assistant(tmp_path / "index")
    assistant.ingest(outer)
    (document,) = assistant.documents()
    assert document.source == "outer.zip/inner.zip/log.pdf"
    assert assistant.picture(document.id, 1).startswith(PNG)
    with pytest.raises(DocumentError, match="no page 3"):
        assistant.picture(document.id, 3)
    with assistant.original(document.id).file as file:
        assert file.read() == outer.read_bytes()
    outer.write_bytes(inner.read_bytes()[:-40])
    for look in (
        lambda: assistant.picture(document.id, 2),
        lambda: assistant.original(document.id),
    ):
        with pytest.raises(SourceError, match="gone or has changed"):
            look()
    outer.unlink()
    with pytest.raises(SourceError, match="gone or has changed"):
        assistant.original(document.id)
    for look in (lambda: assistant.picture("0" * 64, 1), lambda: assistant.original("0" * 64)):
        with pytest.raises(CatalogError):
            look()


def test_a_document_in_two_files_is_found_in_the_one_that_is_left(
    tmp_path: Path, open_assistant: Open
) -> None:
    one = write_pdf(tmp_path / "a.pdf", [["May", "The schooner Petrel came in."]])
    two = tmp_path / "b.pdf"
    two.write_bytes(one.read_bytes())
    assistant = open_assistant(tmp_path / "index")
    assistant.ingest(one, two)
    (document,) = assistant.documents()
    one.unlink()
    assert assistant.picture(document.id, 1).startswith(PNG)
    original = assistant.original(document.id)
    with original.file:
        assert original.source == "b.pdf"
