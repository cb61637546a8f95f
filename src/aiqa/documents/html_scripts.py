"""Superscripts and subscripts as characters of a line: "⁶", "^x", "_max"."""

from __future__ import annotations

import re

_RAISED = dict(zip("0123456789+-\u2212=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ", strict=True))
_LOWERED = dict(zip("0123456789+-\u2212=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎", strict=True))
_ORDINAL = re.compile(r"(?:st|nd|rd|th|er|re|e|ère|ème|o|a|os|as|ter|ten|n)\.?", re.IGNORECASE)
_MARK = re.compile(r"(?:tm|sm|mc|[^\w\s])+", re.IGNORECASE)
_SIMPLE = re.compile(r"[\w.]*")


def raised(text: str) -> str:
    """Return a superscript as it is written in plain text: "⁶", "^x", "th"."""
    if text and all(character in _RAISED for character in text):
        return "".join(map(_RAISED.__getitem__, text))
    if not text or _ORDINAL.fullmatch(text) or _MARK.fullmatch(text):
        return text
    return f"^{grouped(text)}"


def subscript(text: str) -> str:
    """Return a subscript as it is written in plain text: "₂", "_max"."""
    if text and all(character in _LOWERED for character in text):
        return "".join(map(_LOWERED.__getitem__, text))
    return f"_{grouped(text)}" if text else ""


def grouped(text: str) -> str:
    """Return ``text`` in parentheses if it is more than a number or a name."""
    return text if _SIMPLE.fullmatch(text) else f"({text})"
