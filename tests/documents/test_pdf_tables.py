"""Tables that are ruled on PDF pages: their cells, and where these are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

from aiqa.documents.pdf.highlights import boxes
from aiqa.types import Document, Span
from tests.documents.test_pdf import FONT, LEFT, RIGHT, across, column, pdf, words_drawn

ROWS = [
    ["Bay", "Nests in 2015", "Nests in 2025"],
    ["Otter bay", "48", "31"],
    ["Long bay", "77", "48"],
    ["Mill bay", "20", "23"],
]
SIDES = [50, 200, 350, 500]
HEIGHT = 20


def words(canvas: Canvas, rows: Sequence[Sequence[str]], top: float) -> None:
    for number, row in enumerate(rows):
        for column_, word in enumerate(row):
            canvas.drawString(SIDES[column_] + 4, top - HEIGHT * (number + 1) + 6, word)


def ruled(canvas: Canvas, top: float = 600) -> None:
    canvas.grid(SIDES, [top - HEIGHT * n for n in range(len(ROWS) + 1)])
    words(canvas, ROWS, top)


def boxed(canvas: Canvas, top: float = 600) -> None:
    for number in range(len(ROWS)):
        for left, right in pairwise(SIDES):
            canvas.rect(left, top - HEIGHT * (number + 1), right - left, HEIGHT)
    words(canvas, ROWS, top)


def thin(canvas: Canvas, top: float = 600) -> None:
    """Rules as Word writes them: as thin filled rectangles, none at the sides."""
    for number in range(len(ROWS) + 1):
        canvas.rect(50, top - HEIGHT * number, 450, 0.5, stroke=0, fill=1)
    for side in SIDES[1:-1]:
        canvas.rect(side, top - HEIGHT * len(ROWS), 0.5, HEIGHT * len(ROWS), stroke=0, fill=1)
    words(canvas, ROWS, top)


def lined(canvas: Canvas, top: float = 600) -> None:
    """A rule below each row only."""
    for number in range(1, len(ROWS) + 1):
        canvas.line(50, top - HEIGHT * number, 500, top - HEIGHT * number)
    words(canvas, ROWS, top)


def book(canvas: Canvas, top: float = 600) -> None:
    """Rules above and below the heads, and at the end."""
    for number in (0, 1, len(ROWS)):
        canvas.line(50, top - HEIGHT * number, 500, top - HEIGHT * number)
    words(canvas, ROWS, top)


TABLE = (
    "Bay: Otter bay; Nests in 2015: 48; Nests in 2025: 31\n"
    "Bay: Long bay; Nests in 2015: 77; Nests in 2025: 48\n"
    "Bay: Mill bay; Nests in 2015: 20; Nests in 2025: 23"
)


def table_of(document: Document) -> str:
    (block,) = [block for block in document.blocks if block.kind == "table"]
    return document.text[block.start : block.end]


@pytest.mark.parametrize("draw", [ruled, boxed, thin, lined, book])
@pytest.mark.parametrize("rotation", [0, 90])
def test_a_ruled_table_is_read_with_the_names_of_its_columns(draw: object, rotation: int) -> None:
    def page(canvas: Canvas) -> None:
        canvas.setPageRotation(rotation)
        if rotation:
            canvas.translate(A4[0], 0)
            canvas.rotate(90)
            canvas.translate(0, -200)
        column(canvas, 50, 700, LEFT, width=450)
        draw(canvas)  # type: ignore[operator]
        column(canvas, 50, 480, RIGHT, width=450)

    _, document = pdf(page)
    assert document.text == f"{LEFT}\n\n{TABLE}\n\n{RIGHT}"


@pytest.mark.parametrize("draw", [ruled, lined])
def test_the_value_of_a_cell_is_drawn_on_the_cell(draw: object) -> None:
    data, document = pdf(draw)  # type: ignore[arg-type]
    (block,) = document.blocks
    for row, names in enumerate(ROWS[1:], 1):
        for cell, said in zip(block.row_cells(row), names, strict=True):
            (box,) = boxes(document.layouts, Span(cell.body, cell.end))
            assert words_drawn(data, document, Span(cell.body, cell.end)) == said.replace(" ", "")
            assert SIDES[cell.column] <= box.left <= box.right <= SIDES[cell.column + 1]
            top = A4[1] - 600 + HEIGHT * row
            assert top <= (box.top + box.bottom) / 2 <= top + HEIGHT
    whole = boxes(document.layouts, Span(0, len(document.text)))
    assert len(whole) == 9


def test_words_that_wrap_and_cells_that_span_are_whole() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.rect(50, 520, 450, 80)
        for height in (540, 580):
            canvas.line(50, height, 500, height)
        canvas.line(200, 560, 500, 560)
        canvas.line(200, 520, 200, 600)
        canvas.line(350, 520, 350, 580)
        canvas.drawString(54, 586, "Region")
        canvas.drawString(204, 586, "Boats")
        for number, line in enumerate(simpleSplit("The south of the upper lake", *FONT, 90)):
            canvas.drawString(54, 568 - 12 * number, line)
        canvas.drawString(204, 566, "Dinghies")
        canvas.drawString(354, 566, "14")
        canvas.drawString(204, 546, "Yachts")
        canvas.drawString(354, 546, "9")
        canvas.drawString(54, 526, "The north")
        canvas.drawString(204, 526, "Rafts")
        canvas.drawString(354, 526, "3")

    assert table_of(pdf(draw)[1]).split("\n") == [
        "Region: The south of the upper lake; Boats: Dinghies; Boats: 14",
        "Region: The south of the upper lake; Boats: Yachts; Boats: 9",
        "Region: The north; Boats: Rafts; Boats: 3",
    ]


def test_columns_are_read_above_and_below_a_table_over_the_full_width() -> None:
    def draw(canvas: Canvas) -> None:
        across(canvas, 760, LEFT, RIGHT)
        ruled(canvas, 560)
        across(canvas, 420, RIGHT, LEFT)

    assert pdf(draw)[1].text == f"{LEFT}\n\n{RIGHT}\n\n{TABLE}\n\n{RIGHT}\n\n{LEFT}"


def test_frames_and_rules_around_text_make_no_table() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.rect(40, 400, 520, 420)
        canvas.line(40, 780, 560, 780)
        across(canvas, 740, LEFT, RIGHT)
        canvas.line(40, 520, 560, 520)

    _, document = pdf(draw)
    assert {block.kind for block in document.blocks} == {"paragraph"}
    assert document.text == f"{LEFT}\n\n{RIGHT}"
