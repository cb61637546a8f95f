"""How the languages of the interface write numbers, and which form a noun takes after one.

``Intl`` knows the same in a browser; these are the rules of Unicode CLDR for whole numbers.
"""

from __future__ import annotations

from typing import Literal

PluralForm = Literal["one", "other"]

_SEPARATORS = {"en": ",", "de": ".", "fr": "\N{NARROW NO-BREAK SPACE}", "es": ".", "zh": ","}
"""What stands between thousands."""

_LONGEST_UNGROUPED_SPANISH = 9999

_SPACED_PERCENT = ("de", "fr", "es")
"""Languages with a space before the sign."""


def plural_form(language: str, count: int) -> PluralForm:
    """Return the form of a noun of which there are ``count``."""
    if language == "zh":
        return "other"
    return "one" if count == 1 or (language == "fr" and count == 0) else "other"


def grouped_digits(language: str, number: int) -> str:
    """Return ``number`` with its thousands set apart."""
    if language == "es" and abs(number) <= _LONGEST_UNGROUPED_SPANISH:
        return str(number)
    return f"{number:,}".replace(",", _SEPARATORS[language])


def percent(language: str, number: int) -> str:
    """Return ``number`` with a per cent sign."""
    space = "\N{NO-BREAK SPACE}" if language in _SPACED_PERCENT else ""
    return f"{number}{space}%"
