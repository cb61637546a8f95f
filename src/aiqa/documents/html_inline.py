"""Running text of HTML: the words of inline elements, and the pictures and controls among them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiqa.documents import html_forms, html_notes
from aiqa.documents.html_elements import contents, element_words, is_hidden, names
from aiqa.documents.html_scripts import raised, subscript
from aiqa.documents.mathml import formula

if TYPE_CHECKING:
    from lxml.etree import _Element

LINE_BREAK = "\n"
"""What a ``br`` becomes; line breaks of the source are blanks."""

_NO_DESCRIPTION = re.compile(
    r"\W*|(?:an? )?(?:image|photo|picture|logo|icon|img|cover)|\S+\.(?:png|jpe?g|gif|svg|webp|bmp)",
    re.IGNORECASE,
)
_PERMALINKS = frozenset(("headerlink", "anchor", "header-anchor", "anchorlink", "heading-anchor"))
_TITLES = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "summary", "dt", "th", "legend"))
_GLUED = re.compile(r"[a-z\d][A-Z]|[a-z]\d|\d[a-z]")
_SIDE_BY_SIDE = frozenset(("a", "b", "em", "label", "small", "span", "strong", "time"))


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture within text; ``words`` describe it."""

    words: str


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form within text: its name, if it has a label elsewhere, and its value."""

    name: str
    value: str


Piece = str | Picture | Field


def inline_pieces(items: Iterable[str | _Element]) -> list[Piece]:
    """Return the words, pictures and fields of inline elements, in order."""
    found: list[Piece] = []
    # A stack of its own: thousands of unclosed tags nest, and cost nothing but their words.
    stack: list[str | _Element] = list(items)[::-1]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            found.append(re.sub(r"\s+", " ", item))
            continue
        piece = "" if is_hidden(item) else _special(item, found)
        if piece is None:
            stack.extend(list(contents(item))[::-1])
            if _stands_apart(item):
                found.append(" ")
        elif piece:
            found.append(piece)
    return found


def inline_text(element: _Element) -> str:
    """Return the words in ``element``; descriptions and values where pictures and fields stand."""
    return inline_text_of(inline_pieces(contents(element)))


def inline_text_of(found: Iterable[Piece]) -> str:
    """Return the words of ``found`` with line breaks, pictures and fields among them."""
    return "".join(
        piece
        if isinstance(piece, str)
        else f" {piece.words if isinstance(piece, Picture) else piece.value} "
        for piece in found
    )


def _special(element: _Element, before: list[Piece]) -> Piece | None:
    """Return what an element of its own kind shows; None if its contents are to be read."""
    if number := html_notes.reference(element):
        return f" [{number}]"
    if html_notes.is_backlink(element) or "katex-html" in names(element):
        return ""
    if element.tag in html_forms.CONTROLS:
        return _control(element)
    if element.get("role") == "img" and (words := element.get("aria-label", "")):
        return Picture(words)
    if element.tag in ("sup", "sub", "q"):
        return _restyled(element, before)
    show = _SHOWN.get(element.tag)
    return show(element) if show else None


def _restyled(element: _Element, before: list[Piece]) -> str:
    """Return the words of an element whose looks are part of what it says."""
    words = inline_text(element).strip()
    if element.tag == "q":
        return f"“{words}”"
    return raised(words) if element.tag == "sup" else _subscript(words, before)


def _subscript(words: str, before: list[Piece]) -> str:
    """Return a subscript; of a chemical formula it is written as people type it, "CO2"."""
    last = before[-1] if before else ""
    is_formula = isinstance(last, str) and re.search(r"[A-Z][a-z]?\)?$", last) and words.isdigit()
    return words if is_formula else subscript(words)


def _drawing(svg: _Element) -> Piece:
    """Return the text that a drawing shows, or else what describes it."""
    lines = [_drawn(text) for text in svg.iter("{*}text") if not is_hidden(text)]
    if shown := LINE_BREAK.join(filter(None, lines)):
        return f"{LINE_BREAK}{shown}{LINE_BREAK}"
    above = svg.getparent()
    if above is not None and above.tag in ("a", "button"):
        return ""  # an icon
    words = (element_words(element) for element in svg.iter("{*}title", "{*}desc"))
    return Picture(" ".join(filter(None, words)))


def _drawn(text: _Element) -> str:
    """Return the words of one text of a drawing; parts placed on their own stand apart."""
    parts = [text.text or ""]
    for child in text.iter("{*}tspan"):
        is_placed = any(child.get(key) for key in ("x", "y", "dy"))
        parts += [" " if is_placed else "", child.text or "", child.tail or ""]
    return " ".join("".join(parts).split())


def _picture(image: _Element) -> Piece:
    words = str(image.get("alt", ""))
    return "" if _NO_DESCRIPTION.fullmatch(words) else Picture(words)


def _is_title(button: _Element) -> bool:
    """Whether the words of ``button`` are a title, as those of what unfolds are; else an action."""
    unfolds = button.get("aria-expanded") or button.get("aria-controls")
    return bool(unfolds) or any(above.tag in _TITLES for above in button.iterancestors())


def _is_permalink(link: _Element) -> bool:
    return bool(_PERMALINKS & names(link)) and not any(map(str.isalnum, element_words(link)))


def _control(control: _Element) -> Piece:
    shown = html_forms.value(control)
    if html_forms.is_box(control):
        return f"{shown} "
    return Field(html_forms.label(control), shown) if shown else ""


def _stands_apart(element: _Element) -> bool:
    """Whether only the page's style sets ``element`` apart from the one right before it."""
    before = element.getprevious()
    if before is None or before.tail or {element.tag, before.tag} - _SIDE_BY_SIDE:
        return False
    left, right = element_words(before), element_words(element)
    if element.tag == before.tag == "a":
        return True
    return len(left) > 1 and bool(_GLUED.fullmatch(left[-1:] + right[:1]))


_SHOWN: dict[str, Callable[[_Element], Piece | None]] = {
    "br": lambda _: LINE_BREAK,
    "img": _picture,
    "math": formula,
    "svg": _drawing,
    "button": lambda button: None if _is_title(button) else "",
    "a": lambda link: "" if _is_permalink(link) else None,
}
"""What elements of these names show; None where it is their contents."""
