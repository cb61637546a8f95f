"""Markers of list items: which begin a line of a list, and which belong to no sentence."""

import pytest

from aiqa.text.list_markers import ITEM_START
from aiqa.text.sentences import sentences


@pytest.mark.parametrize("marker", ["-", "*", "•", "◦", "▪", "7.", "12)"])
def test_bullets_and_numbers_begin_items_and_belong_to_no_sentence(marker: str) -> None:
    line = f"{marker} Keep the lamp lit."
    assert ITEM_START.match(line)
    assert [line[span.start : span.end] for span in sentences(line)] == ["Keep the lamp lit."]


@pytest.mark.parametrize("label", ["(7)", "a)", "(b)", "c.", "iv.", "(ii)", "D)", "A."])
def test_labels_begin_items_and_stay_in_their_sentence(label: str) -> None:
    line = f"{label} Moor kept the lamp."
    assert ITEM_START.match(line)
    assert sentences(line)[0].start == 0


@pytest.mark.parametrize("line", ["1887. It was lit", "well. It", "-5 degrees", "e.g. oil"])
def test_words_and_amounts_are_no_markers(line: str) -> None:
    assert not ITEM_START.match(line)
    assert sentences(line)[0].start == 0
