"""Spreadsheets of other formats than Excel's present one."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from aiqa.documents import load_document
from aiqa.errors import DocumentError

FILES = Path(__file__).parent / "files/cases"
NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {
        "office": "office", "table": "table", "text": "text", "style": "style", "draw": "drawing",
    }.items()
)  # fmt: skip


def ods(content: str, **parts: str) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f'<office:document-content {NAMES} xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"{content}</office:document-content>",
        )
        for name, part in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), part)
    return out.getvalue()


def cell(text: str, more: str = "", **attributes: int) -> str:
    given = " ".join(f'table:number-{name}="{n}"' for name, n in attributes.items())
    given = given.replace("_", "-")
    words = f"<text:p>{text}</text:p>" if text else ""
    return f"<table:table-cell {given}>{words}{more}</table:table-cell>"


def row(*cells: str, repeated: int = 1) -> str:
    return (
        f'<table:table-row table:number-rows-repeated="{repeated}">{"".join(cells)}'
        "</table:table-row>"
    )


@pytest.mark.parametrize("name", ["apples.xls", "apples.ods"])
def test_rows_have_their_names_addresses_and_numbers(name: str) -> None:
    document = load_document((FILES / name).read_bytes(), name)
    assert document.text == (
        "Apples\n\nSort: Russet; Trees: 38; Crates: 212\nSort: Codlin; Trees: 21; Crates: 145"
    )
    codlin = document.text.index("Codlin")
    assert document.place_at(codlin) == "Apples!A3"
    assert document.page_at(codlin) == 3
    assert document.format == "xlsx"


def test_a_workbook_is_known_by_its_content() -> None:
    document = load_document((FILES / "apples.xls").read_bytes(), "apples.xlsx")
    assert "Codlin" in document.text


def test_an_opendocument_sheet_is_read_as_it_is_shown() -> None:
    note = (
        "<office:annotation><dc:creator>Ada</dc:creator><text:p>Ask me</text:p></office:annotation>"
    )
    box = "<draw:frame><draw:text-box><text:p>Mind the step</text:p></draw:text-box></draw:frame>"
    content = (
        "<office:automatic-styles><style:style style:name='off'>"
        "<style:table-properties table:display='false'/></style:style></office:automatic-styles>"
        "<office:body><office:spreadsheet>"
        "<table:table table:name='Plan'>"
        + row(cell("", columns_repeated=1000), repeated=2)
        + row(cell(""), cell("Field"), cell("Share", note))
        + row(
            cell(""),
            cell("Long<text:s text:c='1'/>acre", rows_spanned=2),
            cell("25%", columns_repeated=1),
        )
        + row(cell(""), "<table:covered-table-cell/>", cell("3.75%", box))
        + row(cell("", columns_repeated=16384), repeated=1048000)
        + "</table:table><table:table table:name='Old' table:style-name='off'>"
        + row(cell("gone"))
        + "</table:table></office:spreadsheet></office:body>"
    )
    document = load_document(ods(content), "plan.ods")
    assert document.text == (
        "Plan\n\nField: Long acre; Share: 25%\nField: Long acre; Share: 3.75%\n\nAsk me\n\n"
        "Mind the step\n\nOld (hidden sheet)\n\ngone"
    )
    assert document.place_at(document.text.index("3.75%")) == "Plan!C5"
    assert document.place_at(document.text.index("Ask")) == "comment by Ada on C3"


def test_an_encrypted_opendocument_sheet_is_named_as_such() -> None:
    manifest = "<manifest:manifest><manifest:encryption-data/></manifest:manifest>"
    with pytest.raises(DocumentError, match="encrypted"):
        load_document(ods("", **{"META-INF__manifest_xml": manifest}), "a.ods")


@pytest.mark.parametrize("length", [100, 1000, 3000])
def test_a_damaged_binary_workbook_is_refused_or_read_in_part(length: int) -> None:
    data = (FILES / "apples.xls").read_bytes()[:length]
    with pytest.raises(DocumentError, match=r"damaged|truncated"):
        load_document(data, "a.xls")


def test_a_spreadsheet_in_one_xml_file_is_read() -> None:
    rows = row(cell("Hen"), cell("Eggs")) + row(cell("Dora"), cell("212"))
    flat = (
        f'<?xml version="1.0"?><office:document {NAMES} '
        'office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:body>'
        f'<office:spreadsheet><table:table table:name="Coop">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document>"
    )
    document = load_document(flat.encode(), "a.fods")
    assert document.text == "Coop\n\nHen: Dora; Eggs: 212"
    assert document.place_at(document.text.index("212")) == "Coop!B2"
