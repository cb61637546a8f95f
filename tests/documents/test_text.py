"""Plain text: what its lines are, with every character in its place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aiqa.documents import load_document
from aiqa.documents.text import load


def test_paragraphs_items_and_underlined_headings_are_blocks() -> None:
    document = load_document(
        b"Manual\n======\n\nIntro.\nMore.\n\n1) one\n2) two\n   goes on\n  - nested\n", "a.txt"
    )
    found = [(b.kind, b.label, document.text[b.start : b.end]) for b in document.blocks]
    assert found == [
        ("heading", "", "Manual"),
        ("paragraph", "", "Intro.\nMore."),
        ("list item", "1)", "1) one"),
        ("list item", "2)", "2) two\n   goes on"),
        ("list item", "-", "- nested"),
    ]
    assert document.title == "Manual"
    assert document.section_at(document.text.index("Intro")) == ("Manual",)


def test_form_feeds_are_pages() -> None:
    document = load_document(b"\fOne.\n\fTwo.\fThree.\n", "a.txt")
    assert [document.page_at(document.text.index(word)) for word in ("One", "Two", "Three")] == [
        1,
        2,
        3,
    ]
    assert "Two.\nThree." in document.text
    assert load_document(b"One.\n", "a.txt").pages == ()


@given(st.text(alphabet="ab -=*1.)\n\f\t#", max_size=200))
def test_every_character_keeps_its_place_and_blocks_are_in_order(source: str) -> None:
    content = load(source.encode())
    assert len(content.text) == len(source)
    assert content.text.split() == source.split()
    end = 0
    for block in content.blocks:
        assert end <= block.start < block.end <= len(source)
        assert content.text[block.start : block.end].strip()
        end = block.end
