"""What is filled in and pinned to the pages of a PDF."""

from __future__ import annotations

from io import BytesIO

from pypdfium2 import PdfDocument
from reportlab.pdfgen.canvas import Canvas

from aiqa.documents import load_document
from aiqa.documents.pdf.highlights import boxes
from aiqa.types import Document
from tests.documents.test_pdf import LEFT, column, pdf


def blocks(document: Document, kind: str) -> list[tuple[str, str]]:
    """The labels and texts of the blocks of a kind."""
    return [
        (block.label, document.text[block.start : block.end])
        for block in document.blocks
        if block.kind == kind
    ]


def filled(canvas: Canvas) -> None:
    canvas.drawString(50, 760, "Application for a mooring")
    form = canvas.acroForm
    form.textfield(name="applicant_name", value="Rowan Pell", x=200, y=690, width=200, height=20)
    form.textfield(name="f1", tooltip="Boat", value="Petrel", x=200, y=660, width=200, height=20)
    form.textfield(name="empty", x=200, y=630, width=200, height=20)
    form.checkbox(name="Insured", checked=True, x=200, y=600)
    form.checkbox(name="Racing", checked=False, x=200, y=570)
    form.choice(
        name="County",
        value="Dorset",
        options=["Devon", "Dorset"],
        x=200,
        y=540,
        width=90,
        height=20,
    )
    form.radio(name="Berth", value="North", selected=False, x=200, y=510)
    form.radio(name="Berth", value="South", selected=True, x=230, y=510)
    canvas.showPage()
    column(canvas, 50, 700, LEFT)


def test_the_values_of_a_form_are_read_with_the_names_of_their_fields() -> None:
    _, document = pdf(filled)
    assert [text for _, text in blocks(document, "form field")] == [
        "applicant name: Rowan Pell",
        "Boat: Petrel",
        "Insured: yes",
        "Racing: no",
        "County: Dorset",
        "Berth: South",
    ]
    assert document.page_at(document.text.index("Berth")) == 1
    assert document.page_at(document.text.index("Gull Rock")) == 2


def test_a_value_is_drawn_where_its_field_stands() -> None:
    _, document = pdf(filled)
    block = next(block for block in document.blocks if block.label == "Boat")
    (box,) = boxes(document.layouts, block.span)
    top = 841.9 - 680
    assert (box.page, box.left, box.right) == (1, 200, 400)
    assert top - 1 <= box.top < box.bottom <= top + 21


def annotated(*annotations: str) -> bytes:
    """A page with a sentence and these annotations."""
    content = "BT /F1 12 Tf 72 700 Td (The tenant pays rent on the first of each month.) Tj ET"
    page = "/MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >>"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R {page} /Annots [{' '.join(annotations)}] >>",
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body = "".join(f"{n} 0 obj\n{said}\nendobj\n" for n, said in enumerate(objects, 1))
    return f"%PDF-1.4\n{body}trailer << /Size 6 /Root 1 0 R >>\n%%EOF".encode()


def annotation(kind: str, words: str, author: str = "", more: str = "", top: int = 700) -> str:
    name = f"/T ({author})" if author else ""
    return (
        f"<< /Type /Annot /Subtype /{kind} /Rect [72 {top - 20} 92 {top}] /Contents ({words}) "
        f"{name} {more} >>"
    )


def test_comments_are_read_with_their_authors() -> None:
    data = annotated(
        annotation("FreeText", "See clause 7.", top=400),
        annotation("Text", "The rent was never indexed.", "Ada Finch"),
        annotation("Highlight", "By cheque only.", "Tom", top=600),
    )
    document = load_document(data, "a.pdf")
    assert blocks(document, "comment") == [
        ("comment by Ada Finch", "The rent was never indexed."),
        ("comment by Tom", "By cheque only."),
        ("comment", "See clause 7."),
    ]


def test_links_windows_and_hidden_notes_are_no_comments() -> None:
    data = annotated(
        annotation("Link", "A link"),
        annotation("Popup", "A window"),
        annotation("Text", "A ghost", more="/F 2"),
        annotation("Highlight", ""),
    )
    document = load_document(data, "a.pdf")
    assert document.text == "The tenant pays rent on the first of each month."


def test_an_xfa_form_is_said_to_be_one() -> None:
    data = annotated().replace(
        b"/Catalog", b"/Catalog /AcroForm << /Fields [] /XFA [(template) 4 0 R] >>"
    )
    assert any("XFA" in said for said in load_document(data, "a.pdf").omissions)


def test_files_attached_to_a_pdf_are_named() -> None:
    data, _ = pdf(lambda canvas: column(canvas, 50, 700, LEFT))
    out = BytesIO()
    with PdfDocument(data) as document:
        document.new_attachment("plan\n.txt").set_data(b"Nine steps.")
        document.save(out)
    read = load_document(out.getvalue(), "a.pdf")
    assert read.text == LEFT
    assert read.omissions == ("The attached file plan .txt was not read.",)
