"""OpenDocument texts and presentations."""

from __future__ import annotations

import zipfile
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest

from aiqa.documents import load_document
from aiqa.errors import DocumentError
from aiqa.types import Block, Document

CASES = Path(__file__).parent / "files" / "cases"
_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
_SPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "office": f"{_OASIS}:office:1.0", "text": f"{_OASIS}:text:1.0",
        "table": f"{_OASIS}:table:1.0", "draw": f"{_OASIS}:drawing:1.0",
        "style": f"{_OASIS}:style:1.0", "svg": f"{_OASIS}:svg-compatible:1.0",
        "presentation": f"{_OASIS}:presentation:1.0", "dc": "http://purl.org/dc/elements/1.1/",
        "xlink": "http://www.w3.org/1999/xlink", "manifest": f"{_OASIS}:manifest:1.0",
    }.items()
)  # fmt: skip


def file(body: str, kind: str = "text", automatic: str = "", **parts: str) -> bytes:
    """An OpenDocument file with this body; ``parts`` are further ones by name without suffix."""
    out = BytesIO()
    contents = {
        "content": f"<office:automatic-styles>{automatic}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body>"
    } | parts
    with zipfile.ZipFile(out, "w") as folder:
        folder.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        for name, content in contents.items():
            path = "META-INF/manifest.xml" if name == "manifest" else f"{name}.xml"
            folder.writestr(path, f"<office:document {_SPACES}>{content}</office:document>")
    return out.getvalue()


def read(body: str, **parts: str) -> Document:
    return load_document(file(body, **parts), "a.odt")


def blocks(document: Document, kind: str) -> list[tuple[str, str]]:
    """Label and text of the blocks of a kind."""
    return [(b.label, document.text[b.start : b.end]) for b in document.blocks if b.kind == kind]


def test_a_text_has_headings_paragraphs_tables_and_lists() -> None:
    document = load_document((CASES / "smokehouse.odt").read_bytes(), "smokehouse.odt")
    assert (document.format, document.title) == ("odt", "The smokehouse")
    assert document.text == (
        "The smokehouse\n\n"
        "Fish is hung for eleven hours over alder wood.\n\n"
        "Fish: Herring; Salt: 40 grams; Hours: 9\n"
        "Fish: Eel; Salt: 55 grams; Hours: 14\n\n"
        "- Open the flue first\n- Never leave the fire alone"
    )


def test_slides_are_pages_with_titles_tables_notes_and_comments() -> None:
    document = load_document((CASES / "mill.odp").read_bytes(), "mill.odp")
    assert document.page_at(document.text.index("Spelt")) == 2
    assert document.section_at(document.text.index("Rye")) == ("Figures",)
    slide = (
        '<draw:page><draw:frame svg:y="5cm"><draw:text-box><text:p>Below.</text:p></draw:text-box>'
        '</draw:frame><draw:g><draw:custom-shape svg:y="1cm"><text:p>Above.</text:p>'
        "</draw:custom-shape></draw:g>"
        '<draw:frame presentation:class="title"><draw:text-box><text:p>Tides</text:p>'
        "</draw:text-box></draw:frame>"
        "<office:annotation><dc:creator>Ada</dc:creator><text:p>Check.</text:p></office:annotation>"
        '<presentation:notes><draw:frame presentation:class="notes"><draw:text-box>'
        "<text:p>Speak slowly.</text:p></draw:text-box></draw:frame></presentation:notes>"
        "</draw:page>"
    )
    document = load_document(file(slide, "presentation"), "a.odp")
    assert document.text == "Tides\n\nAbove.\n\nBelow.\n\nCheck.\n\nSpeak slowly."
    assert blocks(document, "comment") == [("comment by Ada", "Check.")]
    assert blocks(document, "note") == [("speaker notes", "Speak slowly.")]


NUMBERED = (
    '<text:list-style style:name="L">'
    '<text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/>'
    '<text:list-level-style-number text:level="2" style:num-format="a" style:num-suffix=")"/>'
    "</text:list-style>"
)


def test_lists_show_their_numbers_and_go_on_counting() -> None:
    body = (
        '<text:list text:style-name="L"><text:list-item><text:p>One</text:p>'
        "<text:list><text:list-item><text:p>Deep</text:p></text:list-item>"
        "<text:list-item><text:p>Deeper</text:p></text:list-item></text:list></text:list-item>"
        "<text:list-item><text:p>Two</text:p><text:p>more</text:p></text:list-item></text:list>"
        "<text:p>Between.</text:p>"
        '<text:list text:style-name="L" text:continue-numbering="true">'
        "<text:list-item><text:p>Three</text:p></text:list-item>"
        '<text:list-item text:start-value="7"><text:p>Seven</text:p></text:list-item></text:list>'
        '<text:list text:style-name="L"><text:list-item><text:p>Anew</text:p></text:list-item>'
        "</text:list>"
    )
    document = read(body, automatic=NUMBERED)
    assert document.text == (
        "1. One\na) Deep\nb) Deeper\n2. Two\nmore\n\nBetween.\n\n3. Three\n7. Seven\n1. Anew"
    )
    assert [block.level for block in document.blocks if block.label in ("a)", "b)")] == [2, 2]


def test_headings_show_the_numbers_of_the_outline() -> None:
    outline = (
        "<text:outline-style>"
        '<text:outline-level-style text:level="1" style:num-format="1"/>'
        '<text:outline-level-style text:level="2" style:num-format="1" text:display-levels="2"/>'
        "</text:outline-style>"
    )
    headings = "".join(
        f'<text:h text:outline-level="{level}">{words}</text:h>'
        for level, words in ((1, "Terms"), (2, "Notice"), (1, "Fees"), (2, "Rates"))
    )
    document = read(headings, styles=outline)
    assert document.text.split("\n\n") == ["1 Terms", "1.1 Notice", "2 Fees", "2.1 Rates"]


def test_deleted_words_are_left_out_and_notes_comments_and_boxes_follow_their_paragraph() -> None:
    body = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>sixty</text:p>"
        "</text:deletion></text:changed-region></text:tracked-changes>"
        '<text:p>The notice<text:s text:c="2"/>is <text:change text:change-id="1"/>forty days'
        '<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation>'
        "<text:note-body><text:p>From receipt.</text:p></text:note-body></text:note>."
        "<office:annotation><dc:creator>Tom Reed</dc:creator><dc:date>2025-03-01</dc:date>"
        "<text:p>Too long?</text:p></office:annotation>"
        "<draw:frame><draw:text-box><text:p>In a box.</text:p></draw:text-box></draw:frame>"
        "<draw:frame><draw:image/><svg:title>Map of the routes</svg:title></draw:frame>"
        '<draw:frame draw:name="Chart 1"><draw:object xlink:href="./Object 1"/></draw:frame>'
        "</text:p><text:p>After.</text:p>"
    )
    document = read(body)
    assert document.text == (
        "The notice is forty days[1].\n\nFrom receipt.\n\nToo long?\n\nIn a box.\n\n"
        "Map of the routes\n\nAfter."
    )
    assert blocks(document, "note") == [("footnote 1", "From receipt.")]
    assert blocks(document, "comment") == [("comment by Tom Reed", "Too long?")]
    assert document.omissions == ("The embedded object Chart 1 was not read.",)


def test_charts_and_formulas_are_read_as_their_data() -> None:
    chart = (
        "<office:chart><chart:title xmlns:chart='urn:c'><text:p>Visitors</text:p></chart:title>"
        "<table:table><table:table-header-rows><table:table-row>"
        "<table:table-cell><text:p>Month</text:p></table:table-cell>"
        "<table:table-cell><text:p>People</text:p></table:table-cell></table:table-row>"
        "</table:table-header-rows><table:table-row>"
        "<table:table-cell><text:p>May</text:p></table:table-cell>"
        "<table:table-cell><text:p>731</text:p></table:table-cell></table:table-row>"
        "</table:table></office:chart>"
    )
    formula = (
        "<math xmlns='http://www.w3.org/1998/Math/MathML'><semantics><mi>F</mi>"
        "<annotation>F = m a</annotation></semantics></math>"
    )
    body = "<text:p>Words.{}{}</text:p>".format(
        *(f'<draw:frame><draw:object xlink:href="./Object {n}"/></draw:frame>' for n in (1, 2))
    )
    document = read(body, **{"Object 1/content": chart, "Object 2/content": formula})
    assert document.text == "Words.\n\nVisitors\n\nMonth: May; People: 731\n\nF = m a"
    assert document.omissions == ()


def test_cells_that_are_merged_or_repeated_keep_their_columns() -> None:
    def row(*cells: str, attributes: str = "") -> str:
        return f"<table:table-row {attributes}>{''.join(cells)}</table:table-row>"

    def cell(words: str, attributes: str = "") -> str:
        return f"<table:table-cell {attributes}><text:p>{words}</text:p></table:table-cell>"

    covered = "<table:covered-table-cell/>"
    body = "<table:table><table:table-header-rows>{}</table:table-header-rows>{}</table:table>"
    document = read(
        body.format(
            row(cell("Boat"), cell("Fee"), cell("Pier")),
            row(cell("Dinghy", 'table:number-rows-spanned="2"'), cell("4 crowns"), cell("North"))
            + row(covered, cell("5 crowns", 'table:number-columns-repeated="2"')),
        )
    )
    assert document.text == (
        "Boat: Dinghy; Fee: 4 crowns; Pier: North\nBoat: Dinghy; Fee: 5 crowns; Pier: 5 crowns"
    )


def test_page_headers_and_footers_stand_at_the_end_once() -> None:
    master = (
        "<style:header><text:p>KI-20417</text:p></style:header>"
        "<style:header-left><text:p>KI-20417</text:p></style:header-left>"
        "<style:footer><text:p>Harbour office</text:p></style:footer>"
    )
    document = read("<text:p>Words.</text:p>", styles=master)
    assert document.text == "Words.\n\nKI-20417\n\nHarbour office"
    assert blocks(document, "page header") == [("", "KI-20417")]
    assert blocks(document, "page footer") == [("", "Harbour office")]


def test_the_table_of_contents_is_not_repeated_as_text() -> None:
    contents = (
        "<text:table-of-content><text:index-body><text:p>Terms 3</text:p></text:index-body>"
        "</text:table-of-content>"
    )
    assert read(f"{contents}<text:h>Terms</text:h>").text == "Terms"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (file("<text:p>x</text:p>", manifest="<manifest:encryption-data/>"), "encrypted"),
        (file("<text:p>x</text:p>")[:200], "not a readable OpenDocument file"),
        (file("", "drawing"), "neither a text nor a presentation"),
        (file("<text:p> </text:p>"), "no text"),
    ],
)
def test_what_cannot_be_read_is_explained(data: bytes, says: str) -> None:
    with pytest.raises(DocumentError, match=says):
        load_document(data, "a.odt")


def test_entities_are_not_expanded() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as folder:
        folder.writestr(
            "content.xml",
            '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
            f"<office:document {_SPACES}><office:text><text:p>Host: &e;.</text:p></office:text>"
            "</office:document>",
        )
    assert load_document(out.getvalue(), "a.odt").text == "Host: ."


def test_blocks_do_not_overlap() -> None:
    document = load_document((CASES / "smokehouse.odt").read_bytes(), "a.odt")
    spans = [(block.start, block.end) for block in document.blocks]
    assert spans == sorted(spans)
    assert all(isinstance(block, Block) for block in document.blocks)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))


@pytest.mark.parametrize("name", ["a.fodt", "a.xml", "a"])
def test_a_text_in_one_xml_file_is_read(name: str) -> None:
    flat = (
        f'<?xml version="1.0"?><office:document {_SPACES} '
        'office:mimetype="application/vnd.oasis.opendocument.text">'
        "<office:meta><dc:title>Keys</dc:title></office:meta><office:master-styles>"
        "<style:footer><text:p>Hall Trust</text:p></style:footer></office:master-styles>"
        '<office:body><office:text><text:h text:outline-level="1">Spare</text:h>'
        "<text:p>It hangs in the meter cupboard.</text:p></office:text></office:body>"
        "</office:document>"
    )
    document = load_document(flat.encode(), name)
    assert (document.format, document.title) == ("odt", "Keys")
    assert document.text == "Spare\n\nIt hangs in the meter cupboard.\n\nHall Trust"
