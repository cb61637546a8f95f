"""Numbers that Word sets itself, as it shows them."""

from __future__ import annotations

import pytest

from aiqa.documents import load_document
from aiqa.documents.ooxml.number_formats import formatted
from aiqa.types import Document
from tests.documents.office_files import cell, paragraph, part, row, table, word


def level(depth: int, text: str, form: str = "decimal", more: str = "") -> str:
    return (
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def numbering(*levels: str, overrides: str = "", more: str = "") -> str:
    return part(
        "w:numbering",
        f'<w:abstractNum w:abstractNumId="5">{"".join(levels)}</w:abstractNum>{more}'
        '<w:num w:numId="1"><w:abstractNumId w:val="5"/></w:num>'
        f'<w:num w:numId="2"><w:abstractNumId w:val="5"/>{overrides}</w:num>',
    )


def numbered(words: str, depth: int = 0, list_id: int = 1, more: str = "") -> str:
    place = f'<w:ilvl w:val="{depth}"/><w:numId w:val="{list_id}"/>'
    return paragraph(words, f"{more}<w:numPr>{place}</w:numPr>")


def read(body: str, **parts: str) -> Document:
    return load_document(word(body, None, **parts), "a.docx")


CLAUSES = (level(0, "%1."), level(1, "%1.%2"), level(2, "(%3)", "lowerLetter"))


def test_clauses_that_say_what_they_are_are_named_so() -> None:
    levels = (level(0, "Article %1", "upperRoman"), level(1, "§ %1.%2", more="<w:isLgl/>"))
    document = read(
        numbered("Members", 0) + numbered("Anyone may join.", 1), numbering=numbering(*levels)
    )
    assert document.text == "Article I Members\n\n§ 1.1 Anyone may join."
    assert document.place_at(document.text.index("Members")) == "Article I"
    assert document.place_at(document.text.index("Anyone")) == "§ 1.1"


def test_clauses_have_their_numbers_and_are_named_by_them() -> None:
    document = read(
        numbered("Rent")
        + numbered("Paid monthly.", 1)
        + numbered("Late payment bears interest.", 1)
        + numbered("in full", 2)
        + numbered("in part", 2)
        + numbered("Repairs")
        + numbered("The tenant repairs locks.", 1)
        + numbered("after notice", 2),
        numbering=numbering(*CLAUSES),
    )
    assert document.text.split("\n\n") == [
        "1. Rent",
        "1.1 Paid monthly.",
        "1.2 Late payment bears interest.",
        "(a) in full",
        "(b) in part",
        "2. Repairs",
        "2.1 The tenant repairs locks.",
        "(a) after notice",
    ]
    assert document.place_at(document.text.index("Late")) == "clause 1.2"


def test_numbers_of_styles_stand_before_headings() -> None:
    styles = part(
        "w:styles",
        '<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/><w:pPr><w:numPr>'
        '<w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="H2"><w:name w:val="heading 2"/>'
        '<w:basedOn w:val="H1"/><w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr>'
        "</w:pPr></w:style>",
    )
    document = read(
        paragraph("Scope", '<w:pStyle w:val="H1"/>')
        + paragraph("Terms", '<w:pStyle w:val="H2"/>')
        + paragraph("Preface", '<w:pStyle w:val="H1"/><w:numPr><w:numId w:val="0"/></w:numPr>')
        + paragraph("Price", '<w:pStyle w:val="H1"/>'),
        styles=styles,
        numbering=numbering(
            level(0, "Article %1", "upperRoman", '<w:pStyle w:val="H1"/>'),
            level(1, "%1.%2", "decimal", '<w:isLgl/><w:pStyle w:val="H2"/>'),
        ),
    )
    assert [(h.level, h.title) for h in document.headings] == [
        (1, "Article I Scope"),
        (2, "1.1 Terms"),
        (1, "Preface"),
        (1, "Article II Price"),
    ]


def test_a_list_goes_on_unless_it_is_told_to_begin_anew() -> None:
    def document(overrides: str) -> list[str]:
        numbers = numbering(level(0, "%1)"), overrides=overrides)
        body = numbered("one") + numbered("two") + paragraph("Text.") + numbered("next", list_id=2)
        return read(body, numbering=numbers).text.split("\n\n")

    assert document("")[-1] == "3) next"
    start = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    assert document(start)[-1] == "1) next"
    roman = f'<w:lvlOverride w:ilvl="0">{level(0, "%1", "lowerRoman")}</w:lvlOverride>'
    assert document(roman)[-1] == "iii next"


def test_a_list_may_be_defined_by_a_style_of_lists() -> None:
    styles = part(
        "w:styles",
        '<w:style w:type="numbering" w:styleId="Clauses"><w:pPr><w:numPr><w:numId w:val="1"/>'
        "</w:numPr></w:pPr></w:style>",
    )
    numbers = part(
        "w:numbering",
        f'<w:abstractNum w:abstractNumId="5">{level(0, "§ %1")}</w:abstractNum>'
        '<w:abstractNum w:abstractNumId="6"><w:numStyleLink w:val="Clauses"/></w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="5"/></w:num>'
        '<w:num w:numId="2"><w:abstractNumId w:val="6"/></w:num>',
    )
    body = numbered("Rent", list_id=2) + numbered("Repairs", list_id=2)
    assert read(body, styles=styles, numbering=numbers).text == "§ 1 Rent\n§ 2 Repairs"


def test_numbers_of_deleted_paragraphs_are_not_counted() -> None:
    gone = "<w:rPr><w:del/></w:rPr>"
    deleted = "<w:del><w:r><w:delText>Gone</w:delText></w:r></w:del>"
    place = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    body = numbered("one") + paragraph(deleted, place + gone) + numbered("two")
    assert read(body, numbering=numbering(level(0, "%1."))).text == "1. one\n2. two"


def test_levels_that_never_begin_anew_count_through() -> None:
    levels = (
        level(0, "Part %1", "upperLetter"),
        level(1, "§ %2", more='<w:lvlRestart w:val="0"/>'),
    )
    body = numbered("a") + numbered("b", 1) + numbered("c") + numbered("d", 1)
    lines = read(body, numbering=numbering(*levels)).text.split("\n")
    assert lines == ["Part A a", "§ 1 b", "Part B c", "§ 2 d"]


def test_bullets_are_dashes_with_their_depth() -> None:
    levels = (level(0, "\uf0b7", "bullet"), level(1, "o", "bullet"))
    document = read(numbered("Rope") + numbered("thick", 1), numbering=numbering(*levels))
    assert document.text == "- Rope\n- thick"
    assert [(b.kind, b.level, b.label) for b in document.blocks] == [
        ("list item", 1, "-"),
        ("list item", 2, "-"),
    ]


def test_lists_are_numbered_in_the_cells_of_a_table() -> None:
    body = table(
        row("No.", "Duty"),
        row(cell(numbered("")), "Sweep"),
        row(cell(numbered("")), "Paint"),
    )
    text = read(body, numbering=numbering(level(0, "%1."))).text
    assert text == "No.: 1.; Duty: Sweep\nNo.: 2.; Duty: Paint"


def test_a_list_without_a_definition_keeps_its_words() -> None:
    assert read(numbered("Rent", list_id=9)).text == "Rent"
    assert read(numbered("Rent", 7), numbering=numbering(level(0, "%1."))).text == "Rent"


@pytest.mark.parametrize(
    ("name", "number", "shown"),
    [
        ("decimal", 12, "12"),
        ("decimalZero", 7, "07"),
        ("lowerLetter", 26, "z"),
        ("lowerLetter", 28, "bb"),
        ("upperLetter", 3, "C"),
        ("upperRoman", 1994, "MCMXCIV"),
        ("lowerRoman", 4, "iv"),
        ("lowerRoman", 0, "0"),
        ("ordinal", 2, "2nd"),
        ("ordinal", 11, "11th"),
        ("decimalEnclosedCircle", 3, "③"),
        ("none", 3, ""),
        ("something new", 3, "3"),
    ],
)
def test_numbers_in_the_formats_of_word(name: str, number: int, shown: str) -> None:
    assert formatted(number, name) == shown
