"""A sheet as people see it, and the text that it makes."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiqa.documents.spreadsheet.regions import Range, Region, sheet_regions
from aiqa.documents.text_builder import CanonicalText
from aiqa.types import BlockKind


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody notes on a cell."""

    row: int
    column: int
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """What lies above the cells: a text box, a chart with its values, or a picture as described.

    ``is_caption`` says that the texts stand beside what they tell of.
    """

    row: int
    texts: tuple[str, ...]
    is_caption: bool = False
    tables: tuple[list[list[str]], ...] = ()


@dataclass(slots=True)
class Sheet:
    """A sheet; rows and columns count from 1.

    ``rows`` hold the texts of the cells that are not blank, by row and column. ``heads`` are the
    cells in bold or declared to be heads, ``merged`` the ranges that are merged, and ``tables``
    those that the file declares to be tables. ``around`` is what stands at the top and bottom of
    printed pages, and ``uncalculated`` how many formulas have no result in the file, which is
    ``is_stale`` if they are to be calculated whenever it is opened.
    """

    name: str
    is_hidden: bool = False
    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    heads: set[tuple[int, int]] = field(default_factory=set)
    merged: list[Range] = field(default_factory=list)
    tables: list[Range] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    drawings: list[Drawing] = field(default_factory=list)
    around: list[tuple[BlockKind, str]] = field(default_factory=list)
    is_stale: bool = False
    uncalculated: int = 0


def address(row: int, column: int) -> str:
    """Return what a cell is called ("B3")."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


def add_sheet(sheet: Sheet, text: CanonicalText) -> None:
    """Add ``sheet`` as a section: its tables, then comments, text boxes and charts."""
    text.heading(1, f"{sheet.name} (hidden sheet)" if sheet.is_hidden else sheet.name)
    for region in sheet_regions(sheet.rows, sheet.heads, sheet.merged, sheet.tables):
        _add_table(region, text)
    for comment in sorted(sheet.comments, key=lambda comment: (comment.row, comment.column)):
        text.page(comment.row)
        by = f" by {comment.author}" if comment.author else ""
        text.block(
            "comment", comment.text, f"comment{by} on {address(comment.row, comment.column)}"
        )
    for drawing in sheet.drawings:
        text.page(drawing.row)
        _add_drawing(drawing, text)
    for kind, words in sheet.around:
        text.block(kind, words)
    if sheet.uncalculated:
        text.omit(
            f"On the sheet '{sheet.name}', results of formulas are missing "
            f"({sheet.uncalculated} cells): the program that wrote the file did not calculate "
            "them. Open it in Excel or LibreOffice and save it."
        )


def _add_table(region: Region, text: CanonicalText) -> None:
    text.table(
        region.cells,
        label=address(region.top, region.left),
        numbers=range(region.top, region.top + len(region.cells)),
    )


def _add_drawing(drawing: Drawing, text: CanonicalText) -> None:
    for words in drawing.texts:
        text.block("caption" if drawing.is_caption else "paragraph", words)
    for table in drawing.tables:
        text.table(table, header=True, label="chart")
