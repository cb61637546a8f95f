"""Letters that PDFs hide: ligatures, right-to-left scripts, fonts without letters, damage."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import matplotlib as mpl
import pytest
from pypdfium2 import PdfDocument
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from aiqa.documents import load_document
from aiqa.documents.pdf import scans
from aiqa.errors import DocumentError
from tests.documents.test_pdf import LEFT, RIGHT, column, pdf

FILES = Path(__file__).with_name("files") / "cases"
DEJAVU = Path(mpl.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")


def read(name: str) -> str:
    return load_document((FILES / name).read_bytes(), name).text


def drawn(words: str) -> str:
    """What is read where these letters are drawn from left to right."""

    def draw(canvas: Canvas) -> None:
        registerFont(TTFont("DejaVu", str(DEJAVU)))
        canvas.setFont("DejaVu", 12)
        canvas.drawString(50, 700, words)

    return pdf(draw)[1].text


def test_lam_comes_before_alef_in_a_ligature() -> None:
    assert read("arabic.pdf") == "كلام الاقلات الاسلام"


def test_shaped_letters_are_read_as_people_type_them() -> None:
    shaped = "\ufee1\ufefc\ufeb3"  # meem, lam-alef, seen: "سلام" as it stands on the page
    assert drawn(shaped) == "سلام"
    assert drawn("e\ufb03cient of\ufb01ce") == "efficient office"


def test_a_number_in_arabic_is_not_turned_around() -> None:
    assert drawn("2024 \u0645\u0627\u0639") == "عام 2024"


def test_letters_that_no_font_has_are_left_out_and_told() -> None:
    document = load_document((FILES / "letter.pdf").read_bytes(), "letter.pdf")
    assert document.text == "The mast is eleven metres tall and made of larch."
    (said,) = document.omissions
    assert said.startswith("Page 1: 2 characters are left out")


def test_a_page_in_a_font_without_letters_is_named() -> None:
    with pytest.raises(DocumentError, match="font does not say which letters"):
        read("garbled.pdf")


def test_a_page_in_a_font_without_letters_is_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans, "has_ocr", lambda: False)
    with PdfDocument.new() as both:
        both.import_pages(PdfDocument(FILES / "garbled.pdf"))
        both.import_pages(PdfDocument(FILES / "letter.pdf"))
        out = BytesIO()
        both.save(out)
    document = load_document(out.getvalue(), "a.pdf")
    assert document.unread_pages == (1,)
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", document.text)
    assert any("pip install 'aiqa[ocr]'" in said for said in document.omissions)


def test_a_damaged_page_does_not_cost_the_others() -> None:
    document = load_document((FILES / "damaged.pdf").read_bytes(), "damaged.pdf")
    assert document.text == "The spare rope is in the loft above the boat store."
    assert document.unread_pages == (2,)
    assert document.omissions == ("Page 2 is damaged and cannot be read.",)


def footnoted(canvas: Canvas) -> None:
    column(canvas, 50, 700, LEFT + " In the spring the keepers", width=480)
    canvas.setFont("Helvetica", 5)
    canvas.drawString(50, 63, "1")
    canvas.setFont("Helvetica", 7)
    canvas.drawString(55, 60, "The report is due on 15 November and is not longer")
    canvas.drawString(50, 51, "than nine pages.")
    canvas.drawString(50, 42, "2 In the harbour office.")
    canvas.showPage()
    canvas.setFont("Helvetica", 10)
    column(canvas, 50, 700, "paint the tower white again. " + RIGHT, width=480)


def test_footnotes_are_notes_and_do_not_cut_the_paragraph_above_them() -> None:
    _, document = pdf(footnoted)
    notes = [
        (block.label, document.text[block.start : block.end], document.page_at(block.start))
        for block in document.blocks
        if block.kind == "note"
    ]
    assert notes == [
        ("footnote 1", "The report is due on 15 November and is not longer than nine pages.", 1),
        ("footnote 2", "In the harbour office.", 1),
    ]
    assert f"{LEFT} In the spring the keepers paint the tower white again. {RIGHT}" in document.text
