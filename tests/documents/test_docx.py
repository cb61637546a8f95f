"""Word files as they are shown: changes, notes, controls, drawings, headers and footers."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import get_args
from zipfile import ZipFile

import pytest

from aiqa.documents import load_document
from aiqa.documents.docx.loader import load
from aiqa.errors import DocumentError
from aiqa.types import Block, BlockKind, Document
from tests.documents.office_files import (
    CHART,
    DIAGRAM,
    MARKUP,
    cell,
    package,
    paragraph,
    part,
    presentation,
    row,
    run,
    shape,
    table,
    word,
)

CASES = Path(__file__).parent / "files" / "cases"


def read(body: str, related: dict[str, str] | None = None, **parts: str | bytes) -> Document:
    return load_document(word(body, related, **parts), "a.docx")


def blocks(document: Document) -> list[tuple[str, str, str]]:
    """Kind, label and text of each block."""
    for block in document.blocks:
        assert block.kind in get_args(BlockKind)
    return [(b.kind, b.label, document.text[b.start : b.end]) for b in document.blocks]


def notes(kind: str, *texts: str, author: str = "") -> str:
    inner = "".join(
        f'<w:{kind} w:id="{number}" w:author="{author}">{paragraph(text)}</w:{kind}>'
        for number, text in enumerate(texts, 1)
    )
    return part(f"w:{kind}s", inner)


def reference(kind: str, identifier: int) -> str:
    return f'<w:r><w:{kind}Reference w:id="{identifier}"/></w:r>'


@pytest.mark.parametrize(
    ("file", "source", "words"),
    [
        ("macro.docm", "a.docm", "The pump runs at 1,450 turns a minute."),
        ("macro.docm", "a.docx", "The pump runs at 1,450 turns a minute."),
        ("template.dotx", "a.dotx", "The pump runs at 1,450 turns a minute."),
        ("strict.docx", "a.docx", "The reservoir holds 62 million litres."),
    ],
)
def test_documents_of_all_types_are_read(file: str, source: str, words: str) -> None:
    document = load_document((CASES / file).read_bytes(), source)
    assert document.text.endswith(words)
    assert document.format == "docx"
    assert document.headings  # by the styles, which strict files name otherwise


def test_changes_are_read_as_if_accepted() -> None:
    document = read(
        paragraph(
            run("The term is ")
            + "<w:del><w:r><w:delText>thirty</w:delText></w:r></w:del>"
            + f"<w:ins>{run('forty')}</w:ins>"
            + run(" days.")
        )
        + paragraph(f"<w:moveFrom>{run('Moved words.')}</w:moveFrom>")
        + paragraph(f"<w:moveTo>{run('Moved words.')}</w:moveTo>")
    )
    assert document.text == "The term is forty days.\n\nMoved words."


def test_a_deleted_break_joins_paragraphs_and_a_deleted_row_is_gone() -> None:
    document = read(
        paragraph("One line ", "<w:rPr><w:del/></w:rPr>")
        + paragraph("in two.")
        + table(
            row("Boat", "Fee"),
            row("Cat", "8", properties="<w:del/>"),
            row(cell(paragraph("Dinghy", "<w:rPr><w:del/></w:rPr>")), "4"),
        )
        + paragraph("Last words.", "<w:rPr><w:del/></w:rPr>")
    )
    assert document.text == "One line in two.\n\nBoat: Dinghy; Fee: 4\n\nLast words."


def test_notes_and_comments_follow_their_paragraph_and_say_what_they_are() -> None:
    document = read(
        paragraph(
            run("Yield rose")
            + reference("footnote", 2)
            + run(" at last.")
            + reference("endnote", 1)
            + reference("comment", 1)
        )
        + paragraph("More."),
        footnotes=notes("footnote", "Unused.", "On the trial plot."),
        endnotes=notes("endnote", "See the annex."),
        comments=notes("comment", "Really?", "Nobody refers to me.", author="Ada Birch"),
    )
    assert blocks(document) == [
        ("paragraph", "", "Yield rose at last."),
        ("note", "footnote 1", "On the trial plot."),
        ("note", "endnote i", "See the annex."),
        ("comment", "comment by Ada Birch", "Really?"),
        ("paragraph", "", "More."),
        ("note", "footnote", "Unused."),
        ("comment", "comment by Ada Birch", "Nobody refers to me."),
    ]


def test_a_note_with_a_mark_of_its_own_is_not_counted_and_its_mark_is_no_text() -> None:
    mark = (
        '<w:r><w:footnoteReference w:customMarkFollows="1" w:id="1"/><w:t>*</w:t></w:r>'
        + run(" and rest")
        + reference("footnote", 2)
    )
    document = read(
        paragraph(run("Word") + mark), footnotes=notes("footnote", "Starred.", "Counted.")
    )
    assert blocks(document) == [
        ("paragraph", "", "Word and rest"),
        ("note", "footnote *", "Starred."),
        ("note", "footnote 1", "Counted."),
    ]


def test_notes_of_a_table_follow_it() -> None:
    document = read(
        table(
            row("Boat", "Fee"),
            row("Dinghy", cell(paragraph(run("4") + reference("footnote", 1)))),
        )
        + paragraph("After."),
        footnotes=notes("footnote", "In winter."),
    )
    assert [block[2] for block in blocks(document)] == [
        "Boat: Dinghy; Fee: 4",
        "In winter.",
        "After.",
    ]


def test_a_large_first_letter_belongs_to_its_word() -> None:
    letter = paragraph("O", '<w:framePr w:dropCap="drop" w:lines="3"/>')
    assert read(letter + paragraph("nce the lamp was lit.")).text == "Once the lamp was lit."


def control(content: str, properties: str = "") -> str:
    return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


def test_content_controls_are_read_at_every_level() -> None:
    inline = paragraph(run("By ") + control(run("Ada")) + run("."))
    in_cell = f"<w:tc>{control(paragraph('In cell'))}</w:tc>"
    whole_cell = control(f"<w:tc>{paragraph('A cell')}</w:tc>")
    whole_row = control(row("A row", "of two"))
    document = read(
        control(paragraph("A block.") + control(paragraph("Within.")))
        + inline
        + table(f"<w:tr>{in_cell}{whole_cell}</w:tr>", whole_row)
    )
    for words in ("A block.\n\nWithin.\n\nBy Ada.", "In cell", "A cell", "A row", "of two"):
        assert words in document.text


def test_a_prompt_to_fill_in_is_no_text() -> None:
    prompt = control(run("Click here to enter a name."), "<w:showingPlcHdr/>")
    assert read(paragraph(run("Name: ") + prompt)).text == "Name:"


@pytest.mark.parametrize(("value", "shown"), [("1", "☒"), ("0", "☐")])
def test_check_boxes_are_shown_with_their_state(value: str, shown: str) -> None:
    box = control(run("?"), f'<w14:checkbox><w14:checked w14:val="{value}"/></w14:checkbox>')
    legacy = (
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox>'
        f'<w:default w:val="0"/><w:checked w:val="{value}"/>'
        "</w:checkBox></w:ffData></w:fldChar></w:r>"
        "<w:r><w:instrText>FORMCHECKBOX</w:instrText></w:r>"
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    document = read(paragraph(box + run(" Milk ") + legacy + run(" Tea")))
    assert document.text == f"{shown} Milk {shown} Tea"


def field(instruction: str, result: str) -> str:
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f"<w:r><w:instrText>{instruction}</w:instrText></w:r>"
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{result}'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def test_of_fields_the_result_is_read() -> None:
    nested = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>IF </w:instrText></w:r>'
        + field("MERGEFIELD sex", run("hidden"))
        + f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run("Dear Ms Finch")}'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    simple = f'<w:fldSimple w:instr="MERGEFIELD no">{run("88")}</w:fldSimple>'
    link = f'<w:hyperlink r:id="x">{run("our page")}</w:hyperlink>'
    tag = f'<w:smartTag w:element="place"><w:smartTagPr/>{run("Norwich")}</w:smartTag>'
    document = read(
        paragraph(nested + run(", see ") + link + run(" on ") + simple + run(" in ") + tag)
        + paragraph('<w:r><w:fldChar w:fldCharType="begin"/></w:r>' + run("lost"))
        + paragraph("A field without an end hides nothing after it.")
    )
    assert document.text == (
        "Dear Ms Finch, see our page on 88 in Norwich\n\n"
        "A field without an end hides nothing after it."
    )


def test_a_field_may_run_over_several_paragraphs() -> None:
    begin = field("TOC", run("Rent 3")).rpartition('<w:r><w:fldChar w:fldCharType="end"')[0]
    end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    document = read(paragraph(begin) + paragraph("Repairs 5") + paragraph(end + run("Lease")))
    assert document.text == "Rent 3\n\nRepairs 5\n\nLease"


def test_hidden_text_is_left_out_and_signs_are_characters() -> None:
    styles = part(
        "w:styles",
        '<w:style w:type="character" w:styleId="Secret"><w:rPr><w:vanish/></w:rPr></w:style>',
    )
    document = read(
        paragraph(
            run("no", "<w:vanish/>")
            + run("never", '<w:rStyle w:val="Secret"/>')
            + run("shown", '<w:rStyle w:val="Secret"/><w:vanish w:val="0"/>')
            + "<w:r><w:tab/><w:t>co</w:t><w:noBreakHyphen/><w:t>op</w:t><w:br/></w:r>"
            + "<w:r><w:t>har\N{SOFT HYPHEN}bour</w:t><w:softHyphen/><w:t>s</w:t><w:cr/></w:r>"
            + '<w:r><w:sym w:font="Symbol" w:char="F06D"/><w:t>m</w:t></w:r>'
            + '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>'
            + run("10")
            + run("6", '<w:vertAlign w:val="superscript"/>')
            + run(" 1")
            + run("st", '<w:vertAlign w:val="superscript"/>')
        ),
        styles=styles,
    )
    assert document.text == "shown co-op harbours μm☑10⁶ 1st"
    assert document.omissions == ("Text that is formatted as hidden was left out.",)


EQUATION = (
    "<m:oMath><m:r><m:t>x=</m:t></m:r><m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num><m:den>"
    "<m:rad><m:radPr><m:degHide/></m:radPr><m:deg/><m:e><m:r><m:t>2c</m:t></m:r></m:e></m:rad>"
    "</m:den></m:f><m:r><m:t>+</m:t></m:r><m:sSup><m:e><m:r><m:t>y</m:t></m:r></m:e>"
    "<m:sup><m:r><m:t>10</m:t></m:r></m:sup></m:sSup><m:r><m:t>+</m:t></m:r>"
    '<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub><m:r><m:t>i=1</m:t></m:r></m:sub>'
    "<m:sup><m:r><m:t>n</m:t></m:r></m:sup><m:e><m:sSub><m:e><m:r><m:t>k</m:t></m:r></m:e>"
    "<m:sub><m:r><m:t>i</m:t></m:r></m:sub></m:sSub></m:e></m:nary></m:oMath>"
)


def test_equations_are_one_line() -> None:
    document = read(paragraph(run("Let ") + EQUATION + run(" be.")))
    assert document.text == "Let x=(a+b)/(√(2c))+y^10+∑_(i=1)^n k_i be."


def test_text_boxes_alternative_texts_and_letters_that_are_drawn_are_read_once() -> None:
    box = f"<w:txbxContent>{paragraph('Doors open at nine.')}</w:txbxContent>"
    drawing = (
        '<w:drawing><wp:inline><wp:docPr id="1" name="x" descr="A map of the quay"/><a:graphic>'
        f"<a:graphicData><wps:wsp><wps:txbx>{box}</wps:txbx></wps:wsp></a:graphicData></a:graphic>"
        "</wp:inline></w:drawing>"
    )
    old = f"<w:pict><v:shape><v:textbox>{box}</v:textbox></v:shape></w:pict>"
    twice = (
        f"<mc:AlternateContent><mc:Choice>{drawing}</mc:Choice>"
        f"<mc:Fallback>{old}</mc:Fallback></mc:AlternateContent>"
    )
    letters = '<w:pict><v:shape><v:textpath string="Fair today"/></v:shape></w:pict>'
    document = read(paragraph(f"<w:r>{twice}</w:r>{run('The fair.')}<w:r>{letters}</w:r>"))
    assert blocks(document) == [
        ("paragraph", "", "The fair."),
        ("caption", "", "A map of the quay"),
        ("paragraph", "", "Doors open at nine."),
        ("caption", "", "Fair today"),
    ]


def drawn(content: str) -> str:
    return paragraph(
        "<w:r><w:drawing><wp:inline><a:graphic><a:graphicData>"
        f"{content}</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


def test_charts_are_tables_and_diagrams_are_lists() -> None:
    document = read(
        drawn('<c:chart r:id="chart"/>') + drawn('<dgm:relIds r:dm="diagramData"/>'),
        chart=CHART,
        diagramData=DIAGRAM,
    )
    assert document.text == (
        "Exports\n\nTin; Tonnes: 264; Share: 26.5%\nCopper; Tonnes: 731.5; Share: 73.5%\n\n"
        "- First\n- Under first\n- Second"
    )


def section(content: str, **references: str) -> str:
    inner = "".join(
        f'<w:{name.split("_")[0]}Reference w:type="{name.split("_")[1]}" r:id="{identifier}"/>'
        for name, identifier in references.items()
    )
    return f"<w:sectPr>{inner}{content}</w:sectPr>"


def test_headers_and_footers_stand_once_around_their_sections() -> None:
    def header(words: str) -> str:
        return part("w:hdr", paragraph(words))

    related = {
        name: f"header {name}.xml" for name in ("one", "first", "two", "foot", "even", "again")
    }
    data = word(
        paragraph("Chapter one.")
        + paragraph(
            "End of one.",
            section("<w:titlePg/>", header_default="one", header_first="first", header_even="even"),
        )
        + paragraph("Chapter two.")
        + section("", header_default="two", footer_default="foot", header_first="again"),
        related,
        one=header("Report, part one"),
        first=header("Kestrel Instruments"),
        two=header("Report, part two"),
        again=header("Never shown"),
        even=header("Never shown either"),
        foot=header("VAT 774 1902 55"),
    )
    assert blocks(load_document(data, "a.docx")) == [
        ("page header", "", "Report, part one"),
        ("page header", "", "Kestrel Instruments"),
        ("paragraph", "", "Chapter one."),
        ("paragraph", "", "End of one."),
        ("page header", "", "Report, part two"),
        ("paragraph", "", "Chapter two."),
        ("page footer", "", "VAT 774 1902 55"),
    ]


STYLES = part(
    "w:styles",
    '<w:style w:type="paragraph" w:default="1" w:styleId="Standard">'
    '<w:name w:val="Normal"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="berschrift2"><w:name w:val="heading 2"/>'
    '<w:basedOn w:val="Standard"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Kapitel"><w:name w:val="Kapitel"/>'
    '<w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Anhang"><w:name w:val="Anhang"/>'
    '<w:basedOn w:val="berschrift2"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Kreis"><w:name w:val="Kreis"/>'
    '<w:basedOn w:val="Kreis"/></w:style>',
)


def styled(words: str, style: str, more: str = "") -> str:
    return paragraph(words, f'<w:pStyle w:val="{style}"/>{more}')


def test_headings_are_known_by_outline_level_and_by_the_styles_they_are_based_on() -> None:
    document = read(
        styled("Hafen", "Kapitel")
        + styled("Gebühren", "berschrift2")
        + styled("Anhang A", "Anhang")
        + styled("Kein Titel", "berschrift2", '<w:outlineLvl w:val="9"/>')
        + styled("Im Kreis", "Kreis")
        + paragraph("Tief", '<w:outlineLvl w:val="2"/>'),
        styles=STYLES,
    )
    assert [(h.level, h.title) for h in document.headings] == [
        (1, "Hafen"),
        (2, "Gebühren"),
        (2, "Anhang A"),
        (3, "Tief"),
    ]
    assert "Kein Titel" in document.text
    assert "Im Kreis" in document.text


def test_damaged_parts_are_named_and_the_rest_is_read() -> None:
    document = read(
        paragraph(run("Here.") + reference("footnote", 1))
        + drawn('<c:chart r:id="chart"/>')
        + drawn('<c:chart r:id="nothing"/>')
        + paragraph("There.")
        + section("", header_default="missing"),
        styles="no xml",
        numbering=b"\x00\x01",
        footnotes="",
        chart="<broken",
    )
    assert document.text == "Here.\n\nThere."
    told = " ".join(document.omissions)
    for words in ("styles", "numbers", "footnotes", "A chart", "page header"):
        assert words in told


def test_a_document_that_is_cut_off_is_read_as_far_as_it_goes() -> None:
    xml = part("w:document", f"<w:body>{paragraph('Kept words.')}{paragraph('Lost words.')}")
    cut = xml[: xml.index("Lost words")]
    document = load_document(package({"word/document.xml": cut}, "word/document.xml"), "a.docx")
    assert document.text == "Kept words."
    (told,) = document.omissions
    assert "word/document.xml" in told
    assert "damaged" in told


def test_what_is_embedded_is_told_of() -> None:
    document = read(
        paragraph("Words.")
        + '<w:altChunk r:id="x"/>'
        + paragraph('<w:r><w:object><o:OLEObject ProgID="Excel.Sheet.12"/></w:object></w:r>') * 2
        + paragraph('<w:subDoc r:id="y"/>')
    )
    assert len(document.omissions) == 3
    assert "Excel.Sheet.12" in document.omissions[1]


def test_another_office_file_is_not_taken_for_a_document() -> None:
    with pytest.raises(DocumentError, match="no Word document"):
        load(presentation(shape("Words")))


def test_entities_are_not_expanded() -> None:
    bomb = (
        f'<!DOCTYPE x [<!ENTITY a "boom"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
        f'<w:document xmlns:w="{MARKUP}/wordprocessingml/2006/main"><w:body><w:p><w:r>'
        "<w:t>calm &a;&f;</w:t></w:r></w:p></w:body></w:document>"
    )
    data = package({"word/document.xml": bomb}, "word/document.xml")
    assert load_document(data, "a.docx").text == "calm"


def test_blocks_are_in_order_and_do_not_overlap() -> None:
    document = load_document((CASES / "notes.docx").read_bytes(), "notes.docx")
    ends = 0
    for block in document.blocks:
        assert isinstance(block, Block)
        assert ends <= block.start < block.end <= len(document.text)
        ends = block.end
    assert {"page header", "page footer", "note", "comment"} <= {b.kind for b in document.blocks}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("chunk.html", "<h1>Annex</h1><p>Forty <b>hens</b>.</p>"),
        (
            "chunk.mht",
            (
                "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x\n"
                "Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n"
                "\n<h1>Annex</h1><p>Forty=20<b>hens</b>.</p>\n--x--\n"
            ),
        ),
        ("chunk.txt", "Annex\nForty hens."),
    ],
)
def test_a_page_taken_in_by_word_is_read_in_its_place(name: str, content: str) -> None:
    body = paragraph("Before.") + '<w:altChunk r:id="c"/>' + paragraph("After.")
    data = word(body, {"c": f"aFChunk {name}"})
    out = BytesIO(data)
    with ZipFile(out, "a") as archive:
        archive.writestr(f"word/{name}", content)
    document = load_document(out.getvalue(), "a.docx")
    assert document.text.split("\n\n") == ["Before.", "Annex", "Forty hens.", "After."]


def test_a_style_of_a_second_list_is_one_of_the_second_level() -> None:
    styles = part(
        "w:styles",
        "".join(
            f'<w:style w:type="paragraph" w:styleId="L{depth}"><w:name w:val="{name}"/></w:style>'
            for depth, name in (("1", "List Bullet"), ("2", "List Bullet 2"))
        ),
    )
    items = [
        paragraph(run(words), f'<w:pStyle w:val="{style}"/>')
        for words, style in (("Soft food", "L1"), ("no nuts", "L2"))
    ]
    document = read("".join(items), styles=styles)
    assert [(block.kind, block.level) for block in document.blocks] == [
        ("list item", 1),
        ("list item", 2),
    ]


def test_an_address_keeps_its_lines_and_running_text_does_not() -> None:
    def broken(*lines: str) -> str:
        return paragraph("<w:r><w:br/></w:r>".join(map(run, lines)))

    document = read(broken("Moss Ltd", "8 Quay Street", "Whitby") + broken("Closed on", "Mondays."))
    assert document.text == "Moss Ltd\n8 Quay Street\nWhitby\n\nClosed on Mondays."
    assert [block.kind for block in document.blocks] == ["paragraph", "paragraph"]
