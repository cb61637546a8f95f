"""Where each character of a PDF's text stands on its page."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

import numpy as np

from aiqa.documents.pdf.lines import BOX_BYTES, inked
from aiqa.documents.pdf.table_cells import RuledTable
from aiqa.documents.text_builder import Content
from aiqa.types import Block, Cell, PageLayout

Ink = bytes | RuledTable
"""``BOX_BYTES`` for each character of a block that is not blank, or the table that knows them."""


def layouts(
    content: Content, sizes: Sequence[tuple[float, float]], inks: Sequence[Sequence[Ink]]
) -> Iterator[PageLayout]:
    """Give each character that is not blank the next box of its page.

    Args:
        content: the text of all pages.
        sizes: the pages' widths and heights in points.
        inks: the boxes of each page's blocks, in the order of the text.
    """
    tables = (block for block in content.blocks if block.kind == "table")
    ends = [*(page.start for page in content.pages), len(content.text)][1:]
    for page, end in zip(content.pages, ends, strict=True):
        blank = [character.isspace() for character in content.text[page.start : end]]
        boxes = np.zeros((len(blank), BOX_BYTES), np.uint8)
        ink = b"".join(
            part if isinstance(part, bytes) else _table_ink(part, next(tables), content.text)
            for part in inks[page.number - 1]
        )
        boxes[~np.array(blank, bool)] = np.frombuffer(ink, np.uint8).reshape(-1, BOX_BYTES)
        width, height = sizes[page.number - 1]
        yield PageLayout(page.number, page.start, width, height, zlib.compress(boxes.tobytes(), 1))


def _table_ink(table: RuledTable, block: Block, text: str) -> bytes:
    """The boxes of what the cells hold; names of columns that a row repeats stand elsewhere."""
    ink = b""
    done = block.start
    for cell in block.cells:
        ink += bytes(BOX_BYTES * inked(text[done : cell.body]))
        ink += _cell_ink(table, cell)
        done = cell.end
    return ink + bytes(BOX_BYTES * inked(text[done : block.end]))


def _cell_ink(table: RuledTable, cell: Cell) -> bytes:
    """The boxes of what a cell holds; those of the name of a group stand in its first row."""
    rows = range(cell.row, -1, -1)
    return next(filter(None, (table.ink.get((row, cell.column)) for row in rows)), b"")
