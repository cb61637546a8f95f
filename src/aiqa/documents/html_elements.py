"""Elements of HTML: which are blocks, which a reader does not see, and what names they go by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details",
    "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "legend", "li", "main", "menu", "nav",
    "ol", "p", "pre", "search", "section", "summary", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "ul",
))  # fmt: skip

_UNSEEN = frozenset((
    "applet", "area", "audio", "base", "canvas", "colgroup", "embed", "frame", "frameset", "head",
    "iframe", "link", "map", "meta", "noembed", "noframes", "noscript", "object", "param", "rp",
    "rt", "rtc", "script", "source", "style", "template", "title", "track", "video",
))  # fmt: skip

_HIDING_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|mso-hide)")
_BLOCK_STYLE = re.compile(r"(?:^|;)\s*display\s*:\s*(?:block|flex|grid|table|list-item)")
_NO_NAMES: frozenset[str] = frozenset()
_EPUB_TYPES = ("epub:type", "{http://www.idpf.org/2007/ops}type")


def is_hidden(element: _Element) -> bool:
    """Whether a browser shows nothing of ``element``: comments, scripts and what is hidden."""
    return not isinstance(element.tag, str) or element.tag in _UNSEEN or hides(element)


def hides(element: _Element) -> bool:
    """Whether ``element`` is of a kind that a browser shows, but hides what is in it."""
    if element.tag != "dialog" and not element.keys():
        return False
    if element.get("hidden", "until-found") != "until-found":
        return True
    if element.tag == "dialog" and element.get("open") is None:
        return True
    return bool(_HIDING_STYLE.search(element.get("style", "").lower()))


def blocks_in(root: _Element) -> frozenset[_Element]:
    """Return ``root`` and all in it that are blocks or hold some, such as a link around a table."""
    found: set[_Element] = {root}
    for element in root.iter("*"):
        if element.tag in BLOCKS or _BLOCK_STYLE.search(element.get("style", "").lower()):
            inner: _Element | None = element
            while inner is not None and inner not in found:
                found.add(inner)
                inner = inner.getparent()
    return frozenset(found)


def contents(element: _Element) -> Iterator[str | _Element]:
    """Yield the text and the elements in ``element``, in order, without comments."""
    if element.text:
        yield element.text
    for child in element:
        if isinstance(child.tag, str):
            yield child
        if child.tail:
            yield child.tail


def names(element: _Element) -> frozenset[str]:
    """Return what ``element`` is called: the words of its class, its role and its EPUB type."""
    if not element.keys():
        return _NO_NAMES
    values = [element.get(key, "") for key in ("class", "role", *_EPUB_TYPES)]
    return frozenset(" ".join(values).lower().split())


def element_words(element: _Element) -> str:
    """Return all text in ``element`` as one line, be it shown or not."""
    return " ".join("".join(element.itertext()).split())
