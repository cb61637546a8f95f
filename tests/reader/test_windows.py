"""Windows: exact alignment of word pieces with characters, and nothing left out."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from aiqa.reader.windows import Windows, padded
from aiqa.types import Span

TRICKY = [
    ("In 2024 DeepSeek (深度求索) spent $5.6m.", "深度求索"),
    ("The Café de\u0301ja\u0300 closed.", "de\u0301ja\u0300"),
    ("Naïve fiancé’s résumé", "résumé"),
    ("A\U0001d505B costs 3.5% less", "3.5%"),
    ("İstanbul ve ﬁnans", "ﬁnans"),
    ("tabs\tand\u00a0blanks", "and\u00a0blanks"),
    ("don't stop", "don't"),
]


@pytest.mark.parametrize(("text", "words"), TRICKY)
def test_an_answer_survives_the_way_to_word_pieces_and_back(
    tokenizer: Tokenizer, text: str, words: str
) -> None:
    (window,) = Windows(tokenizer).cut("What is it?", text)
    start = text.index(words)
    pieces = window.pieces(Span(start, start + len(words)))
    assert pieces
    found = window.span(*pieces, text)
    assert text[found.start : found.end] == words


@given(st.text(min_size=1, max_size=200), st.data())
def test_every_run_of_word_pieces_is_a_slice_and_holds_what_it_was_made_of(
    tokenizer: Tokenizer, text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    span = Span(start, data.draw(st.integers(start + 1, len(text))))
    for window in Windows(tokenizer, length=24, overlap=6).cut("Who?", text):
        if pieces := window.pieces(span):
            found = window.span(*pieces, text)
            assert 0 <= found.start < found.end <= len(text)
            held = {at for start, end in window.places for at in range(start, end)}
            # Blanks at an end of what was given belong to no word piece.
            assert held & {*range(span.start, span.end)} <= {*range(found.start, found.end)}


def test_windows_overlap_and_leave_nothing_out(tokenizer: Tokenizer) -> None:
    text = " ".join(f"word{number}" for number in range(200))
    windows = Windows(tokenizer, length=64, overlap=20).cut("Which word?", text)
    assert len(windows) > 5
    assert all(len(window.ids) <= 64 for window in windows)
    parts = [{*map(tuple, window.places.tolist())} for window in windows]
    (whole,) = Windows(tokenizer, length=9999).cut("Which word?", text)
    assert set.union(*parts) == {*map(tuple, whole.places.tolist())}
    assert min(len(part & following) for part, following in pairwise(parts)) >= 20


def test_a_heading_stands_between_question_and_passage_with_its_end_kept(
    tokenizer: Tokenizer,
) -> None:
    (window,) = Windows(tokenizer).cut("Who?", "Ada Moor.", "Keepers › Gull Rock")
    read = tokenizer.decode(list(window.ids), skip_special_tokens=False)
    assert read == "[CLS] who? [SEP] keepers › gull rock [SEP] ada moor. [SEP]"
    assert tokenizer.decode(list(window.ids[window.first :])) == "ada moor."
    (long,) = Windows(tokenizer).cut("Who?", "Ada Moor.", "far " * 90 + "near")
    assert long.first == 3 + 1 + 24 + 1
    assert tokenizer.decode(list(long.ids[: long.first])).endswith("far near")


@given(st.integers(0, 80), st.integers(1, 900))
def test_sizes_are_at_least_those_of_the_windows(
    tokenizer: Tokenizer, question: int, passage: int
) -> None:
    windows = Windows(tokenizer)
    cut = windows.cut("who " * question, "oil " * passage)
    sizes = windows.sizes(question, passage)
    assert len(sizes) >= len(cut)
    assert all(len(w.ids) <= size for w, size in zip(cut, sizes, strict=False))
    assert windows.lengths(["who " * question, "oil " * passage]) == [question, passage]


def test_padding_is_masked_and_the_passage_is_the_second_segment(tokenizer: Tokenizer) -> None:
    cut = Windows(tokenizer).cut
    ids, mask, segments = padded([*cut("Who?", "a b c"), *cut("Who?", "a")])
    assert mask.sum(1).tolist() == [8, 6]
    assert segments.sum(1).tolist() == [4, 2]
    assert not ids[mask == 0].any()
