"""The paragraphs, tables, notes and fields on a PDF's pages as one running text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from aiqa.documents.pdf.layouts import Ink, layouts
from aiqa.documents.pdf.lines import BOX_BYTES, Line, inked
from aiqa.documents.pdf.paragraphs import BULLET, ENDS_SENTENCE, Outline, Paragraphs
from aiqa.documents.pdf.table_cells import RuledTable, ruled_table
from aiqa.documents.text_builder import CanonicalText, Content
from aiqa.types import BlockKind


@dataclass(frozen=True, slots=True)
class FlowPart:
    """What becomes a block of text, or continues one: its words and the boxes of their characters.

    The words of a form field are its value; its label is its name.
    """

    kind: BlockKind | Literal["continuation"]
    words: str
    ink: bytes
    level: int = 0
    label: str = ""
    table: RuledTable | None = None


def flow(
    pages: Sequence[Sequence[Line]],
    sizes: Sequence[tuple[float, float]],
    outline: Outline,
    title: str | None,
    asides: Mapping[int, Sequence[FlowPart]],
) -> Content:
    """Return the text of all pages, and where on the pages it stands.

    Args:
        pages: the lines of each page in reading order.
        sizes: the pages' widths and heights in points.
        outline: the headings that the file itself tells.
        title: what the file says is its title.
        asides: what stands beside the text of a page, counted from 1: notes, fields and so on.
    """
    paragraphs = Paragraphs([line for page in pages for line in page])
    parts: list[list[FlowPart]] = []
    above: FlowPart | None = None
    for number, page in enumerate(paragraphs.with_whole_words(pages), 1):
        parts.append([])
        for group, level in paragraphs.groups(page, outline.get(number, {})):
            opens = group[0] is next(x for x in page if x.column == group[0].column)
            above = _part(group, level, paragraphs, above if opens else None)
            parts[-1].append(above)
    text = CanonicalText()
    inks = []
    for number, page_parts in enumerate(_with_asides(parts, asides), 1):
        text.page(number)
        ink: list[Ink] = []
        for part in page_parts:
            _add(part, text)
            ink.append(part.table or _name_ink(part) + part.ink)
        inks.append(ink)
    content = text.content(title)
    if not title and not _has_title(content):
        content = replace(content, title=None)
    return replace(content, layouts=tuple(layouts(content, sizes, inks)))


def _has_title(content: Content) -> bool:
    """Tell whether the heading that a text is called by is its title, not a section's of many."""
    top = min((heading.level for heading in content.headings), default=0)
    return sum(heading.level == top for heading in content.headings) == 1


def _part(
    group: Sequence[Line], level: int | None, paragraphs: Paragraphs, above: FlowPart | None
) -> FlowPart:
    """Return the part that a group of lines makes.

    ``above`` is the part before if the group opens a page or column, where it may be cut in two.
    """
    if group[0].table:
        return FlowPart("table", "", b"", table=ruled_table(group[0].table))
    words, ink = paragraphs.joined(group)
    if level:
        return FlowPart("heading", words, ink, level)
    if bullet := BULLET.match(words):
        marker = bullet[1] if bullet[1][0].isdigit() else "-"
        return FlowPart("list item", words[bullet.end() :], ink, label=marker)
    if above and words[0].islower() and not _ends_sentence(above):
        return FlowPart("continuation", words, ink)
    return FlowPart("paragraph", words, ink)


def _ends_sentence(part: FlowPart) -> bool:
    if part.kind in ("paragraph", "list item", "continuation"):
        return bool(ENDS_SENTENCE.search(part.words))
    return True


def _with_asides(
    pages: Sequence[Sequence[FlowPart]], asides: Mapping[int, Sequence[FlowPart]]
) -> Iterator[Sequence[FlowPart]]:
    """Yield the parts of each page with what stands beside them; paragraphs go on over the page."""
    before: FlowPart | None = None
    for number, page in enumerate(pages, 1):
        following = next((other[0] for other in pages[number:] if other), None)
        is_cut = bool(page) and following is not None and following.kind == "continuation"
        beside = asides.get(number, ())
        first = 1 if page and page[0].kind == "continuation" else 0
        last = len(page) - 1 if is_cut and len(page) > first else len(page)
        parts = [
            *page[:first],
            *(part for part in beside if part.kind == "page header"),
            *page[first:last],
            *(part for part in beside if part.kind != "page header"),
            *page[last:],
        ]
        if first and (before is None or _ends_sentence(before)):
            parts[0] = replace(parts[0], kind="paragraph")
        before = parts[-1] if parts else before
        yield parts


def _name_ink(part: FlowPart) -> bytes:
    """The boxes of what is written before a field's value: none."""
    is_named = part.kind == "form field" and part.label
    return bytes(BOX_BYTES * inked(f"{part.label}:")) if is_named else b""


def _add(part: FlowPart, text: CanonicalText) -> None:
    match part.kind:
        case "table" if part.table:
            text.table(part.table.rows)
        case "heading":
            text.heading(part.level, part.words)
        case "list item":
            text.list_item(part.words, part.label)
        case "continuation":
            text.paragraph_continued(part.words)
        case "form field":
            text.form_field(part.label, part.words)
        case kind:
            text.block(kind, part.words, part.label)
