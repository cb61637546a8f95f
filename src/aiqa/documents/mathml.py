"""Formulas in MathML as one line of characters: "(a+b)/2", "x²", "√(y)"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from aiqa.documents.html_scripts import grouped, raised, subscript

if TYPE_CHECKING:
    from lxml.etree import _Element

_SPACED = "=<>≤≥≠≈≡→⇒∈"
_INVISIBLE = "\u2061\u2062\u2063\u2064"

_LAYOUTS: dict[tuple[str, int], Callable[[Sequence[str]], str]] = {
    ("mfrac", 2): lambda parts: f"{grouped(parts[0])}/{grouped(parts[1])}",
    ("msup", 2): lambda parts: parts[0] + raised(parts[1]),
    ("mover", 2): lambda parts: parts[0] + raised(parts[1]),
    ("msub", 2): lambda parts: parts[0] + subscript(parts[1]),
    ("munder", 2): lambda parts: parts[0] + subscript(parts[1]),
    ("msubsup", 3): lambda parts: parts[0] + subscript(parts[1]) + raised(parts[2]),
    ("munderover", 3): lambda parts: parts[0] + subscript(parts[1]) + raised(parts[2]),
    ("mroot", 2): lambda parts: f"{raised(parts[1])}√({parts[0]})",
}
"""How an element of a name and a number of parts is written."""

_ANY_NUMBER: dict[str, Callable[[Sequence[str]], str]] = {
    "msqrt": lambda parts: f"√({''.join(parts)})",
    "mtr": ", ".join,
    "mtable": "; ".join,
}


def formula(element: _Element) -> str:
    """Return the formula that ``element`` of MathML shows, without its source in TeX."""
    if not isinstance(element.tag, str):
        return ""
    tag = element.tag.rpartition("}")[2].rpartition(":")[2]
    if tag.startswith("annotation"):
        return ""
    if tag in ("mo", "mspace"):
        return _operator(element.text or " ")
    if tag == "mtext":
        return element.text or ""
    parts = [formula(child) for child in element if isinstance(child.tag, str)]
    write = _LAYOUTS.get((tag, len(parts))) or _ANY_NUMBER.get(tag, "".join)
    return (element.text or "").strip() + write(parts)


def _operator(text: str) -> str:
    """Return an operator, with blanks around one that stands between two sides."""
    sign = text.strip().strip(_INVISIBLE)
    return f" {sign} " if sign and sign in _SPACED else sign
