"""How well the head of a table cell fits a question."""

from __future__ import annotations

import pytest

from aiqa.reader.table_cells import head_match
from aiqa.text.analysis import content_terms
from aiqa.types import Span

ROW = "Card: Reduced; Annual fee: £9; Items at a time: 20; reservations_most: 6"


@pytest.mark.parametrize(
    ("question", "cell", "share", "lead"),
    [
        ("What is the annual fee of a reduced card?", "£9", 1.0, 0.0),
        ("how high is the annual fee", "£9", 1.0, 1.0),
        ("how high is the annual fee", "20", 0.0, -1.0),
        ("what is the fee", "£9", 0.5, 0.5),
        ("How many reservations?", "6", 0.5, 0.5),
    ],
)
def test_the_asked_head_leads(question: str, cell: str, share: float, lead: float) -> None:
    start = ROW.index(cell)
    found = head_match(content_terms(question), ROW, Span(start, start + len(cell)))
    assert found == (share, lead)


@pytest.mark.parametrize("head", ["unemployed_percent", "Unemployed (%)", "Unemployment rate"])
def test_a_share_is_asked_for_in_other_words_than_its_head(head: str) -> None:
    row = f"year: 2010; unemployed: 14825; {head}: 9.6"
    start = row.index("9.6")
    for question in ("US unemployment rate 2010", "share of unemployed people in 2010"):
        found = head_match(content_terms(question), row, Span(start, start + 3))
        assert found == (1.0, 0.0)


@pytest.mark.parametrize("line", ["The fee is £9.", "Note: the fee is £9."])
def test_a_line_that_is_no_row_has_no_heads(line: str) -> None:
    start = line.index("£9")
    assert head_match(["fee", "note"], line, Span(start, start + 2)) == (0.0, 0.0)
