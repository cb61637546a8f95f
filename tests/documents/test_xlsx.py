"""Excel workbooks: their tables, and what is noted beside the cells."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import xlsxwriter

from aiqa.documents import load_document
from aiqa.errors import DocumentError
from aiqa.types import Document

FILES = Path(__file__).parent / "files/cases"
Fill = Callable[[Any, Any], None]


def workbook(fill: Fill, **options: object) -> bytes:
    """A workbook with a sheet "Crew list" that ``fill`` has written to."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, options) as book:
        fill(book, book.add_worksheet("Crew list"))
    return out.getvalue()


def changed(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """The package with ``change`` made to each part."""
    out = BytesIO()
    with ZipFile(BytesIO(data)) as source, ZipFile(out, "w") as target:
        for name in source.namelist():
            target.writestr(name, change(name, source.read(name)))
    return out.getvalue()


def put(sheet: Any, row: int, column: int, *rows: list[object], style: Any = None) -> None:
    for number, cells in enumerate(rows):
        sheet.write_row(row + number, column, cells, style)


def place_of(document: Document, words: str) -> str:
    return document.place_at(document.text.index(words))


def read(name: str) -> Document:
    return load_document((FILES / name).read_bytes(), name)


def test_numbers_are_shown_as_in_the_sheet() -> None:
    text = read("formats.xlsx").text
    for line in ("Discount: 25%", "Deposit: $1,250.50", "Postcode: 01234", "Sum of parts: 0.3",
                 "Shift length: 37:30", "Signed on: 9 March 2025", "Active: TRUE"):  # fmt: skip
        assert line in text.split("\n")


def test_merged_names_and_labels_hold_for_all_they_cover() -> None:
    document = read("merged.xlsx")
    assert "Field: Mill field; Spring Seed: peas; Spring Yield: 2.2" in document.text
    assert place_of(document, "peas") == "Plan!B5"


def test_comments_boxes_charts_and_hidden_sheets_are_text() -> None:
    document = read("extras.xlsx")
    kinds = {document.text[block.start : block.end]: block.kind for block in document.blocks}
    assert kinds["Raised to 5 bar after the May inspection."] == "comment"
    assert kinds["Call Ola Finch before any change."] == "paragraph"
    assert kinds["Pump settings in June"] == "caption"
    assert kinds["Secret (hidden sheet)"] == "heading"
    assert place_of(document, "Raised") == "comment on B2"


def test_cells_have_their_addresses_in_tables_of_their_own() -> None:
    def fill(_: Any, sheet: Any) -> None:
        put(sheet, 2, 1, ["Boats of the harbour"], ["Boat", "Fee"], ["Dory", 4], ["Yawl", 7])
        put(sheet, 3, 5, ["Town", "People"], ["Wick", 700], ["Ull", 4000])
        put(sheet, 8, 1, ["Roof", "Built"], ["slate", "in 1894"])
        put(sheet, 9, 8, ["far"])
        put(sheet, 1048575, 16383, ["corner"])

    document = load_document(workbook(fill), "a.xlsx")
    tables = [block for block in document.blocks if block.kind == "table"]
    assert [block.label for block in tables] == ["B3", "F4", "B9", "I10", "XFD1048576"]
    assert document.text == (
        "Crew list\n\nBoats of the harbour\nBoat: Dory; Fee: 4\nBoat: Yawl; Fee: 7\n\n"
        "Town: Wick; People: 700\nTown: Ull; People: 4000\n\nRoof: slate; Built: in 1894\n\n"
        "far\n\ncorner"
    )
    places = {"Dory": "B5", "7": "C6", "Ull": "F6", "in 1894": "C10", "corner": "XFD1048576"}
    assert {words: place_of(document, words) for words in places} == {
        words: f"Crew list!{address}" for words, address in places.items()
    }
    assert document.page_at(document.text.index("Yawl")) == 6


def test_a_table_goes_on_after_blank_rows() -> None:
    def fill(_: Any, sheet: Any) -> None:
        put(sheet, 0, 0, ["Name", "Age"], ["Ada", 41], [], ["Tom", 29], [], [], ["Total", 70])

    document = load_document(workbook(fill), "a.xlsx")
    assert document.text.endswith("Name: Ada; Age: 41\nName: Tom; Age: 29\nName: Total; Age: 70")
    assert place_of(document, "70") == "Crew list!B7"


def test_a_blank_column_within_a_table_is_none_between_tables() -> None:
    def fill(_: Any, sheet: Any) -> None:
        put(sheet, 0, 0, ["Name", None, "2022", None, "2023"], ["Ada", None, 4, None, 5])

    text = load_document(workbook(fill), "a.xlsx").text
    assert text.endswith("\n\nName: Ada; 2022: 4; 2023: 5")


def test_bold_rows_and_declared_tables_have_names() -> None:
    def fill(book: Any, sheet: Any) -> None:
        put(sheet, 0, 0, ["Term", "Meaning"], style=book.add_format({"bold": True}))
        put(sheet, 1, 0, ["Ebb", "out"], ["Flow", "in"])
        columns = [{"header": "2001"}, {"header": "2002"}]
        sheet.add_table("C1:D2", {"columns": columns, "data": [[1999, 2000]]})

    text = load_document(workbook(fill), "a.xlsx").text
    assert text.endswith(
        "\n\nTerm: Ebb; Meaning: out\nTerm: Flow; Meaning: in\n\n2001: 1999; 2002: 2000"
    )


def test_a_comment_names_its_author_once() -> None:
    def fill(_: Any, sheet: Any) -> None:
        put(sheet, 0, 0, ["Ada"])
        sheet.write_comment("A1", "Ola Finch:\nAsk her first", {"author": "Ola Finch"})

    document = load_document(workbook(fill), "a.xlsx")
    assert document.text == "Crew list\n\nAda\n\nAsk her first"
    assert place_of(document, "Ask") == "comment by Ola Finch on A1"


def test_values_of_a_chart_are_shown_unless_they_stand_in_the_workbook() -> None:
    def fill(book: Any, sheet: Any) -> None:
        put(sheet, 0, 0, ["May", 4], ["June", 5])
        chart = book.add_chart({"type": "column"})
        chart.add_series({"categories": "='Crew list'!$A$1:$A$2", "values": "='Crew list'!B1:B2"})
        chart.set_title({"name": "Hands"})
        sheet.insert_chart("D1", chart)

    data = workbook(fill)
    assert load_document(data, "a.xlsx").text.count("June") == 1

    def outside(_: str, part: bytes) -> bytes:
        return part.replace(b"<c:f>'Crew list'!", b"<c:f>[1]Old!")

    document = load_document(changed(data, outside), "a.xlsx")
    assert document.text.partition("Hands")[2] == "\n\nMay: 4\nJune: 5"


@pytest.mark.parametrize("suffix", [".xlsm", ".xltx", ".xltm"])
def test_templates_and_workbooks_with_macros_are_read_alike(suffix: str) -> None:
    document = load_document((FILES / "merged.xlsx").read_bytes(), f"a{suffix}")
    assert document.text == read("merged.xlsx").text


def test_strict_workbooks_are_read() -> None:
    def strict(_: str, part: bytes) -> bytes:
        for old, new in (
            (b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
             b"http://purl.oclc.org/ooxml/spreadsheetml/main"),
            (b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
             b"http://purl.oclc.org/ooxml/officeDocument/relationships"),
        ):  # fmt: skip
            part = part.replace(old, new)
        return part

    data = changed((FILES / "formats.xlsx").read_bytes(), strict)
    assert load_document(data, "a.xlsx").text == read("formats.xlsx").text


def test_a_damaged_part_is_noted_and_the_rest_is_read() -> None:
    def fill(book: Any, sheet: Any) -> None:
        put(sheet, 0, 0, ["Name", "Age"], ["Ada", 41])
        put(book.add_worksheet("Two"), 0, 0, ["Yawl"])

    def break_styles(name: str, part: bytes) -> bytes:
        return b"" if name == "xl/styles.xml" else part

    document = load_document(changed(workbook(fill), break_styles), "a.xlsx")
    assert "Name: Ada; Age: 41" in document.text
    assert "The formats of the workbook's numbers" in document.omissions[0]

    def break_sheet(name: str, part: bytes) -> bytes:
        return b"" if name == "xl/worksheets/sheet1.xml" else part

    document = load_document(changed(workbook(fill), break_sheet), "a.xlsx")
    assert "Yawl" in document.text
    assert "The sheet 'Crew list'" in document.omissions[0]


def test_entities_are_not_expanded() -> None:
    def bomb(name: str, part: bytes) -> bytes:
        if name != "xl/sharedStrings.xml":
            return part
        return part.replace(
            b"<sst", b'<!DOCTYPE sst [<!ENTITY a "boom"><!ENTITY b "&a;&a;&a;">]><sst', 1
        ).replace(b"Ada", b"A&b;")

    data = workbook(lambda _, sheet: put(sheet, 0, 0, ["Ada", "Tom"]))
    assert "boom" not in load_document(changed(data, bomb), "a.xlsx").text


def test_an_encrypted_workbook_is_named_as_such() -> None:
    data = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(DocumentError, match="is encrypted"):
        load_document(data, "a.xlsx")


def test_headers_of_printed_pages_and_descriptions_of_charts_are_read() -> None:
    def fill(book: Any, sheet: Any) -> None:
        put(sheet, 0, 0, ["Oil", 3], ["Wick", 4])
        sheet.set_header('&L&"Arial,Bold"Draft &D&RR && D')
        sheet.set_footer("&P of &N")
        chart = book.add_chart({"type": "pie"})
        chart.add_series({"values": "='Crew list'!$B$1:$B$2"})
        sheet.insert_chart("D2", chart, {"description": "A pie of two parts"})

    document = load_document(workbook(fill), "a.xlsx")
    shown = [(block.kind, document.text[block.start : block.end]) for block in document.blocks]
    assert ("page header", "Draft R & D") in shown
    assert ("caption", "A pie of two parts") in shown
    assert not [words for kind, words in shown if kind == "page footer"]


@pytest.mark.parametrize(
    "result",
    [
        pytest.param(b"<v>0</v>", id="a zero until Excel opens it"),
        pytest.param(b"<v></v>", id="an empty value"),
        pytest.param(b"", id="no value"),
    ],
)
def test_results_that_were_never_calculated_are_named_and_not_shown(result: bytes) -> None:
    def fill(_: Any, sheet: Any) -> None:
        put(sheet, 0, 0, ["Oil", 3], ["Wick", 4])
        sheet.write_formula("B3", "=SUM(B1:B2)")
        sheet.write_formula("B4", "=2*B2", None, 8)

    zero = b"<f>SUM(B1:B2)</f>"
    data = changed(workbook(fill), lambda _, part: part.replace(zero + b"<v>0</v>", zero + result))
    document = load_document(data, "a.xlsx")
    assert document.text.split("\n")[-1] == "8"
    assert "0" not in document.text
    (omission,) = document.omissions
    assert "(1 cells)" in omission


def test_a_file_embedded_in_a_sheet_is_named() -> None:
    package = "http://schemas.openxmlformats.org"
    relation = (
        f'<Relationships xmlns="{package}/package/2006/relationships"><Relationship Id="r9" '
        f'Type="{package}/officeDocument/2006/relationships/package" '
        'Target="../embeddings/Plan.docx"/></Relationships>'
    )
    out = BytesIO()
    data = workbook(lambda _, sheet: put(sheet, 0, 0, ["Tide", "High"], ["Neap", 3.9]))
    with ZipFile(BytesIO(data)) as source, ZipFile(out, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
        target.writestr("xl/worksheets/_rels/sheet1.xml.rels", relation)
        target.writestr("xl/embeddings/Plan.docx", b"PK")
    document = load_document(out.getvalue(), "a.xlsx")
    assert document.text == "Crew list\n\nTide: Neap; High: 3.9"
    assert document.omissions == (
        "On the sheet 'Crew list', the embedded file Plan.docx was not read.",
    )
