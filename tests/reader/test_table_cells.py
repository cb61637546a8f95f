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


@pytest.mark.parametrize("line", ["The fee is £9.", "Note: the fee is £9."])
def test_a_line_that_is_no_row_has_no_heads(line: str) -> None:
    start = line.index("£9")
    assert head_match(["fee", "note"], line, Span(start, start + 2)) == (0.0, 0.0)
