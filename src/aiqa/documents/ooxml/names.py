"""Names of elements and attributes with the prefixes that the standard itself uses ("w:p")."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

_MARKUP = "http://schemas.openxmlformats.org"
_MICROSOFT = "http://schemas.microsoft.com/office"

NAMESPACES = {
    "a": f"{_MARKUP}/drawingml/2006/main",
    "c": f"{_MARKUP}/drawingml/2006/chart",
    "cx": f"{_MICROSOFT}/drawing/2014/chartex",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dgm": f"{_MARKUP}/drawingml/2006/diagram",
    "m": f"{_MARKUP}/officeDocument/2006/math",
    "mc": f"{_MARKUP}/markup-compatibility/2006",
    "o": "urn:schemas-microsoft-com:office:office",
    "p": f"{_MARKUP}/presentationml/2006/main",
    "p188": f"{_MICROSOFT}/powerpoint/2018/8/main",
    "pic": f"{_MARKUP}/drawingml/2006/picture",
    "r": f"{_MARKUP}/officeDocument/2006/relationships",
    "v": "urn:schemas-microsoft-com:vml",
    "w": f"{_MARKUP}/wordprocessingml/2006/main",
    "w14": f"{_MICROSOFT}/word/2010/wordml",
    "wp": f"{_MARKUP}/drawingml/2006/wordprocessingDrawing",
    "wps": f"{_MICROSOFT}/word/2010/wordprocessingShape",
}
_PREFIXES = {namespace: prefix for prefix, namespace in NAMESPACES.items()}

ON = frozenset(("1", "true", "on"))
"""Values of an attribute that is off where it is missing."""

RAISED = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")  # noqa: RUF001
"""Digits and signs as superscripts."""

_OFF = frozenset(("0", "false", "off", "none"))

_CONTENT = frozenset(("w:t", "a:t", "m:t", "c:chart", "cx:chart", "dgm:relIds", "w:sym"))
"""Elements by which it is known that there is something to read."""


def prefixed(element: _Element) -> str:
    """Return the name of ``element`` with its prefix; empty for comments and the like."""
    return _prefixed(element.tag)


@lru_cache(4096)
def _prefixed(tag: object) -> str:
    if not isinstance(tag, str):
        return ""
    namespace, _, name = tag.rpartition("}")
    prefix = _PREFIXES.get(namespace[1:])
    return f"{prefix}:{name}" if prefix else name


@lru_cache(4096)
def qualified(name: str) -> str:
    """Return ``name`` ("w:val") as lxml writes it, with its namespace in braces."""
    prefix, _, local = name.rpartition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}" if prefix else local


def attribute(element: _Element | None, name: str, default: str = "") -> str:
    """Return the value of an attribute ("w:val"), ``default`` where there is none."""
    return default if element is None else str(element.get(qualified(name), default))


def integer(element: _Element | None, name: str, default: int) -> int:
    """Return an attribute as a number, ``default`` where it is missing or no number."""
    try:
        return int(attribute(element, name))
    except ValueError:
        return default


def child(element: _Element | None, *path: str) -> _Element | None:
    """Return the first element at ``path``, a name for each level; None where there is none."""
    for name in path:
        if element is None or not len(element):
            return None
        element = next(element.iterchildren(qualified(name)), None)
    return element


def is_on(element: _Element | None, attribute_name: str = "w:val") -> bool:
    """Whether a property such as ``<w:b/>`` is there and not switched off."""
    return element is not None and attribute(element, attribute_name, "1") not in _OFF


def branch(alternatives: _Element) -> _Element | None:
    """Return the branch of ``mc:AlternateContent`` to read, since all of them say the same.

    It is the newest in which there is something to read: older ones may hold a mere picture that
    says that the program is too old.
    """
    branches = [
        element for element in alternatives if prefixed(element) in ("mc:Choice", "mc:Fallback")
    ]
    full = (element for element in branches if _has_content(element))
    return next(full, branches[0] if branches else None)


def _has_content(element: _Element) -> bool:
    return any(
        prefixed(inner) in _CONTENT or inner.get("descr") or inner.get("alt")
        for inner in element.iter()
    )
