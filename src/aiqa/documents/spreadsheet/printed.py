"""Headers and footers of the pages that a sheet is printed on, in Office Open XML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aiqa.documents.text_builder import one_line
from aiqa.types import BlockKind

if TYPE_CHECKING:
    from lxml.etree import _Element

_CODE = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f]{6}|K\d\d[+-]\d{3}|\d+|(?P<other>.))', re.DOTALL)
"""A code of ECMA-376, part 1, section 18.3.1.46."""

_NUMBER = "\0"
_NUMBERED = re.compile(rf"\w*\s*{_NUMBER}(?:\s*\W?\w*\s*{_NUMBER})?")
"""The number of a page, as in "Page 3 of 5"."""

_PARTS = "LCR"
"""Codes that begin the part on the left, in the middle or on the right."""


def headers_and_footers(element: _Element) -> list[tuple[BlockKind, str]]:
    """Return the words at the top and the bottom of pages that ``element`` sets, each once.

    Numbers of pages, dates and the names of file and sheet, which codes stand for, are left out.
    """
    found: list[tuple[BlockKind, str]] = []
    for part in element:
        kind: BlockKind = "page header" if part.tag.endswith("Header") else "page footer"
        words = one_line(_NUMBERED.sub("", _CODE.sub(_words_of, part.text or "")))
        if any(map(str.isalpha, words)) and (kind, words) not in found:
            found.append((kind, words))
    return found


def _words_of(code: re.Match[str]) -> str:
    match code["other"]:
        case "&":
            return "&"
        case "P" | "N":
            return _NUMBER
        case other:
            return " " if other and other in _PARTS else ""
