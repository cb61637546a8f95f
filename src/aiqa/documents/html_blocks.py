"""HTML elements to canonical text, all of them: for pages without a main part, and for books."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aiqa.documents.text_builder import CanonicalText

if TYPE_CHECKING:
    from lxml.etree import _Element

_SKIPPED = frozenset(("script", "style", "template", "head", "noscript", "svg"))
_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "ul",
))  # fmt: skip


def parse(source: str) -> _Element | None:
    """The ``html`` element of a page; None where there are only blanks or comments."""
    from lxml import html
    from lxml.etree import ParserError

    # As bytes: lxml refuses a string that declares an encoding of its own.
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True)
    try:
        return html.document_fromstring(source.encode(), parser=parser, ensure_head_body=True)
    except ParserError:
        return None


def add_body(page: _Element, text: CanonicalText) -> None:
    """Add all that stands in the body of ``page``."""
    _add(page.find("body"), text)


def _add(element: _Element, text: CanonicalText) -> None:
    """Add the contents of ``element``: blocks by their tags, loose words as paragraphs."""
    loose = element.text or ""
    for child in element:
        if child.tag in _BLOCKS:
            text.paragraph(loose)
            loose = ""
            _block(child, text)
        elif child.tag not in _SKIPPED:
            loose += inline_text(child)
        loose += child.tail or ""
    text.paragraph(loose)


def inline_text(element: _Element) -> str:
    """Text inside ``element``, with a blank for a line break, without scripts and comments."""
    if not isinstance(element.tag, str) or element.tag in _SKIPPED:
        return ""
    if element.tag == "br":
        return " "
    inner = "".join(inline_text(child) + (child.tail or "") for child in element)
    return (element.text or "") + inner


def _block(element: _Element, text: CanonicalText) -> None:
    if heading := re.fullmatch(r"h([1-6])", element.tag):
        text.heading(int(heading[1]), inline_text(element))
    elif element.tag in ("ul", "ol"):
        _list(element, text)
    elif element.tag == "table":
        rows = [[inline_text(cell) for cell in row.iter("td", "th")] for row in element.iter("tr")]
        text.table(rows, header=next(element.iter("th"), None) is not None)
    elif element.tag == "pre":
        text.code("".join(element.itertext()))
    else:
        _add(element, text)


def _list(element: _Element, text: CanonicalText) -> None:
    """Add a list, nested lists included, as consecutive lines."""
    for number, item in enumerate(element.iterchildren("li"), 1):
        nested = [child for child in item if child.tag in ("ul", "ol")]
        own = (item.text or "") + "".join(
            (inline_text(child) if child not in nested else " ") + (child.tail or "")
            for child in item
        )
        text.list_item(own, f"{number}." if element.tag == "ol" else "-")
        for child in nested:
            _list(child, text)
