"""Tables on PDF pages without any rules."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from aiqa.documents.pdf.highlights import boxes
from aiqa.types import Document, Span
from tests.documents.test_pdf import LEFT, RIGHT, across, column, pdf, words_drawn

SIDES = [50, 250, 330, 420]
PITCH = 18
STOCK = [
    ["Item", "Stock", "Price", "Sold"],
    ["Oak bench", "12", "249.00", "3"],
    ["Teak stool", "0", "59.00", "11"],
]


def rows_at(canvas: Canvas, rows: Sequence[Sequence[str]], top: float = 700) -> None:
    """Draw rows, numbers at the right of their columns."""
    for number, row in enumerate(rows):
        for place, words in zip(SIDES, row, strict=False):
            if place == SIDES[0]:
                canvas.drawString(place, top - PITCH * number, words)
            else:
                canvas.drawRightString(place + 60, top - PITCH * number, words)


def kinds(document: Document) -> list[str]:
    return [block.kind for block in document.blocks]


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        pytest.param(
            STOCK,
            [
                "Item: Oak bench; Stock: 12; Price: 249.00; Sold: 3",
                "Item: Teak stool; Stock: 0; Price: 59.00; Sold: 11",
            ],
            id="numbers below words",
        ),
        pytest.param(
            [
                ["", "Note", "2025", "2024"],
                ["Cash", "3", "1,204", "998"], ["Claims", "", "310", "\u2013"],
                ["Timber", "4", "96", "(12)"], ["All assets", "", "1,610", "986"],
            ],
            [
                "Cash; Note: 3; 2025: 1,204; 2024: 998", "Claims; 2025: 310; 2024: \u2013",
                "Timber; Note: 4; 2025: 96; 2024: (12)", "All assets; 2025: 1,610; 2024: 986",
            ],
            id="years, and places that are blank",
        ),
        pytest.param(
            [["Stop", "Mon", "Tue", "Sat"], ["Quay", "8:10", "8:10", "9:00"],
             ["Mill", "8:25", "8:25", "9:15"]],
            ["Stop: Quay; Mon: 8:10; Tue: 8:10; Sat: 9:00",
             "Stop: Mill; Mon: 8:25; Tue: 8:25; Sat: 9:15"],
            id="times",
        ),
        pytest.param(
            [["Team", "Player", "Goals"], ["Reds", "Ada", "4"], ["", "Ben", "2"],
             ["Blues", "Ada", "1"], ["", "Ben", "7"]],
            ["Team: Reds; Player: Ada; Goals: 4", "Team: Reds; Player: Ben; Goals: 2",
             "Team: Blues; Player: Ada; Goals: 1", "Team: Blues; Player: Ben; Goals: 7"],
            id="groups",
        ),
    ],
)  # fmt: skip
def test_columns_of_numbers_below_words_are_a_table(
    rows: Sequence[Sequence[str]], lines: Sequence[str]
) -> None:
    def draw(canvas: Canvas) -> None:
        column(canvas, 50, 760, LEFT, width=450)
        rows_at(canvas, rows, 680)
        column(canvas, 50, 680 - PITCH * len(rows) - 30, RIGHT, width=450)

    _, document = pdf(draw)
    assert document.text == "\n\n".join([LEFT, "\n".join(lines), RIGHT])
    assert kinds(document) == ["paragraph", "table", "paragraph"]


def test_each_value_is_drawn_where_it_stands() -> None:
    rows = [["Team", "Player", "Goals"], ["Reds", "Ada", "4"], ["", "Ben", "2"],
            ["Blues", "Ada", "1"], ["", "Ben", "7"]]  # fmt: skip
    data, document = pdf(lambda canvas: rows_at(canvas, rows))
    (table,) = document.blocks
    for cell in table.cells:
        span = Span(cell.body, cell.end)
        (box,) = boxes(document.layouts, span)
        assert words_drawn(data, document, span) == document.text[cell.body : cell.end]
        # The name of a group is drawn in its first row.
        row = cell.row if rows[cell.row][cell.column] else cell.row - 1
        assert box.top < A4[1] - 700 + PITCH * row < box.bottom + PITCH / 4


def test_a_cell_goes_on_in_the_line_below_and_a_paragraph_after_the_table_does_not() -> None:
    def draw(canvas: Canvas) -> None:
        rows_at(canvas, STOCK[:2])
        canvas.drawString(50, 700 - PITCH - 12, "in green")
        rows_at(canvas, STOCK[2:], 700 - PITCH * 2 - 12)
        canvas.drawString(50, 700 - PITCH * 3 - 12, "Delivery takes nine working days.")

    assert pdf(draw)[1].text == (
        "Item: Oak bench in green; Stock: 12; Price: 249.00; Sold: 3\n"
        "Item: Teak stool; Stock: 0; Price: 59.00; Sold: 11\n\n"
        "Delivery takes nine working days."
    )


def test_sums_below_a_table_are_not_named_by_its_heads() -> None:
    rows = [*STOCK, ["", "", "Subtotal", "14"], ["", "", "Value tax", "13"]]
    text = pdf(lambda canvas: rows_at(canvas, rows))[1].text
    assert text.endswith("Sold: 11\n\nSubtotal 14\n\nValue tax 13")


@pytest.mark.parametrize(
    "rows",
    [
        [["Customer:", "Heron Ltd", "Moss & Co"], ["Invoiced:", "4 May 2026", "Quay 8"],
         ["Due:", "3 June 2026", "Whitby"]],
        [["Ada", "Finch", "mate"], ["Ben", "Cross", "cook"], ["Cem", "Khan", "boy"]],
        [["4", "12", "9"], ["5", "13", "8"], ["6", "14", "7"]],
    ],
)  # fmt: skip
def test_what_no_words_head_is_no_table(rows: Sequence[Sequence[str]]) -> None:
    assert "table" not in kinds(pdf(lambda canvas: rows_at(canvas, rows))[1])


def test_a_table_in_a_column_of_the_page_leaves_the_other_column_alone() -> None:
    def draw(canvas: Canvas) -> None:
        across(canvas, 760, LEFT, RIGHT)
        across(canvas, 560, RIGHT, LEFT)
        for number, row in enumerate(STOCK):
            for place, words in zip((320, 400, 450, 500), row, strict=True):
                canvas.drawString(place, 400 - PITCH * number, words)

    document = pdf(draw)[1]
    assert kinds(document).count("table") == 1
    assert "Item: Teak stool; Stock: 0; Price: 59.00; Sold: 11" in document.text


def pairs(canvas: Canvas, rows: Sequence[tuple[str, str]], aside: int = 110) -> None:
    """Labels and values, too near for the blank between them to tell a table by itself."""
    for number, (label, value) in enumerate(rows):
        canvas.drawString(50, 700 - PITCH * number, label)
        canvas.drawString(aside, 700 - PITCH * number, value)


def test_labels_and_values_in_two_columns_are_a_table() -> None:
    rows = [("Flow", "32 l/s"), ("Head", "18 m"), ("Voltage", "400 V"), ("Housing", "steel")]

    def draw(canvas: Canvas) -> None:
        pairs(canvas, rows)
        canvas.drawString(50, 700 - PITCH * 4, "Clean the strainer every month.")

    assert pdf(draw)[1].text == (
        "Flow: 32 l/s\nHead: 18 m\nVoltage: 400 V\nHousing: steel\n\n"
        "Clean the strainer every month."
    )


@pytest.mark.parametrize(
    "rows",
    [
        [("Scope", "1"), ("Terms", "3"), ("Repairs", "12")],
        [("Apples", "Pears"), ("Plums", "Figs"), ("Quinces", "Sloes")],
        [("1.", "Open valve 4"), ("2.", "Wait 3 hours"), ("3.", "Shut valve 4")],
    ],
)
def test_contents_and_lists_are_no_labels_with_values(rows: Sequence[tuple[str, str]]) -> None:
    assert "table" not in kinds(pdf(lambda canvas: pairs(canvas, rows, 100))[1])
