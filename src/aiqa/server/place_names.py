"""Places in documents as the interface's language writes them: "S. 4", "Tabelle 1, Zeile 3".

Citations hold them in English, see ``aiqa.types.locator``. Titles of sections and names of columns
are words of the documents, and stay.
"""

from __future__ import annotations

import re

from aiqa.server.interface_language import current_language, t
from aiqa.types import locator, unit_of

NUMBERED = {
    "p.": "p. {number}",
    "slide": "slide {number}",
    "row": "row {number}",
    "record": "record {number}",
    "table": "table {number}",
    "footnote": "footnote {number}",
    "endnote": "endnote {number}",
    "comment": "comment {number}",
    "clause": "clause {number}",
}
"""What is counted within documents, by the word before its number."""

ALONE = (
    "table", "records", "chart", "note", "comment", "page header", "page footer", "form field",
)  # fmt: skip
"""What has no number."""

_NUMBER = re.compile(r"[\w.*†‡§()\[\]-]{1,12}")
_FIELD = re.compile(r"field '(.*)'", re.DOTALL)


def place_name(part: str) -> str:
    """Return one part of a place in the current language; other words stay as they are."""
    if part in ALONE:
        return t(part)
    if field := _FIELD.fullmatch(part):
        return t("field '{name}'", name=field[1])
    word, _, number = part.partition(" ")
    if word in NUMBERED and _NUMBER.fullmatch(number):
        return t(NUMBERED[word], number=number)
    return part


def located(source: str, page: int | None, section: str, place: str = "") -> str:
    """Return the same as ``locator`` in the current language."""
    whole = locator(source, page, section, place)
    if current_language() == "en" or "!" in place:
        return whole
    parts = [place_name(locator(source, page, ""))] if page else []
    if section:
        parts.insert(0 if unit_of(source) == "row" else len(parts), locator("", None, section))
    if whole != locator(source, page, section):
        parts += _of_place(place)
    return t(", ").join(parts)


def _of_place(place: str) -> list[str]:
    """Return the parts of a place in a table, with the name of its column, or of another block."""
    if _FIELD.fullmatch(place):
        return [place_name(place)]
    counted, comma, column = place.partition(", '")
    named = [f"'{column}"] if comma else []
    return [*map(place_name, counted.split(", ")), *named]
