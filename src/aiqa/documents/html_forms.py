"""Controls of a form in HTML: what is filled in, chosen or ticked, and what it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiqa.documents.html_elements import element_words

if TYPE_CHECKING:
    from lxml.etree import _Element

CONTROLS = frozenset(("input", "select", "textarea"))
TICKED, OPEN = "☒", "☐"

_WITHOUT_VALUE = frozenset(
    ("hidden", "password", "submit", "button", "reset", "image", "file", "search", "color")
)
_MOST_OPTIONS = 12
"""Choices that are listed where none is made: the sizes of a shoe, not all countries."""


def is_box(control: _Element) -> bool:
    """Whether ``control`` is ticked or not."""
    return control.tag == "input" and control.get("type", "").lower() in ("checkbox", "radio")


def value(control: _Element) -> str:
    """Return what ``control`` shows; "" where nothing is filled in."""
    if is_box(control):
        return TICKED if control.get("checked") is not None else OPEN
    if control.tag == "input":
        kind = control.get("type", "text").lower()
        return "" if kind in _WITHOUT_VALUE else str(control.get("value", ""))
    if control.tag == "textarea":
        return element_words(control)
    options = list(control.iter("option"))
    chosen = [option for option in options if option.get("selected") is not None]
    shown = chosen or (options if len(options) <= _MOST_OPTIONS else [])
    return ", ".join(filter(None, map(element_words, shown)))


def label(control: _Element) -> str:
    """Return the words of the label elsewhere in the page that names ``control``, if any."""
    if identity := control.get("id"):
        for element in control.getroottree().iter("label"):
            if element.get("for") == identity:
                return element_words(element).rstrip(": ")
    return str(control.get("aria-label", ""))
