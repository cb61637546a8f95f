"""Spans to rectangles, worked by hand."""

from __future__ import annotations

import struct
import zlib

from hypothesis import given
from hypothesis import strategies as st

from aiqa.documents.pdf.highlights import boxes, page_words
from aiqa.types import Box, PageLayout, PageWord, Span

LINE = 12
WIDTH = 5


def layout(text: str, number: int = 1, start: int = 0, gap_before: str = "") -> PageLayout:
    """Characters 5 wide and 10 high, lines 12 apart; 50 more before those of ``gap_before``."""
    packed = b""
    for row, line in enumerate(text.split("\n")):
        left = 0
        for character in line:
            left += 50 if character in gap_before else 0
            box = (left, row * LINE, left + WIDTH, row * LINE + 10)
            packed += struct.pack("<4H", *(0 if character == " " else 4 * side for side in box))
            left += WIDTH
        packed += bytes(8)  # the line break
    return PageLayout(number, start, 100.0, 100.0, zlib.compress(packed[:-8]))


def test_a_span_on_one_line_is_one_rectangle_and_on_two_is_two() -> None:
    page = layout("the lamp\nwas lit")
    assert boxes([page], Span(4, 8)) == (Box(1, 20, 0, 40, 10),)
    assert boxes([page], Span(4, 12)) == (Box(1, 20, 0, 40, 10), Box(1, 0, 12, 15, 22))


def test_the_words_of_a_page_are_where_their_letters_are_and_say_where_lines_end() -> None:
    text = "the lamp\nwas lit"
    assert page_words(layout(text), f"{text} on the next page") == [
        PageWord("the", Box(1, 0, 0, 15, 10)),
        PageWord("lamp", Box(1, 20, 0, 40, 10), ends_line=True),
        PageWord("was", Box(1, 0, 12, 15, 22)),
        PageWord("lit", Box(1, 20, 12, 35, 22)),
    ]


def test_a_word_that_goes_on_in_the_next_line_is_two_parts() -> None:
    # The canonical text joins what a hyphen divided; the letters stay in their lines.
    page = layout("lan\ntern")
    joined = PageLayout(1, 0, 100.0, 100.0, _without_character(page.boxes, 3))
    assert [word.text for word in page_words(joined, "lantern")] == ["lan", "tern"]


def _without_character(packed: bytes, at: int) -> bytes:
    plain = zlib.decompress(packed)
    return zlib.compress(plain[: 8 * at] + plain[8 * at + 8 :])


def test_a_span_over_two_pages_is_drawn_on_both() -> None:
    pages = [layout("ab\n", 1), layout("cd", 2, start=3)]
    assert boxes(pages, Span(1, 4)) == (Box(1, 5, 0, 10, 10), Box(2, 0, 0, 5, 10))


def test_what_is_not_there_is_not_drawn() -> None:
    assert boxes([layout("a b")], Span(1, 2)) == ()
    assert boxes([], Span(0, 5)) == ()
    assert boxes([layout("ab")], Span(7, 9)) == ()


def test_words_far_apart_on_a_line_are_two_rectangles() -> None:
    page = layout("ab|c", gap_before="|")
    assert boxes([page], Span(0, 4)) == (Box(1, 0, 0, 10, 10), Box(1, 60, 0, 70, 10))


@given(st.text("ab \n", min_size=1, max_size=60), st.data())
def test_every_character_is_covered_and_no_other_line(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    drawn = boxes([layout(text)], Span(start, end))
    rows = set()
    for index in range(start, end):
        if text[index] not in " \n":
            row = text.count("\n", 0, index)
            left = WIDTH * (index - (text.rfind("\n", 0, index) + 1))
            rows.add(row)
            assert any(b.top == row * LINE and b.left <= left < b.right for b in drawn)
    assert {box.top // LINE for box in drawn} == rows
