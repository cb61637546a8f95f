"""Equations of Office (OMML) as one line of text, in the manner of Unicode's linear format."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from aiqa.documents.ooxml.names import attribute, branch, child, is_on, prefixed

if TYPE_CHECKING:
    from lxml.etree import _Element

_SKIPPED = frozenset(("w:del", "w:moveFrom", "w:rPr", "w:delText", "w:instrText"))


def linear(element: _Element | None) -> str:
    """Return an equation or a part of one as text, such as "x=(a+b)/(2c)"."""
    if element is None:
        return ""
    name = prefixed(element)
    if name in ("m:t", "w:t"):
        return element.text or ""
    if name == "mc:AlternateContent":
        return linear(branch(element))
    if name in _SKIPPED or name.endswith("Pr"):
        return ""
    if structure := _STRUCTURES.get(name):
        return structure(element)
    return "".join(map(linear, element))


def _part(element: _Element, name: str) -> str:
    return linear(child(element, name))


def _group(text: str) -> str:
    """Return ``text`` in brackets unless it is one number or letter."""
    return text if len(text) <= 1 or text.isdigit() else f"({text})"


def _property(element: _Element, name: str, default: str) -> str:
    """Return a character among the properties of ``element``, which may be none at all."""
    properties = child(element, f"{prefixed(element)}Pr", name)
    return default if properties is None else attribute(properties, "m:val")


def _fraction(element: _Element) -> str:
    return f"{_group(_part(element, 'm:num'))}/{_group(_part(element, 'm:den'))}"


def _scripts(element: _Element) -> str:
    """Return a base with what stands below and above it, on either side."""
    base, below, above = (_part(element, name) for name in ("m:e", "m:sub", "m:sup"))
    scripts = (f"_{_group(below)}" if below else "") + (f"^{_group(above)}" if above else "")
    return scripts + base if prefixed(element) == "m:sPre" else base + scripts


def _limit(element: _Element) -> str:
    sign = "_" if prefixed(element) == "m:limLow" else "^"
    return f"{_part(element, 'm:e')}{sign}{_group(_part(element, 'm:lim'))}"


def _root(element: _Element) -> str:
    hidden = is_on(child(element, "m:radPr", "m:degHide"), "m:val")
    degree = "" if hidden else _part(element, "m:deg")
    return (f"[{degree}]" if degree else "") + f"√{_group(_part(element, 'm:e'))}"


def _operator(element: _Element) -> str:
    """Return a sum, product or integral with its limits."""
    sign = _property(element, "m:chr", "∫")
    below, above = _part(element, "m:sub"), _part(element, "m:sup")
    limits = (f"_{_group(below)}" if below else "") + (f"^{_group(above)}" if above else "")
    return f"{sign}{limits} {_part(element, 'm:e')}"


def _delimiters(element: _Element) -> str:
    inner = [linear(item) for item in element if prefixed(item) == "m:e"]
    separator = _property(element, "m:sepChr", "|")
    opening, closing = _property(element, "m:begChr", "("), _property(element, "m:endChr", ")")
    return f"{opening}{separator.join(inner)}{closing}"


def _function(element: _Element) -> str:
    return f"{_part(element, 'm:fName')} {_part(element, 'm:e')}"


def _accent(element: _Element) -> str:
    return _part(element, "m:e") + _property(element, "m:chr", "\N{COMBINING CIRCUMFLEX ACCENT}")


def _matrix(element: _Element) -> str:
    rows = [
        ", ".join(linear(cell) for cell in row if prefixed(cell) == "m:e")
        for row in element
        if prefixed(row) == "m:mr"
    ]
    return f"[{'; '.join(rows)}]"


def _lines(element: _Element) -> str:
    return "; ".join(linear(line) for line in element if prefixed(line) == "m:e")


_STRUCTURES: dict[str, Callable[[_Element], str]] = {
    "m:f": _fraction,
    "m:sSub": _scripts,
    "m:sSup": _scripts,
    "m:sSubSup": _scripts,
    "m:sPre": _scripts,
    "m:limLow": _limit,
    "m:limUpp": _limit,
    "m:rad": _root,
    "m:nary": _operator,
    "m:d": _delimiters,
    "m:func": _function,
    "m:acc": _accent,
    "m:m": _matrix,
    "m:eqArr": _lines,
}
