"""Word and PowerPoint files of the years 1997 to 2003."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiqa.documents import load_document
from aiqa.errors import DocumentError
from aiqa.types import locator
from tests.documents.compound_writer import compound_file

CASES = Path(__file__).parent / "files" / "cases"
WORD = (CASES / "smokehouse.doc").read_bytes()
SLIDES = (CASES / "mill.ppt").read_bytes()


def test_an_old_word_file_has_headings_tables_and_lists() -> None:
    document = load_document(WORD, "smokehouse.doc")
    assert (document.format, document.title) == ("doc", "The smokehouse")
    assert document.text == (
        "The smokehouse\n\n"
        "Fish is hung for eleven hours over alder wood.\n\n"
        "Fish: Herring; Salt: 40 grams; Hours: 9\n"
        "Fish: Eel; Salt: 55 grams; Hours: 14\n\n"
        "- Open the flue first\n- Never leave the fire alone"
    )
    assert document.section_at(20) == ("The smokehouse",)


def test_the_slides_of_an_old_presentation_are_pages() -> None:
    document = load_document(SLIDES, "mill.ppt")
    assert (document.format, document.title) == ("ppt", "The tide mill opens")
    assert document.text == (
        "The tide mill opens\n\n"
        "- The wheel turns from 2 August\n- Flour is sold on Saturdays\n\n"
        "Figures\n\n"
        "Flour: Rye; Price: 6 crowns\nFlour: Spelt; Price: 9 crowns"
    )
    page = document.page_at(document.text.index("Spelt"))
    assert locator("mill.ppt", page, "Figures") == "slide 2, § Figures"


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.doc", WORD[:3000], "not a readable Word file"),
        ("a.ppt", SLIDES[:3000], "not a readable PowerPoint file"),
        ("a.doc", compound_file({"WordDocument": bytes(600)}), "before 1997"),
        (
            "a.doc",
            compound_file(
                {"WordDocument": bytes.fromhex("eca5c100") + bytes(6) + b"\x00\x01" + bytes(600)}
            ),
            "encrypted",
        ),
        (
            "a.ppt",
            compound_file(
                {
                    "PowerPoint Document": bytes(600),
                    "Current User": bytes(12) + bytes.fromhex("dfc4d1f3") + bytes(20),
                }
            ),
            "encrypted",
        ),
        ("a.doc", b"hello", "not a readable Word file"),
    ],
)
def test_what_cannot_be_read_is_explained(name: str, data: bytes, says: str) -> None:
    with pytest.raises(DocumentError, match=says):
        load_document(data, name)


def test_a_damaged_part_is_told_of_and_does_not_cost_the_rest() -> None:
    spoilt = bytearray(WORD)
    main = WORD.index(b"\xec\xa5", 512)
    lists = main + 0x9A + 8 * 73
    # The lists of the file are said to be longer than the stream that they stand in.
    spoilt[lists + 4 : lists + 8] = (10**6).to_bytes(4, "little")
    document = load_document(bytes(spoilt), "a.doc")
    assert "Never leave the fire alone" in document.text
    assert any("numbers of lists" in what for what in document.omissions)


@pytest.mark.parametrize(("name", "data"), [("a.doc", WORD), ("a.ppt", SLIDES)])
@settings(max_examples=15, deadline=None)
@given(spoilt=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=8)), max_size=12))
def test_a_spoilt_file_is_read_or_refused(
    name: str, data: bytes, spoilt: list[tuple[float, bytes]]
) -> None:
    mutant = bytearray(data)
    for place, patch in spoilt:
        start = 512 + int(place * (len(data) - 600))
        mutant[start : start + len(patch)] = patch
    try:
        document = load_document(bytes(mutant), name)
    except DocumentError:
        return
    for block in document.blocks:
        assert document.text[block.start : block.end].strip()
