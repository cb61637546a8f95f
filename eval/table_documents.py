"""The same table in six formats, for the screenshots of how each is shown."""

from __future__ import annotations

from html import escape
from pathlib import Path

import docx
import pptx
import xlsxwriter
from pptx.util import Inches
from reportlab.pdfgen.canvas import Canvas

TITLE = "Opening hours of the harbour"
ROWS = (
    ("Place", "Weekdays", "Saturdays", "Sundays"),
    ("North gate", "6:30 to 21:00", "7:00 to 20:00", "8:00 to 18:00"),
    ("South gate", "7:00 to 19:00", "8:00 to 16:00", "9:15 to 13:00"),
    ("Boat yard", "8:00 to 17:00", "9:00 to 12:00", "closed"),
    ("Museum", "10:00 to 17:00", "10:00 to 18:00", "11:00 to 18:00"),
)
NOTE = "On public holidays the hours of Sundays hold. The night watch is at the north gate."
QUESTION = "When is the south gate open on Sundays?"
QUOTE = "9:15 to 13:00"

_SIDES = (60, 170, 280, 390, 500)
_HEIGHT = 24
_TOP = 640


def write_tables(folder: Path) -> dict[str, Path]:
    """Write the table to ``folder`` in each format; return the files by suffix."""
    writers = {
        "docx": _word, "xlsx": _workbook, "html": _html, "md": _markdown, "pptx": _slides,
        "pdf": _ruled_pdf,
    }  # fmt: skip
    files = {suffix: folder / f"hours-{suffix}.{suffix}" for suffix in writers}
    for suffix, write in writers.items():
        write(files[suffix])
    return files


def _word(path: Path) -> None:
    document = docx.Document()
    document.core_properties.title = TITLE
    document.add_heading(TITLE, 1)
    table = document.add_table(len(ROWS), len(ROWS[0]))
    for number, row in enumerate(ROWS):
        for column, words in enumerate(row):
            table.cell(number, column).text = words
    document.add_paragraph(NOTE)
    document.save(str(path))


def _workbook(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Harbour")
        for number, row in enumerate(ROWS):
            sheet.write_row(number, 0, row)


def _html(path: Path) -> None:
    rows = [
        "<tr>" + "".join(f"<{tag}>{escape(words)}</{tag}>" for words in row) + "</tr>"
        for tag, row in zip(("th", *["td"] * len(ROWS)), ROWS, strict=False)
    ]
    table = f"<h1>{TITLE}</h1><table>{''.join(rows)}</table><p>{NOTE}</p>"
    path.write_text(f"<!doctype html><title>{TITLE}</title>{table}", "utf-8")


def _markdown(path: Path) -> None:
    head, *rows = (f"| {' | '.join(row)} |" for row in ROWS)
    lines = [f"# {TITLE}", "", head, "|---" * len(ROWS[0]) + "|", *rows, "", NOTE, ""]
    path.write_text("\n".join(lines), "utf-8")


def _slides(path: Path) -> None:
    presentation = pptx.Presentation()
    first = presentation.slides.add_slide(presentation.slide_layouts[1])
    first.shapes.title.text = "Visiting the harbour"
    first.placeholders[1].text_frame.text = NOTE
    second = presentation.slides.add_slide(presentation.slide_layouts[5])
    second.shapes.title.text = TITLE
    place = (Inches(0.5), Inches(2), Inches(9), Inches(3))
    table = second.shapes.add_table(len(ROWS), len(ROWS[0]), *place).table
    for number, row in enumerate(ROWS):
        for column, words in enumerate(row):
            table.cell(number, column).text = words
    presentation.save(str(path))


def _ruled_pdf(path: Path) -> None:
    canvas = Canvas(str(path))
    canvas.setTitle(TITLE)
    canvas.setFont("Helvetica-Bold", 18)
    canvas.drawString(_SIDES[0], _TOP + 40, TITLE)
    canvas.grid(_SIDES, [_TOP - _HEIGHT * number for number in range(len(ROWS) + 1)])
    for number, row in enumerate(ROWS):
        canvas.setFont("Helvetica" if number else "Helvetica-Bold", 11)
        for side, words in zip(_SIDES, row, strict=False):
            canvas.drawString(side + 5, _TOP - _HEIGHT * (number + 1) + 8, words)
    canvas.setFont("Helvetica", 11)
    canvas.drawString(_SIDES[0], _TOP - _HEIGHT * (len(ROWS) + 1) - 10, NOTE)
    canvas.save()
