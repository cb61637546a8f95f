"""What people note beside the cells of a workbook: comments, text boxes, charts and diagrams."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from aiqa.documents.ooxml.charts import read_chart
from aiqa.documents.ooxml.diagrams import diagram_items
from aiqa.documents.ooxml.drawing_text import body_paragraphs
from aiqa.documents.ooxml.graphics import alt_text
from aiqa.documents.ooxml.names import attribute, qualified
from aiqa.documents.ooxml.package import Part
from aiqa.documents.spreadsheet.cells import cell_range
from aiqa.documents.spreadsheet.sheet import Comment, Drawing

if TYPE_CHECKING:
    from lxml.etree import _Element

_THREAD = re.compile(r"\[Threaded comment\].*?(?:Comment|Reply):\s*", re.DOTALL)
"""What old programs are told in place of a conversation."""

_SHEET_OF_FORMULA = re.compile(r"(?:'((?:[^']|'')+)'|([^'!]+))!")


def read_comments(sheet: Part) -> list[Comment]:
    """Return the comments on the cells of a sheet, conversations reply by reply."""
    conversations = [
        comment for part in sheet.of_kind("threadedComment") for comment in _threads(part, sheet)
    ]
    places = {(comment.row, comment.column) for comment in conversations}
    notes = [
        comment
        for part in sheet.of_kind("comments")
        for comment in _notes(part)
        if (comment.row, comment.column) not in places
    ]
    return notes + conversations


def _notes(part: Part) -> Iterator[Comment]:
    authors = [author.text or "" for author in part.root.iter("{*}author")]
    for element in part.root.iter("{*}comment"):
        number = attribute(element, "authorId", "-1")
        author = authors[int(number)] if number.isdigit() and int(number) < len(authors) else ""
        words = "".join(text.text or "" for text in element.iter("{*}t"))
        words = _THREAD.sub("", words)
        # Excel begins a note with the name of its author, and an author with "tc=" is a thread.
        author = "" if author.startswith("tc=") else author
        words = words.removeprefix(f"{author}:").strip() if author else words
        row, column, _, _ = cell_range(attribute(element, "ref"))
        yield Comment(row, column, author, words)


def _threads(part: Part, sheet: Part) -> Iterator[Comment]:
    people = {
        attribute(person, "id"): attribute(person, "displayName")
        for people_part in sheet.package.main("xl/workbook.xml").of_kind("person")
        for person in people_part.root.iter("{*}person")
    }
    for element in part.root.iter("{*}threadedComment"):
        row, column, _, _ = cell_range(attribute(element, "ref"))
        words = "".join(text.text or "" for text in element.iterchildren("{*}text"))
        yield Comment(row, column, people.get(attribute(element, "personId"), ""), words)


def read_drawings(sheet: Part, sheet_names: Collection[str]) -> list[Drawing]:
    """Return the text boxes, charts and diagrams of a sheet, and what describes its pictures.

    Values of a chart that stand in a sheet of the same workbook, as ``sheet_names`` tell, are
    left to that sheet.
    """
    drawings = []
    for part in sheet.of_kind("drawing"):
        for anchor in part.root:
            row = anchor.find("{*}from/{*}row")
            number = int(row.text) + 1 if row is not None and (row.text or "").isdigit() else 1
            drawings += [Drawing(number, (words,)) for words in _text_boxes(anchor, part)]
            drawings += [
                Drawing(number, (words,), is_caption=True)
                for words in dict.fromkeys(map(alt_text, anchor.iter("{*}cNvPr")))
                if words
            ]
            drawings += _charts(anchor, part, number, sheet_names)
    return drawings


def _text_boxes(anchor: _Element, part: Part) -> Iterator[str]:
    for box in anchor.iter("{*}txBody"):
        yield from body_paragraphs(box)
    for diagram in anchor.iter(qualified("dgm:relIds")):
        for _, words in diagram_items(part.referred(diagram, "r:dm").root):
            yield words


def _charts(
    anchor: _Element, part: Part, row: int, sheet_names: Collection[str]
) -> Iterator[Drawing]:
    for tag in ("c:chart", "cx:chart"):
        for reference in anchor.iter(qualified(tag)):
            root = part.referred(reference).root
            chart = read_chart(root)
            is_repeated = _names_sheet(root, sheet_names)
            yield Drawing(
                row,
                tuple(filter(None, (chart.title, *chart.axes))),
                is_caption=True,
                tables=() if is_repeated else chart.tables,
            )


def _names_sheet(chart: _Element, sheet_names: Collection[str]) -> bool:
    """Whether the values of ``chart`` are those of cells in one of the sheets."""
    formulas = [formula.text or "" for formula in chart.iter("{*}f")]
    sheets = [
        found for formula in formulas if (found := _SHEET_OF_FORMULA.match(formula.lstrip("(")))
    ]
    return bool(sheets) and all(
        (found[1] or found[2]).replace("''", "'") in sheet_names for found in sheets
    )
