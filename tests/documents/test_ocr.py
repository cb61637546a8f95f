"""Text in pictures: scanned pages of PDFs, and photographs."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import matplotlib as mpl
import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from aiqa.documents import image as image_module
from aiqa.documents import is_supported, load_document, ocr_extra
from aiqa.documents.ocr import PictureText
from aiqa.documents.pdf import scans
from aiqa.documents.pdf.highlights import boxes
from aiqa.documents.pdf.lines import Line
from aiqa.errors import DocumentError
from aiqa.types import Span
from tests.conftest import Open
from tests.documents.test_pdf import LEFT, column, pdf

LINES = [
    "The lamp was lit in the winter of 1887.",
    "Its keeper is Ada Moor.",
    "The fee of a yacht is 9 crowns.",
]
FONT = ImageFont.truetype(str(Path(mpl.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")), 28)


SIDE = 660
"""Pixels: OCR enlarges a picture by its shorter side, so a square takes it the least time."""


def photograph(lines: list[str] = LINES) -> Image.Image:
    picture = Image.new("RGB", (SIDE, SIDE), "white")
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        draw.text((40, 30 + 60 * number), line, font=FONT, fill="black")
    return picture


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def scanned(canvas: Canvas) -> None:
    """A page of text, a scan with a stamp upon it, and a page with a small picture."""
    column(canvas, 50, 700, LEFT)
    canvas.showPage()
    canvas.drawImage(ImageReader(photograph()), 0, 200, 590, 590)
    canvas.showPage()
    column(canvas, 50, 700, LEFT)
    canvas.drawImage(ImageReader(photograph()), 50, 50, 100, 50)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF"])
def test_a_picture_is_read(kind: str) -> None:
    document = load_document(saved(photograph(), kind), f"photo.{kind.lower()}")
    assert document.format == "image"
    assert " ".join(document.text.split()) == " ".join(LINES)
    assert document.ocr_pages == (1,)
    assert not document.unread_pages


def test_each_frame_is_a_page() -> None:
    frames = [photograph([line]) for line in LINES[1:]]
    data = saved(frames[0], "TIFF", save_all=True, append_images=frames[1:])
    document = load_document(data, "a.tif")
    assert document.text.split("\n\n") == LINES[1:]
    assert [page.number for page in document.pages] == [1, 2]


def test_a_photograph_that_lies_on_its_side_is_turned_as_its_camera_says() -> None:
    picture = photograph()
    picture.getexif()[0x0112] = 8
    data = saved(picture.rotate(-90, expand=True), "JPEG", exif=picture.getexif())
    assert LINES[1] in load_document(data, "a.jpg").text


def test_a_word_is_drawn_where_it_stands_on_the_picture() -> None:
    document = load_document(saved(photograph(), "PNG"), "a.png")
    (layout,) = document.layouts
    start = document.text.index("Moor")
    (box,) = boxes(document.layouts, Span(start, start + 4))
    pixels = SIDE / layout.width
    left, top, right, bottom = FONT.getbbox("Moor")
    before = FONT.getlength(LINES[1][: LINES[1].index("Moor")])
    assert box.left * pixels == pytest.approx(40 + before + left, abs=14)
    assert box.right * pixels == pytest.approx(40 + before + right, abs=14)
    assert box.top * pixels == pytest.approx(90 + top, abs=14)
    assert box.bottom * pixels == pytest.approx(90 + bottom, abs=14)


def test_scanned_pages_of_a_pdf_are_read_and_said_to_be() -> None:
    _, document = pdf(scanned)
    assert document.ocr_pages == (2,)
    assert not document.unread_pages
    start = document.text.index("Ada Moor")
    assert document.page_at(start) == 2
    (box,) = boxes(document.layouts, Span(start, start + 8))
    line = 842 - 790 + 590 * 110 / SIDE  # the second of three, in a picture 590 points high
    assert box.page == 2
    assert abs((box.top + box.bottom) / 2 - line) < 20


def test_an_index_remembers_what_was_read_by_ocr(tmp_path: Path, open_assistant: Open) -> None:
    def draw(canvas: Canvas) -> None:
        scanned(canvas)
        canvas.showPage()
        canvas.rect(50, 50, 400, 600, fill=1)

    with ZipFile(tmp_path / "a.zip", "w") as archive:  # so that one process reads both
        archive.writestr("a.pdf", pdf(draw)[0])
        archive.writestr("b.png", saved(photograph(), "PNG"))
    assistant = open_assistant(tmp_path / "index")
    assert not assistant.ingest(tmp_path).failed
    stored = {name: assistant.document_at(f"a.zip/{name}") for name in ("a.pdf", "b.png")}
    assert {name: document and document.ocr_pages for name, document in stored.items()} == {
        "a.pdf": (2,),
        "b.png": (1,),
    }
    picture = stored["b.png"]
    assert picture
    shown = Image.open(BytesIO(assistant.picture(picture.id, 1)))
    assert shown.size == (SIDE, SIDE)
    assert assistant.status().unread_pages == {"a.zip/a.pdf": [4]}


def test_without_ocr_scans_are_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans, "has_ocr", lambda: False)
    monkeypatch.setattr(image_module, "has_ocr", lambda: False)
    _, document = pdf(scanned)
    assert (document.ocr_pages, document.unread_pages) == ((), (2,))
    (said,) = document.omissions
    assert said.startswith("Page 2 can only be read by OCR. Run `pip install 'aiqa[ocr]'`")
    with pytest.raises(DocumentError, match="OCR"):
        load_document(saved(photograph(), "PNG"), "a.png")


def test_pictures_are_documents_where_ocr_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_supported(Path("a.PNG"))
    monkeypatch.setattr("aiqa.documents.registry.has_ocr", lambda: False)
    assert not is_supported(Path("a.PNG"))
    assert is_supported(Path("a.pdf"))
    assert ocr_extra.has_ocr()


def test_a_picture_without_words_or_damaged_or_too_large_is_refused() -> None:
    whole = saved(photograph(), "PNG")
    for data, reason in [
        (saved(Image.new("RGB", (300, 300), "white"), "PNG"), "no text"),
        (whole[: len(whole) // 2], "damaged"),
        (b"not a picture", "damaged"),
        (saved(Image.new("1", (12_000, 9_000)), "PNG"), "million"),
    ]:
        with pytest.raises(DocumentError, match=reason):
            load_document(data, "a.png")


def test_doubts_about_a_page_are_told() -> None:
    line = Line("Its keeper", b"", 10, 0, 0, 0)
    assert not list(PictureText([line], 0.95, 0).doubts(3))
    assert list(PictureText([line], 0.71, 2).doubts(3)) == [
        "Page 3 was read by OCR with a confidence of 71%: words may be wrong.",
        "OCR could not read 2 lines of page 3.",
    ]
