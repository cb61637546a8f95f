"""PDF pages as people see them: columns, running lines, cut words, headings, and drawn spans."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdfium2 import PdfDocument
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

from aiqa.documents import load_document
from aiqa.documents.pdf.highlights import boxes
from aiqa.types import Document, Span
from tests.conftest import Open

LEFT = (
    "The lamp on Gull Rock was lit in the winter of the great storm and has burned each night "
    "since then. Its keepers climb the tower at dusk, trim the wick and wind the clockwork that "
    "turns the lens. They write the weather down before they sleep, and again when they wake."
)
RIGHT = (
    "Boats that are longer than twelve metres report to the harbour office before they enter. "
    "The office keeps a list of moorings and of the fees that are owed for each of them. Nobody "
    "may leave a net on the quay, for the cart of the salt works must be able to pass at all hours."
)
FONT = ("Helvetica", 10)
PITCH = 12


@contextmanager
def drawing(out: BytesIO) -> Iterator[Canvas]:
    canvas = Canvas(out, pagesize=A4, invariant=1)
    canvas.setFont(*FONT)
    yield canvas
    canvas.save()


def pdf(draw: Callable[[Canvas], None]) -> tuple[bytes, Document]:
    out = BytesIO()
    with drawing(out) as canvas:
        draw(canvas)
    return out.getvalue(), load_document(out.getvalue(), "a.pdf")


def column(canvas: Canvas, x: float, y: float, text: str, width: float = 220) -> None:
    for number, line in enumerate(simpleSplit(text, *FONT, width)):
        canvas.drawString(x, y - number * PITCH, line)


def across(canvas: Canvas, y: float, *texts: str, width: float = 220, pitch: float = 260) -> None:
    """Columns beside each other, drawn as some programs do: line by line over the whole page."""
    columns = [simpleSplit(text, *FONT, width) for text in texts]
    for row in range(max(map(len, columns))):
        for number, lines in enumerate(columns):
            if row < len(lines):
                canvas.drawString(50 + number * pitch, y - row * PITCH, lines[row])


def test_two_columns_are_read_one_after_the_other_however_the_file_draws_them() -> None:
    def by_column(canvas: Canvas) -> None:
        column(canvas, 50, 700, LEFT)
        column(canvas, 310, 700, RIGHT)

    assert pdf(by_column)[1].text == f"{LEFT}\n\n{RIGHT}"
    assert pdf(lambda canvas: across(canvas, 700, LEFT, RIGHT))[1].text == f"{LEFT}\n\n{RIGHT}"


def test_three_columns_under_a_heading_that_spans_them() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 18)
        canvas.drawString(50, 740, "The harbour, the lamp and the boats that pass them by night")
        canvas.setFont(*FONT)
        across(canvas, 700, LEFT, RIGHT, LEFT[::-1].title(), width=150, pitch=175)

    _, document = pdf(draw)
    heading, *columns = document.text.split("\n\n")
    assert [heading.title for heading in document.headings] == [heading]
    assert columns[:2] == [LEFT, RIGHT]


def test_a_paragraph_goes_on_in_the_next_column_even_in_the_middle_of_a_word() -> None:
    def draw(canvas: Canvas) -> None:
        column(canvas, 50, 700, LEFT + " In spring the keep-")
        column(canvas, 310, 700, "ers paint the tower white again. " + RIGHT)

    text = pdf(draw)[1].text
    assert f"{LEFT} In spring the keepers paint the tower white again. {RIGHT}" in " ".join(
        text.split()
    )
    assert "keepers paint" in text


def test_a_table_is_read_row_by_row() -> None:
    rows = [("Dinghy", "4 crowns"), ("Yacht", "9 crowns"), ("Schooner", "20 crowns"), ("Raft", "0")]

    def draw(canvas: Canvas) -> None:
        for number, (boat, fee) in enumerate(rows):
            canvas.drawString(50, 700 - 20 * number, boat)
            canvas.drawString(310, 700 - 20 * number, fee)

    text = " ".join(pdf(draw)[1].text.split())
    assert text == " ".join(f"{boat} {fee}" for boat, fee in rows)


def test_running_lines_of_left_and_right_pages_are_kept_once_and_repeated_headings_stay() -> None:
    def draw(canvas: Canvas) -> None:
        for page in range(1, 9):
            canvas.setFont("Helvetica", 8)
            canvas.drawString(50, 810, "Harbour almanac" if page % 2 else f"Chapter {page // 5}")
            canvas.drawString(290, 20, f"– {page} –")
            canvas.setFont("Helvetica-Bold", 16)
            canvas.drawString(50, 760, "Log")
            canvas.setFont(*FONT)
            column(canvas, 50, 700, f"Entry of day {page * page}. {LEFT}", width=480)
            canvas.showPage()

    _, document = pdf(draw)
    headers = [
        (document.text[block.start : block.end], document.page_at(block.start))
        for block in document.blocks
        if block.kind == "page header"
    ]
    assert headers == [("Harbour almanac", 1), ("Chapter 0", 2), ("Chapter 1", 6)]
    assert document.text.count("almanac") == 1
    assert "–" not in document.text
    assert [heading.title for heading in document.headings] == ["Log"] * 8
    assert document.text.count("Entry of day") == 8


def test_sentences_at_the_foot_of_a_page_stay_where_only_their_amounts_differ() -> None:
    amounts = [120, 135, 90, 240]

    def draw(canvas: Canvas) -> None:
        for page, amount in enumerate(amounts, 1):
            canvas.setFont(*FONT)
            column(canvas, 50, 700, LEFT, width=480)
            canvas.drawString(50, 46, f"The harbour took {amount} crowns.")
            canvas.drawString(50, 33, f"See table {'#' if page % 2 else page}")
            canvas.drawString(290, 20, f"Page {page} of 4, order {'9' * 5000}")
            canvas.showPage()

    text = pdf(draw)[1].text
    for amount in amounts:
        assert f"took {amount} crowns" in text
    assert "Page" not in text


def test_a_paragraph_at_the_foot_of_a_page_stays_whole_if_it_begins_like_others() -> None:
    ends = ["on Monday.", "with three new panes.", "twice, and not at all in May.", "late."]

    def draw(canvas: Canvas) -> None:
        for page, end in enumerate(ends, 1):
            canvas.setFont(*FONT)
            column(canvas, 50, 700, f"Day {page * page}. {LEFT}", width=480)
            canvas.drawString(50, 46, "The keeper of the lamp cleaned it")
            canvas.drawString(50, 33, end)
            canvas.showPage()

    text = pdf(draw)[1].text
    assert text.count("The keeper of the lamp cleaned it") == len(ends)
    assert all(end in text for end in ends)


def test_pages_that_hold_but_a_line_or_two_are_kept_whole() -> None:
    def draw(canvas: Canvas) -> None:
        for page in range(1, 5):
            canvas.drawString(50, 800, f"Crate {page} of 4")
            canvas.drawString(50, 780, "Handle with care")
            canvas.showPage()

    text = pdf(draw)[1].text
    assert [text.count(f"Crate {page} of 4") for page in range(1, 5)] == [1] * 4
    assert text.count("Handle with care") == 4


def test_a_page_with_nothing_but_the_header_of_others_is_empty() -> None:
    def draw(canvas: Canvas) -> None:
        for page in range(1, 7):
            canvas.setFont("Helvetica", 8)
            canvas.drawString(50, 810, "VAT number GB 774 1902 55")
            canvas.setFont(*FONT)
            if page != 4:
                column(canvas, 50, 700, f"Entry {page * page}. {LEFT}", width=480)
            canvas.showPage()

    _, document = pdf(draw)
    assert document.text.count("GB 774 1902 55") == 1
    assert [page.number for page in document.pages] == [1, 2, 3, 5, 6]


def test_a_footer_is_kept_without_the_number_of_its_page() -> None:
    def draw(canvas: Canvas) -> None:
        for page in range(1, 5):
            canvas.setFont(*FONT)
            column(canvas, 50, 700, f"Entry {page * page}. {LEFT}", width=480)
            canvas.drawString(50, 30, f"Pay to account 88-1402. Page {page} of 4")
            canvas.showPage()

    _, document = pdf(draw)
    footers = [block for block in document.blocks if block.kind == "page footer"]
    assert [document.text[b.start : b.end] for b in footers] == ["Pay to account 88-1402."]


def test_a_sentence_below_the_text_of_every_page_belongs_to_each() -> None:
    def draw(canvas: Canvas) -> None:
        for page in range(1, 5):
            canvas.setFont(*FONT)
            canvas.drawString(
                50, 780, f"The price of order {page * page} is low, carriage paid here."
            )
            canvas.drawString(50, 745, "Goods are returned within 14 days in their own box.")
            canvas.showPage()

    assert pdf(draw)[1].text.count("Goods are returned within 14 days") == 4


def test_a_line_beyond_the_margin_breaks_no_sentence_that_goes_on_with_a_short_word() -> None:
    lines = [
        "The keeper of the lamp lights it when the sun has gone down.",
        "Whoever keeps the lamp has the duty to tell the harbour when",
        "it is out, and the harbour office then has the duty to send ",
        "a boat and a man who knows the rock. The keeper has the duty",
        "to keep a record of all this, which he hands on in the year.",
        "The record is kept in the harbour office for ten more years.",
        "A record is lent to nobody.",
        "to the reader",
    ]

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Courier", 10)
        for number, line in enumerate(lines):
            canvas.drawString(72, 700 - 12 * number, line)
        canvas.drawString(
            72, 400, "This line, which stands by itself, is wider than the text of the page."
        )

    _, document = pdf(draw)
    assert "The keeper has the duty to keep a record" in document.text
    assert "lent to nobody.\n\nto the reader" in document.text


def test_a_cut_word_is_made_whole_and_a_compound_keeps_its_hyphen() -> None:
    lines = [
        "A well-known light-",
        "house stands here. It is a well-",
        "known sight. Nine men kept it",
    ]

    def draw(canvas: Canvas) -> None:
        for number, line in enumerate(lines):
            canvas.drawString(50, 700 - PITCH * number, line)

    _, document = pdf(draw)
    assert document.text == (
        "A well-known lighthouse stands here. It is a well-known sight. Nine men kept it"
    )


def test_the_table_of_contents_tells_headings_that_look_like_text() -> None:
    def draw(canvas: Canvas) -> None:
        for level, (title, text) in enumerate((("1. Duties", LEFT), ("1.1 The quay", RIGHT))):
            canvas.bookmarkPage(title)
            canvas.addOutlineEntry(title.split(maxsplit=1)[1], title, level)
            canvas.drawString(50, 700, title)
            column(canvas, 50, 700 - PITCH, text, width=480)
            canvas.showPage()

    _, document = pdf(draw)
    assert [(h.level, h.title) for h in document.headings] == [
        (1, "1. Duties"),
        (2, "1.1 The quay"),
    ]
    assert document.section_at(document.text.index("Nobody")) == ("1. Duties", "1.1 The quay")


def test_pages_that_show_something_but_hold_no_text_are_named() -> None:
    def draw(canvas: Canvas) -> None:
        column(canvas, 50, 700, LEFT)
        canvas.showPage()
        canvas.rect(50, 50, 400, 600, fill=1)
        canvas.showPage()
        canvas.showPage()
        column(canvas, 50, 700, RIGHT)

    _, document = pdf(draw)
    assert document.unread_pages == (2,)
    assert [page.number for page in document.pages] == [1, 4]


def test_a_title_that_a_program_filled_in_is_not_one() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setTitle("Microsoft Word - draft_final2.doc")
        column(canvas, 50, 700, LEFT)

    assert pdf(draw)[1].title == "A"


@pytest.mark.parametrize(
    ("headings", "title"), [(["Section 1", "Section 2"], "A"), (["The quay"], "The quay")]
)
def test_a_file_without_a_title_is_not_called_by_one_section_of_many(
    headings: list[str], title: str
) -> None:
    def draw(canvas: Canvas) -> None:
        for number, heading in enumerate(headings):
            canvas.setFont("Helvetica-Bold", 18)
            canvas.drawString(50, 760 - 300 * number, heading)
            canvas.setFont("Helvetica", 10)
            column(canvas, 50, 720 - 300 * number, LEFT)

    document = pdf(draw)[1]
    assert [heading.title for heading in document.headings] == headings
    assert document.title == title


def words_drawn(data: bytes, document: Document, span: Span) -> str:
    """What pdfium finds on the pages inside the rectangles of a span, blanks aside."""
    found = ""
    with PdfDocument(data) as file:
        for box in boxes(document.layouts, span):
            page = file[box.page - 1]
            width, height = page.get_size()
            left, bottom, *_ = page.get_bbox()
            x0, y0, x1, y1 = {
                0: (box.left, height - box.bottom, box.right, height - box.top),
                90: (box.top, box.left, box.bottom, box.right),
                180: (width - box.right, box.top, width - box.left, box.bottom),
                270: (height - box.bottom, width - box.right, height - box.top, width - box.left),
            }[page.get_rotation()]
            assert 0 <= box.left <= box.right <= width
            assert 0 <= box.top <= box.bottom <= height
            found += page.get_textpage().get_text_bounded(
                left + x0 + 1, bottom + y0 + 1, left + x1 - 1, bottom + y1 - 1
            )
    return "".join(found.replace("￾", "").split())


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [None, (30, 40, 560, 800)])
def test_a_quote_is_drawn_where_it_stands(
    rotation: int, crop: tuple[float, float, float, float] | None
) -> None:
    def draw(canvas: Canvas) -> None:
        if crop:
            canvas.setCropBox(crop)
        canvas.setPageRotation(rotation)  # and what is drawn against it, to be read upright
        canvas.translate(*{0: (0, 0), 90: (A4[1], 0), 180: A4, 270: (0, A4[0])}[rotation])
        canvas.rotate(rotation)
        across(canvas, 500, LEFT, RIGHT)
        canvas.drawString(50, 300, "• a bullet")

    data, document = pdf(draw)
    for quote in (
        "great storm",
        "Its keepers climb the tower at dusk",
        "before they enter. The",
        LEFT,
    ):
        start = document.text.index(quote)
        drawn = words_drawn(data, document, Span(start, start + len(quote)))
        assert drawn == "".join(quote.split())


@settings(max_examples=25)
@given(st.lists(st.text("abcde -.é€", min_size=1, max_size=30), min_size=1, max_size=12), st.data())
def test_whatever_stands_on_the_page_every_span_is_drawn_on_its_own_words(
    lines: list[str], data: st.DataObject
) -> None:
    lines = [line.strip(" -") or "x" for line in lines]

    def draw(canvas: Canvas) -> None:
        for number, line in enumerate(lines):
            canvas.drawString(50, 700 - 14 * number, line)

    file, document = pdf(draw)
    start = data.draw(st.integers(0, len(document.text) - 1))
    end = data.draw(st.integers(start + 1, len(document.text)))
    quote = "".join(document.text[start:end].split())
    assert words_drawn(file, document, Span(start, end)) in ("", quote) or quote in words_drawn(
        file, document, Span(start, end)
    )
    whole = words_drawn(file, document, Span(0, len(document.text)))
    assert whole == "".join(document.text.split())


def test_an_index_draws_a_citation(tmp_path: Path, open_assistant: Open) -> None:
    data, _ = pdf(lambda canvas: across(canvas, 700, LEFT, RIGHT))
    (tmp_path / "a.pdf").write_bytes(data)
    assistant = open_assistant(tmp_path / "index")
    assistant.ingest(tmp_path / "a.pdf")
    (citation,) = assistant.ask(
        "Which boats report to the harbour office?", min_confidence=0
    ).citations
    document = assistant.document(citation.document_id)
    drawn = assistant.boxes(citation.document_id, citation.sentence_start, citation.sentence_end)
    assert citation.quote in document.text
    assert {box.page for box in drawn} == {citation.page}
    assert all(box.left >= 305 for box in drawn)
    assert len(drawn) == len({round(box.top) for box in drawn}) >= 2


def test_scripts_stay_in_their_line_and_raised_digits_are_told() -> None:
    def draw(canvas: Canvas) -> None:
        x = 72.0
        for words, size, rise in [
            ("Area 10", 12, 0), ("6", 7, 5), (" m", 12, 0), ("2", 7, 5), (" of fen, CO", 12, 0),
            ("2", 7, -2), (" too, the 2", 12, 0), ("nd", 7, 5), (" of all.", 12, 0),
        ]:  # fmt: skip
            canvas.setFont("Helvetica", size)
            canvas.drawString(x, 700 + rise, words)
            x += canvas.stringWidth(words, "Helvetica", size)

    data, document = pdf(draw)
    assert document.text == "Area 10⁶ m² of fen, CO2 too, the 2nd of all."
    start = document.text.index("of fen")
    assert words_drawn(data, document, Span(start, start + 6)) == "offen"


def test_rows_of_a_form_and_of_a_table_of_contents_are_lines_of_their_own() -> None:
    rows = [("Invoice no.", "4711"), ("Date", "1 May 2024"), ("Customer", "Iris Vale")]
    leaders = [f"{number} Locks {'. ' * 30}{number * 9}" for number in (1, 2)]

    def draw(canvas: Canvas) -> None:
        for number, (name, value) in enumerate(rows):
            canvas.drawString(72, 750 - 16 * number, name)
            canvas.drawString(300, 750 - 16 * number, value)
        for number, words in enumerate(leaders):
            canvas.drawString(72, 600 - 16 * number, words)

    lines = [f"{name} {value}" for name, value in rows] + leaders
    assert pdf(draw)[1].text.split("\n\n") == lines
