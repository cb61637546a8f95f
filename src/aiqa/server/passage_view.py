"""The passages of an answer: sentences, rows of tables and items of lists, what answers lit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from aiqa.answers.neighbours import follows, quotes_all
from aiqa.text.analysis import folded
from aiqa.types import Block, Cell, Citation, Document, Span, Statement

Find = Callable[[str], Document | None]
"""Looks up a document by its id."""

Parts = Sequence[tuple[str, bool]]
"""A text in parts, and which of them are lit."""

_MOST_COLUMNS = 4
"""Wider tables are shown with a line for each column."""

_LONGEST_ITEM = 300
_LONGEST_LEAD = 200
_MOST_ITEMS = 12
_LONGEST_STEPS = 600


@dataclass(frozen=True, slots=True)
class ShownPassage:
    """What is shown of one place: a sentence, rows of a table, or items of a list.

    ``parts`` are a sentence's. ``heads`` are the heads of a table's columns and ``rows`` its cells,
    whose first may head the row; if ``is_turned``, each row of ``rows`` is a column of the one
    table row. ``lead`` introduces the ``items`` of a list. ``citations`` are all places that are
    cited for what is lit. ``language`` is the document's (BCP 47), empty if it is unknown.
    """

    kind: Literal["sentence", "table", "list"]
    citations: Sequence[Citation]
    parts: Parts = ()
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[Parts]] = ()
    is_turned: bool = False
    lead: str = ""
    items: Sequence[Parts] = ()
    language: str = ""


def passages(statements: Iterable[Statement], find: Find) -> list[ShownPassage]:
    """Return what is quoted from, each passage once, with all that is quoted of it."""
    frames: dict[tuple[str, ...], list[Statement]] = {}
    before: tuple[str, ...] = ()
    for statement in statements:
        frame = _frame(statement.citations[0], find)
        if frame not in frames and before in frames and follows(frames[before][-1], statement):
            frame = before
        frames.setdefault(frame, []).append(statement)
        before = frame
    return [
        replace(_passage(frame[0], group, find), language=_language(group[0].citations[0], find))
        for frame, group in frames.items()
    ]


def passages_by_list(
    statements: Iterable[Statement], find: Find
) -> list[tuple[Statement, ShownPassage]]:
    """Return the passage of each statement; of those of one list, the first with that list."""
    groups: dict[tuple[str, ...], list[Statement]] = {}
    for number, statement in enumerate(statements):
        place = _list_at(statement.citations[0], find) or ("alone", str(number))
        groups.setdefault(place, []).append(statement)
    shown = []
    for group in groups.values():
        passage = _passage("list", group, find) if len(group) > 1 else passages(group, find)[0]
        language = _language(group[0].citations[0], find)
        shown.append((group[0], replace(passage, language=language)))
    return shown


def _language(citation: Citation, find: Find) -> str:
    document = find(citation.document_id)
    return (document.language if document else None) or ""


def _frame(citation: Citation, find: Find) -> tuple[str, ...]:
    """Return what the passage around ``citation`` is, alike for all statements within it."""
    if located := _block_at(citation, find):
        document, number = located
        block = document.blocks[number]
        if block.kind == "table" and block.cell_at(citation.start):
            return "table", document.id, str(block.start)
        if block.kind == "list item" and block.end - block.start <= _LONGEST_ITEM:
            return "list", document.id, str(_list_range(document, number).start)
    return "sentence", folded(citation.sentence)


def _list_at(citation: Citation, find: Find) -> tuple[str, ...] | None:
    """Return document and beginning of the list that is cited; None if it is no list."""
    located = _block_at(citation, find)
    if not located or located[0].blocks[located[1]].kind != "list item":
        return None
    document, number = located
    return document.id, str(_list_range(document, number).start)


def _block_at(citation: Citation, find: Find) -> tuple[Document, int] | None:
    document = find(citation.document_id)
    if not document or document.text[citation.start : citation.end] != citation.quote:
        return None
    number = document.block_number(citation.start)
    return None if number is None else (document, number)


def _passage(kind: str, group: Sequence[Statement], find: Find) -> ShownPassage:
    first = group[0].citations[0]
    citations = [citation for statement in group for citation in statement.citations]
    located = _block_at(first, find)
    if kind == "table" and located:
        return _table(located[0], located[0].blocks[located[1]], group, citations)
    if kind == "list" and located:
        return _list(*located, group, citations)
    own = [one for one in group if one.citations[0].document_id == first.document_id]
    text, start = "", first.sentence_start
    for citation in sorted((one.citations[0] for one in own), key=lambda one: one.sentence_start):
        if citation.sentence_start >= start + len(text):
            text = text.ljust(citation.sentence_start - start) + citation.sentence
    # Whole sentences need no mark.
    marks = [span for span, one in zip(_quoted(own), own, strict=True) if not _is_whole(one)]
    return ShownPassage(
        "sentence", citations, tuple(_parts(text, Span(start, start + len(text)), marks))
    )


def _is_whole(statement: Statement) -> bool:
    return quotes_all(statement.citations[0])


def _table(
    document: Document, block: Block, group: Sequence[Statement], citations: Sequence[Citation]
) -> ShownPassage:
    spans = _quoted(group)
    numbers = {cell.row for cell in block.cells if any(_cell(cell).overlaps(one) for one in spans)}
    heads = _heads(document, block)
    rows = [block.row_cells(number) for number in sorted(numbers)]
    cells = [[_cell_parts(document, cell, _lit(spans, row)) for cell in row] for row in rows]
    if len(heads) > _MOST_COLUMNS and len(rows) == 1:
        names = [heads[cell.column] for cell in rows[0]]
        turned = [[((name, False),), parts] for name, parts in zip(names, cells[0], strict=True)]
        return ShownPassage("table", citations, rows=turned, is_turned=True)
    return ShownPassage("table", citations, heads=heads if any(heads) else (), rows=cells)


def _heads(document: Document, block: Block) -> list[str]:
    """Return the heads of a table's columns, which its cells repeat."""
    names = [""] * max(cell.column + cell.columns for cell in block.cells)
    for cell in block.cells:
        name = document.text[cell.start : cell.body].rstrip(": ")
        names[cell.column] = names[cell.column] or name
    return names


def _cell(cell: Cell) -> Span:
    return Span(cell.body, max(cell.end, cell.body + 1))


def _lit(spans: Sequence[Span], row: Sequence[Cell]) -> Sequence[Span]:
    """Return what is lit in ``row``: nothing where all of it is quoted."""
    whole = Span(row[0].body, row[-1].end)
    return () if any(span.holds(whole) for span in spans) else spans


def _cell_parts(document: Document, cell: Cell, spans: Iterable[Span]) -> Parts:
    span = Span(cell.body, cell.end)
    return tuple(_parts(document.text[cell.body : cell.end], span, spans))


def _list(
    document: Document, number: int, group: Sequence[Statement], citations: Sequence[Citation]
) -> ShownPassage:
    items = _list_range(document, number)
    spans = _quoted(group)
    lit = [at for at in items if any(document.blocks[at].span.overlaps(one) for one in spans)]
    # A single item is shown alone; several within their list, as far as that is short.
    is_whole = len(lit) > 1 or _is_step(document, items, document.blocks[lit[0]], spans)
    shown = list(items) if is_whole and len(items) <= _MOST_ITEMS else lit
    is_one = len(shown) == 1
    parts = [
        tuple(
            _parts(
                document.text[block.start : block.end],
                block.span,
                () if is_one and _covers(spans, block) else spans,
            )
        )
        for block in (document.blocks[at] for at in shown)
    ]
    return ShownPassage("list", citations, lead=_lead(document, items.start), items=parts)


def _is_step(document: Document, items: range, block: Block, spans: Iterable[Span]) -> bool:
    """Tell whether all of a numbered item is quoted: a step, which says little without the others.

    Those of a long list are not shown.
    """
    length = document.blocks[items[-1]].end - document.blocks[items[0]].start
    words = replace(block, start=block.start + len(f"{block.label} "))
    return block.label[:1].isdigit() and length <= _LONGEST_STEPS and _covers(spans, words)


def _list_range(document: Document, number: int) -> range:
    """Return the numbers of the blocks of the list that block ``number`` is an item of."""
    first = last = number
    while first and document.blocks[first - 1].kind == "list item":
        first -= 1
    while last + 1 < len(document.blocks) and document.blocks[last + 1].kind == "list item":
        last += 1
    return range(first, last + 1)


def _lead(document: Document, first: int) -> str:
    """Return the words that introduce a list; empty if none do."""
    if not first:
        return ""
    block = document.blocks[first - 1]
    text = document.text[block.start : block.end]
    return text if text.endswith(":") and len(text) <= _LONGEST_LEAD else ""


def _covers(spans: Iterable[Span], block: Block) -> bool:
    return any(span.start <= block.start and block.end <= span.end + 1 for span in spans)


def _quoted(group: Sequence[Statement]) -> list[Span]:
    return [Span(one.citations[0].start, one.citations[0].end) for one in group]


def _parts(text: str, whole: Span, marks: Iterable[Span]) -> Iterator[tuple[str, bool]]:
    """Cut ``text``, which stands at ``whole``, where the ``marks`` begin and end."""
    at = whole.start
    for mark in sorted(marks, key=lambda span: span.start):
        for end, is_lit in ((mark.start, False), (mark.end, True)):
            stop = min(end, whole.end)
            if stop > at:
                yield text[at - whole.start : stop - whole.start], is_lit
                at = stop
    if at < whole.end:
        yield text[at - whole.start :], False
