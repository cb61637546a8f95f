"""HTML pages: their main content, by trafilatura, without navigation, scripts or footers."""

from __future__ import annotations

import logging
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING

from aiqa.documents import html_blocks, html_metadata
from aiqa.documents.encoding import decode
from aiqa.documents.text_builder import CanonicalText, Content, one_line

if TYPE_CHECKING:
    from lxml.etree import _Element

# It logs what it finds wrong with a page; aiqa says so itself, once, and in an error.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


def load(data: bytes) -> Content:
    """Main content with headings, lists, tables and code; the whole body where none stands out."""
    page = html_blocks.parse(decode(data))
    if page is None:
        return CanonicalText().content(title=None)
    return replace(
        _main_content(deepcopy(page)) or _whole(page),
        language=html_metadata.language(page),
        published=html_metadata.published(page),
        url=html_metadata.url(page),
    )


def _main_content(source: _Element) -> Content | None:
    """What trafilatura takes for the main content of the page ``source``, which it changes."""
    from lxml.etree import SubElement
    from trafilatura import bare_extraction

    for block in source.iter("pre"):
        # It keeps the lines only of what it takes for code, as it does one span.
        lines = "".join(block.itertext())
        block[:] = []
        block.text = None
        SubElement(block, "span").text = lines
    page = bare_extraction(
        source, favor_recall=True, include_comments=False, deduplicate=False, with_metadata=True
    )
    if page is None or isinstance(page, dict) or page.body is None:
        return None
    text = CanonicalText()
    for element in page.body:
        _block(element, text)
    content = text.content(title=None)
    if not content.text:
        return None
    return content if content.title else text.content(title=page.title)


def _whole(page: _Element) -> Content:
    text = CanonicalText()
    html_blocks.add_body(page, text)
    return text.content(title=page.findtext("head/title"))


def _block(element: _Element, text: CanonicalText) -> None:
    match element.tag:
        case "head":
            level = str(element.get("rend", "h2"))[1:]
            text.heading(int(level) if level.isdigit() else 2, _words(element))
        case "p" | "ab":
            text.paragraph(_words(element))
        case "list":
            _list(element, text)
        case "table":
            rows = [[_words(cell) for cell in row] for row in element.iter("row")]
            header = any(cell.get("role") == "head" for cell in element.iter("cell"))
            text.table(rows, header=header)
        case "code":
            text.code("".join(element.itertext()))
        case _ if len(element) and not one_line(element.text or ""):
            for child in element:
                _block(child, text)
        case _:
            text.paragraph(_words(element))
    if element.tail and element.tail.strip():
        text.paragraph(element.tail)


def _list(element: _Element, text: CanonicalText) -> None:
    """Add a list, nested lists included, as consecutive lines."""
    for number, item in enumerate(element, 1):
        if words := _words(item, without="list"):
            text.list_item(words, f"{number}." if element.get("rend") == "ol" else "-")
        for child in item:
            if child.tag == "list":
                _list(child, text)


def _words(element: _Element, without: str = "") -> str:
    """Text inside ``element``, line breaks as blanks, leaving out elements called ``without``."""
    parts = [element.text or ""]
    for child in element:
        if child.tag == "lb":
            parts.append(" ")
        elif child.tag != without:
            parts.append(_words(child, without))
        parts.append(child.tail or "")
    return one_line("".join(parts))
