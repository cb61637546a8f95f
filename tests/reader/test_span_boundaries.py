"""The ends of spans: whole words and numbers, without stray marks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiqa.reader.span_boundaries import trimmed, whole_tokens
from aiqa.types import Span

WHOLE = (
    "18,870", "1.5", ".75", "-5", "−0.5", "3.5%", "12 %", "1887", "1990s", "10:30", "10:30am",  # noqa: RUF001
    "9–17", "2024-05-01", "05/01/2024", "1.5.2024", "2024-05-01T10:30", "1887–1910", "$5", "$ 5",
    "$1,200.50", "$5.6m", "$5.6bn", "US$400", "-$3.5k", "€ 12", "12 €", "£9", "5km", "3rd", "1/2",
    "lamp", "Ada’s", "don't", "state-of-the-art", "COVID-19", "F-35B", "GPT-4.5", "v1.2.3", "R&D",
    "user_name", "déjà", "de\u0301ja\u0300", "Ada" * 50,
)  # fmt: skip
"""What may not be cut."""


@given(
    token=st.sampled_from(WHOLE),
    before=st.sampled_from(["", "It is ", "($2 of 7 and\n", "(", "from 3 % to "]),
    after=st.sampled_from(["", " or so.", ", then", ")", ".\n5 more", " (5 %)", "; 7"]),
    data=st.data(),
)
def test_numbers_amounts_dates_times_and_words_are_never_cut(
    token: str, before: str, after: str, data: st.DataObject
) -> None:
    text = before + token + after
    start = data.draw(st.integers(0, len(token) - 1))
    end = data.draw(st.integers(start + 1, len(token)))
    inside = Span(len(before) + start, len(before) + end)
    if token[start:end].isspace():
        return
    span = whole_tokens(text, inside)
    # A span of blanks and marks between tokens may touch none, or one of two, as in "$ 5".
    assert text[span.start : span.end].strip() == token


@given(text=st.text("aé1,.5%$ -\n", max_size=40), data=st.data())
def test_whole_tokens_take_in_what_was_given_stay_in_the_line_and_are_whole(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(
        st.integers(start, text.find("\n", start) if "\n" in text[start:] else len(text))
    )
    found = whole_tokens(text, Span(start, end))
    assert 0 <= found.start <= start <= end <= found.end <= len(text)
    assert text[found.start : start].count("\n") == text[end : found.end].count("\n") == 0
    for border in {found.start, found.end} if start < end else ():
        around = text[max(border - 1, 0) : border + 1]
        assert not (len(around) == 2 and around.isalnum() and 0 < border < len(text))


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("由梁文锋创立", "梁文锋", "梁文锋"),  # no blanks stand between these words
        ("于1887年创立", "188", "1887"),
        ("said the page.12 Others", "page", "page"),  # the number is a footnote's
        ("lit in 1887, 5 years on", "1887", "1887"),
        ("of 5 % or less", "or", "or"),
    ],
)
def test_what_is_whole_stays_as_it_is(text: str, words: str, expected: str) -> None:
    start = text.index(words)
    span = whole_tokens(text, Span(start, start + len(words)))
    assert text[span.start : span.end] == expected


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("kept by (Ada Moor).", "(Ada Moor", "(Ada Moor)"),
        ("kept by (Ada Moor).", "Ada Moor)", "Ada Moor"),
        ("it is “new”, they say", "“new", "“new”"),
        ('the "lamp" burns', 'lamp"', "lamp"),
        ("in 1887, then", " 1887, ", "1887"),
        ("costs .5 crowns", ".5", ".5"),
        ("he worked at Moor Inc. then", "Moor Inc.", "Moor Inc."),
        ("f(x) is a function", "f(x", "f(x)"),
        ("nothing: (, )", "(, )", None),
    ],
)
def test_ends_are_trimmed_to_the_words(text: str, words: str, expected: str | None) -> None:
    start = text.index(words)
    span = trimmed(text, Span(start, start + len(words)))
    assert (text[span.start : span.end] if span else None) == expected


@given(text=st.text(alphabet='ab ()[]“”",.:', max_size=30), data=st.data())
def test_trimming_ends_and_leaves_no_blanks(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    span = trimmed(text, Span(start, end))
    if span:
        words = text[span.start : span.end]
        assert words == words.strip() != ""
        assert start <= span.start < span.end <= min(end + 1, len(text))
