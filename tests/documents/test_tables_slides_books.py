"""Loaders for sheets, slides, records and books."""

from __future__ import annotations

import json
from io import BytesIO
from zipfile import ZipFile

import pptx
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from aiqa.documents import load_document
from aiqa.errors import DocumentError
from aiqa.types import Document, locator


def page_of(document: Document, words: str) -> int | None:
    return document.page_at(document.text.index(words))


def workbook(**sheets: list[list[object]]) -> bytes:
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return out.getvalue()


def slides() -> bytes:
    presentation = pptx.Presentation()
    presentation.core_properties.title = "Harbour plan"
    first = presentation.slides.add_slide(presentation.slide_layouts[1])
    first.shapes.title.text = "Dredging"
    first.placeholders[1].text_frame.text = "Starts in May"
    first.placeholders[1].text_frame.add_paragraph().text = "Ends in June"
    second = presentation.slides.add_slide(presentation.slide_layouts[5])
    second.shapes.title.text = "Costs"
    table = second.shapes.add_table(2, 2, 0, 3_000_000, 3_000_000, 1_000_000).table
    for row, cells in enumerate((("Item", "Crowns"), ("Pump", "90"))):
        for column, words in enumerate(cells):
            table.cell(row, column).text = words
    second.notes_slide.notes_text_frame.text = "Mention the subsidy."
    out = BytesIO()
    presentation.save(out)
    return out.getvalue()


def book(*chapters: str, **more: str) -> bytes:
    items = "".join(f'<item id="c{n}" href="c%20{n}.xhtml"/>' for n, _ in enumerate(chapters))
    spine = "".join(f'<itemref idref="c{n}"/>' for n, _ in enumerate(chapters))
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OPS/package.opf"/></rootfiles></container>',
        )
        archive.writestr(
            "OPS/package.opf",
            '<package xmlns="http://www.idpf.org/2007/opf"><metadata>'
            '<title xmlns="http://purl.org/dc/elements/1.1/">Sea tales</title></metadata>'
            f"<manifest>{items}</manifest><spine>{spine}</spine></package>",
        )
        for n, chapter in enumerate(chapters):
            archive.writestr(f"OPS/c {n}.xhtml", f"<html><body>{chapter}</body></html>")
        for name, content in more.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


def test_rows_of_a_workbook_have_their_columns_names_and_the_sheets_row_numbers() -> None:
    data = workbook(
        Crew=[["Name", "Age"], ["Ada Moor", 41], [], ["Tom Reed", 29.5]],
        Empty=[],
        One=[["Total 3"]],
    )
    document = load_document(data, "a.xlsx")
    assert document.text == (
        "Crew\n\nName: Ada Moor; Age: 41\nName: Tom Reed; Age: 29.5\n\nEmpty\n\nOne\n\nTotal 3"
    )
    assert page_of(document, "Ada Moor") == 2
    assert page_of(document, "Tom Reed") == 4
    assert document.section_at(document.text.index("Tom Reed")) == ("Crew",)
    assert locator("a.xlsx", 4, "Crew") == "§ Crew, row 4"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separated_values_are_read_by_their_own_separator(separator: str) -> None:
    lines = ["Boat|Fee", 'Dinghy|"4 crowns, half in winter"', "Yacht|9"]
    document = load_document("\n".join(lines).replace("|", separator).encode(), "a.csv")
    assert document.text.startswith("Boat: Dinghy; Fee: 4 crowns, half in winter\n")
    assert page_of(document, "Yacht") == 3
    assert locator("a.csv", 3, "") == "row 3"


def test_a_table_without_a_header_keeps_its_first_row() -> None:
    assert load_document(b"1887,Ada\n1910,Tom\n", "a.csv").text == "1887; Ada\n1910; Tom"


def test_slides_are_pages_with_tables_and_notes() -> None:
    document = load_document(slides(), "a.pptx")
    assert document.title == "Harbour plan"
    assert document.text == (
        "Dredging\n\n- Starts in May\n- Ends in June\n\n"
        "Costs\n\nItem: Pump; Crowns: 90\n\nMention the subsidy."
    )
    assert page_of(document, "Ends in June") == 1
    assert page_of(document, "Mention") == 2
    assert locator("a.pptx", 2, "Costs") == "slide 2, § Costs"


@pytest.mark.parametrize("lines", [False, True])
def test_records_become_lines_with_their_paths(lines: bool) -> None:  # noqa: FBT001
    records = [{"boat": {"name": "Petrel", "masts": 2}, "crew": ["Ada", "Tom"]}, {"boat": None}, 7]
    source = "\n".join(map(json.dumps, records)) if lines else json.dumps(records)
    document = load_document(source.encode(), "a.jsonl" if lines else "a.json")
    assert document.text == "boat.name: Petrel; boat.masts: 2; crew: Ada; crew: Tom\n7"
    assert page_of(document, "7") == 3
    assert locator("a.json", 3, "") == "record 3"


def test_a_book_has_its_chapters_in_order_with_headings() -> None:
    storm = (
        "<h1>The storm</h1><p>It blew <em>hard</em>.</p><ul><li>one<ol><li>in</li></ol></li></ul>"
    )
    calm = (
        "<h1>The calm</h1><div>No wind<br/>at all<p>none</p></div><script>no()</script>"
        "<table><tr><th>Day</th><th>Wind</th></tr><tr><td>2</td><td>0</td></tr></table>"
    )
    document = load_document(book(storm, calm), "a.epub")
    assert document.title == "Sea tales"
    assert document.text == (
        "The storm\n\nIt blew hard.\n\n- one\n1. in\n\n"
        "The calm\n\nNo wind at all\n\nnone\n\nDay: 2; Wind: 0"
    )
    assert document.section_at(document.text.index("none")) == ("The calm",)


AES = "http://www.w3.org/2001/04/xmlenc#aes128-cbc"
FONT = "http://www.idpf.org/2008/embedding"


def encryption(name: str, method: str) -> str:
    return (
        '<encryption xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:EncryptedData>'
        f'<e:EncryptionMethod Algorithm="{method}"/><e:CipherData>'
        f'<e:CipherReference URI="{name}"/></e:CipherData></e:EncryptedData></encryption>'
    )


def test_a_book_with_a_disguised_font_or_one_locked_chapter_is_read() -> None:
    data = book("<p>x</p>", **{"META-INF__encryption_xml": encryption("OPS/a.otf", FONT)})
    assert load_document(data, "a.epub").text == "x"
    data = book(
        "<p>x</p>", "<p>y</p>", **{"META-INF__encryption_xml": encryption("OPS/c 1.xhtml", AES)}
    )
    document = load_document(data, "a.epub")
    assert document.text == "x"
    assert document.omissions == ("The chapter OPS/c 1.xhtml is protected (DRM).",)


def test_a_protected_book_is_named_as_such() -> None:
    data = book("<p>x</p>", **{"META-INF__encryption_xml": encryption("OPS/c%200.xhtml", AES)})
    with pytest.raises(DocumentError, match="DRM"):
        load_document(data, "a.epub")


def test_entities_of_a_book_are_not_expanded() -> None:
    bomb = '<!DOCTYPE p [<!ENTITY a "boom"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><p>calm &b;</p>'
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("META-INF/container.xml", bomb)
    with pytest.raises(DocumentError):
        load_document(out.getvalue(), "a.epub")
    assert "boom" not in load_document(book(bomb), "a.epub").text


@pytest.mark.parametrize(
    ("source", "data"),
    [("a.pptx", slides()), ("a.xlsx", workbook(A=[["x", "y"]])), ("a.epub", book("<p>x</p>"))],
)
def test_damaged_and_encrypted_files_are_explained(source: str, data: bytes) -> None:
    with pytest.raises(DocumentError, match="not a readable"):
        load_document(data[:200], source)
    with pytest.raises(DocumentError, match=r"encrypted|truncated"):
        load_document(bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600), source)


cells = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)


@given(st.lists(st.lists(cells, min_size=1, max_size=4), min_size=1, max_size=8))
def test_every_word_of_a_sheet_is_in_its_text(rows: list[list[str]]) -> None:
    try:
        text = load_document(workbook(A=[list(row) for row in rows]), "a.xlsx").text
    except DocumentError as error:
        assert "no text" in str(error)  # noqa: PT017
        return
    # The name of a column in which no row has a value is not repeated by any.
    filled = [row for row in rows if any(map(str.strip, row))]
    for cell in (cell for row in filled[1:] for cell in row):
        assert " ".join(cell.split()) in text


@given(st.binary(max_size=300), st.sampled_from(["a.pptx", "a.xlsx", "a.csv", "a.json", "a.epub"]))
def test_any_bytes_load_or_are_refused(data: bytes, source: str) -> None:
    try:
        assert load_document(data, source).text.strip()
    except DocumentError as error:
        assert str(error)  # noqa: PT017
