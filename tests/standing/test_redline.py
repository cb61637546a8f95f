"""What changed between two answers, as people and browsers read it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiqa.standing.redline import html_redline, plain_redline, redline

texts = st.text(st.sampled_from("ab .,\n<&é"), max_size=30)


@given(texts, texts)
def test_both_texts_can_be_read_from_the_parts(before: str, after: str) -> None:
    parts = list(redline(before, after))
    assert "".join(text for kind, text in parts if kind != "new") == before
    assert "".join(text for kind, text in parts if kind != "gone") == after


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("4 crowns", "5 crowns", "[-4-]{+5+} crowns"),
        ("5 crowns a head", "(not found)", "[-5 crowns a head-]{+(not found)+}"),
        ("nine", "nine", "nine"),
        ("at nine", "not at nine", "{+not +}at nine"),
    ],
)
def test_the_marks_are_those_of_wdiff(before: str, after: str, told: str) -> None:
    assert plain_redline(before, after) == told


def test_words_of_documents_are_no_html() -> None:
    shown = html_redline("<b>4</b>\n& more", "<b>5</b>\n& more")
    assert shown == "&lt;b&gt;<del>4</del><ins>5</ins>&lt;/b&gt;<br>&amp; more"
