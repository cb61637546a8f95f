"""Rich Text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiqa.documents import load_document
from aiqa.errors import DocumentError
from aiqa.types import Document

CASES = Path(__file__).parent / "files" / "cases"


def read(body: str | bytes, head: str = r"\ansi\ansicpg1252") -> Document:
    source = body if isinstance(body, bytes) else body.encode("ascii")
    return load_document(b"{\\rtf1" + head.encode() + b" " + source + b"}", "a.rtf")


def test_a_file_of_an_office_program_has_headings_tables_and_lists() -> None:
    document = load_document((CASES / "quilt.rtf").read_bytes(), "quilt.rtf")
    assert (document.format, document.title) == ("rtf", "Quilt circle")
    assert document.text == (
        "Quilt circle\n\n"
        "The circle meets in the chapel every second Thursday.\n\n"
        "Pattern: Flying geese; Teacher: Ada Mure; Evenings: 3\n"
        "Pattern: Log cabin; Teacher: Bess Tolley; Evenings: 5\n\n"
        "- Bring scissors\n- Thread is provided"
    )
    assert document.headings[0].level == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (rb"Caf\'e9 \endash  na\u239 ?ve\~\'93x\'94", "Café – naïve “x”"),
        (rb"\uc2\u1078\'c6\'c6\uc0\u1092\u1103", "жфя"),
        (rb"\u-10179 ?\u-8704 ?!", "\N{GRINNING FACE}!"),
        (rb"{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset204 B;}}\f1 \'cc\'e8\'f0{\f0 \'e9}", "Мирé"),
        (rb"{\fonttbl{\f2\fcharset128 B;}}\f2 \'93\'fa\'96\'7b", "日本"),
        (b"a\\{b\\}c\\\\d", "a{b}c\\d"),
        (rb"one\line two\tab three", "one two three"),
        (rb"{\*\unknown gone}{\pict 89504e}{\field{\*\fldinst PAGE}{\fldrslt shown}}", "shown"),
        (rb"{\upr{old}{\*\ud{new}}}", "new"),
        (b"{\\pict\\bin4 }{}}}after", "after"),
    ],
)
def test_characters_are_those_that_are_shown(body: bytes, words: str) -> None:
    assert read(body).text.replace("\N{NO-BREAK SPACE}", " ") == words


def test_the_encoding_of_the_document_holds_where_a_font_tells_none() -> None:
    assert read(rb"\'cc\'e8\'f0", r"\ansi\ansicpg1251").text == "Мир"
    assert read(rb"\'8e", r"\mac").text == "é"


def test_headings_are_told_by_style_or_outline() -> None:
    styles = r"{\stylesheet{\s0 Normal;}{\s1\outlinelevel0 Kop 1;}{\s7 Heading 2;}{\s9 Title;}}"
    document = read(
        styles + r"\pard\s9 Book\par\pard\s1 One\par\pard\s7 Two\par\pard\outlinelevel2 Three\par"
        r"\pard Words.\par"
    )
    assert [(heading.level, heading.title) for heading in document.headings] == [
        (1, "Book"), (1, "One"), (2, "Two"), (3, "Three"),
    ]  # fmt: skip


def test_list_items_keep_the_numbers_that_are_shown() -> None:
    document = read(
        r"{\listtext 1.\tab}\ilvl0 One\par{\listtext\'b7\tab}\ilvl1 Dot\par"
        r"\pard{\pntext 2)}Two\par\pard Words.\par"
    )
    assert document.text == "1. One\n- Dot\n2) Two\n\nWords."


def test_merged_cells_cover_their_columns_and_rows() -> None:
    wide = r"\trowd\trhdr\cellx1000\cellx2000\cellx3000 "
    first = r"\pard\intbl Boat\cell Fee\cell Pier\cell\row"
    merged = (
        r"\trowd\clvmgf\cellx1000\cellx3000 \pard\intbl Dinghy\cell 4 crowns\par a day\cell\row"
    )
    below = r"\trowd\clvmrg\cellx1000\cellx2000\cellx3000 \intbl\cell 5\cell South\cell\row"
    document = read(rf"Fees\par{wide}{first}{merged}{below}\pard After.\par")
    assert document.text == (
        "Fees\n\nBoat: Dinghy; Fee: 4 crowns a day\nBoat: Dinghy; Fee: 5; Pier: South\n\nAfter."
    )


def test_notes_comments_boxes_headers_and_hidden_text_have_their_place() -> None:
    document = read(
        r"{\info{\title The lamp}{\author Ada}}{\header Page head\par}{\footer Foot\par}"
        r"It burns oil{\footnote\pard Of rapeseed.}.{\*\atnid AM}{\*\atnauthor Ada Moor}"
        r"{\*\annotation{\*\atnref 1}Still?}{\deleted gone}{\v secret}"
        r"{\shp{\*\shpinst{\sp{\sn a}{\sv b}}{\shptxt In a box.\par}}{\shprslt In a box.}}\par "
        r"After.\par"
    )
    assert document.title == "The lamp"
    assert document.text == (
        "It burns oil[1].\n\nOf rapeseed.\n\nStill?\n\nIn a box.\n\nAfter.\n\nPage head\n\nFoot"
    )
    assert [(b.kind, b.label) for b in document.blocks if b.kind != "paragraph"] == [
        ("note", "footnote 1"), ("comment", "comment by Ada Moor"),
        ("page header", ""), ("page footer", ""),
    ]  # fmt: skip
    assert document.omissions == ("Text that is formatted as hidden was left out.",)


def test_an_object_in_the_file_is_told_of_and_its_picture_read() -> None:
    document = read(
        r"Tides:{\object\objemb{\*\objclass Excel.Sheet.8}{\*\objdata 0105}{\result  3.9 m}}\par"
    )
    assert document.text == "Tides: 3.9 m"
    assert document.omissions == ("An embedded object was not read.",)


def test_a_mail_that_was_html_is_read_without_what_repeats_it() -> None:
    body = (
        r"\fromhtml1{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 The words.{\*\htmltag72 </p>}"
        r"\htmlrtf\par}\htmlrtf0 Next."
    )
    assert read(body).text == "The words.\n\nNext."


def test_what_is_no_rich_text_is_an_error() -> None:
    with pytest.raises(DocumentError, match="not Rich Text"):
        load_document(b"hello", "a.rtf")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    document = read(b"Kept. " + data + b"}}")
    for block in document.blocks:
        assert document.text[block.start : block.end].strip()
