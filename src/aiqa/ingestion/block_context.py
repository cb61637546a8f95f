"""What a document's blocks mean for its chunks: pieces that stay whole, and lead-ins."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, pairwise

from aiqa.text.sentences import sentences
from aiqa.types import Block, Document, Span, heading_path

_COLONS = (":", "\N{FULLWIDTH COLON}")


def pieces(document: Document, section: Span) -> Iterator[Span]:
    """Yield the smallest spans of ``section`` that a chunk is made of.

    These are the rows of tables, which are one line each, and sentences elsewhere.
    """
    position = section.start
    for number in document.block_numbers(section):
        block = document.blocks[number]
        if block.kind == "table":
            yield from sentences(document.text, position, block.start)
            for _, row in groupby(block.cells, key=lambda cell: cell.row):
                cells = list(row)
                yield Span(cells[0].start, cells[-1].end)
            position = block.end
    yield from sentences(document.text, position, section.end)


def lead_in_ends(document: Document, section: Span) -> set[int]:
    """Return where the texts of ``section`` end that introduce the list or table after them."""
    inside = [document.blocks[number] for number in document.block_numbers(section)]
    return {
        before.end for before, block in pairwise(inside) if _introduces(document, before, block)
    }


def lead_ins(document: Document) -> list[str]:
    """Return for each block of ``document`` what introduces it, "" where nothing does.

    A list item or table is introduced by the text before the list or table, and a nested item also
    by those that it belongs to; the outermost comes first.
    """
    leads: list[str] = []
    introduction = ""
    parents: list[Block] = []
    before: Block | None = None
    for block in document.blocks:
        if before is None or before.kind != "list item" or block.kind != "list item":
            is_led = before is not None and _introduces(document, before, block)
            introduction = _last_sentence(document, before) if before and is_led else ""
            parents = []
        while parents and parents[-1].level >= block.level:
            parents.pop()
        owners = (document.text[parent.start : parent.end] for parent in parents)
        leads.append(heading_path(part for part in (introduction, *owners) if part))
        if block.kind == "list item":
            parents.append(block)
        before = block
    return leads


def _introduces(document: Document, before: Block, block: Block) -> bool:
    """Whether ``before`` introduces the list or table ``block`` that follows it."""
    if block.kind not in ("list item", "table"):
        return False
    is_lead = before.kind == "paragraph" and document.text.endswith(_COLONS, 0, before.end)
    return is_lead or before.kind == "caption"


def _last_sentence(document: Document, block: Block) -> str:
    spans = sentences(document.text, block.start, block.end)
    return document.text[spans[-1].start : spans[-1].end] if spans else ""
