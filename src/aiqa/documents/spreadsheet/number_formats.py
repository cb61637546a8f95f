"""Number formats of spreadsheets: a number as its cell shows it.

The codes are those of ECMA-376, part 1, section 18.8.31, such as ``#,##0.00;[Red]-#,##0.00``.
Names of months and days are English. Dates and times are read in ``date_formats``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from aiqa.documents.spreadsheet.date_formats import is_date_code, shown_date
from aiqa.documents.spreadsheet.number_digits import (
    Pieces,
    filled_digits,
    plain_number,
    template,
    written,
)

_BUILTIN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: "$#,##0;-$#,##0", 6: "$#,##0;-$#,##0",
    7: "$#,##0.00;-$#,##0.00", 8: "$#,##0.00;-$#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00",
    12: "# ?/?", 13: "# ??/??", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 37: "#,##0;(#,##0)", 38: "#,##0;(#,##0)",
    39: "#,##0.00;(#,##0.00)", 40: "#,##0.00;(#,##0.00)", 41: "#,##0;(#,##0)",
    42: "$#,##0;($#,##0)", 43: "#,##0.00;(#,##0.00)", 44: "$#,##0.00;($#,##0.00)",
    45: "mm:ss", 46: "[h]:mm:ss",
    47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
    # How these look depends on the country, in some on its calendar.
    14: "yyyy-mm-dd", 22: "yyyy-mm-dd h:mm", 32: "h:mm", 33: "h:mm:ss", 34: "h:mm", 35: "h:mm:ss",
    55: "h:mm", 56: "h:mm:ss",
    **dict.fromkeys((27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58), "yyyy-mm-dd"),
}  # fmt: skip
"""Codes of the formats that a file names by number alone."""

GENERAL = "General"

_UNIT = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|.', re.DOTALL)
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|[_*].|\[\$(?P<currency>[^\]-]*)(?:-[^\]]*)?\]'
    r"|\[(?P<condition>[<>=]+-?[\d.]+)\]|\[[^\]]*\]|(?P<general>General)|(?P<exponent>[Ee][+-])"
    r"|(?P<fraction>(?<=[#?0])/(?=[#?\d]))|(?P<sign>[0#?.,%@])|(?P<other>.)",
    re.DOTALL,
)
_CONDITION = re.compile(r"([<>=]+)(-?[\d.]+)")


@dataclass(frozen=True, slots=True)
class _Section:
    """A part of a code: what is written, piece by piece, and for which numbers."""

    code: str
    pieces: Pieces
    condition: str
    is_date: bool
    template: str
    """The code as Python's own for the usual ones, "{:,.2f} kg"; empty for the others."""


def builtin_code(number: int) -> str:
    """Return the code of the format that every spreadsheet program knows as ``number``."""
    return _BUILTIN.get(number, GENERAL)


def shown_number(value: float, code: str, *, from_1904: bool = False) -> str:
    """Return ``value`` as a cell with the format ``code`` shows it.

    ``from_1904`` says that the workbook counts its days from 1904. What a format hides or cannot
    show, such as a date before the first, is shown as it is without a format.
    """
    if code == GENERAL:
        return plain_number(value)
    section, is_signed = _section(value, code)
    if section.is_date:
        return shown_date(value, section.code, from_1904=from_1904) or plain_number(value)
    if section.template:
        shown = written(abs(value), section.template, section.pieces)
    else:
        shown = filled_digits(abs(value), section.pieces)
    shown = " ".join(shown.split())
    if not shown:
        return plain_number(value)
    return f"-{shown}" if value < 0 and is_signed and re.search("[1-9]", shown) else shown


@lru_cache(maxsize=1000)
def _sections(code: str) -> tuple[_Section, ...]:
    parts = [""]
    for unit in _UNIT.findall(code):
        parts = [*parts, ""] if unit == ";" else [*parts[:-1], parts[-1] + unit]
    sections = []
    for part in parts[:4]:
        tokens = list(_TOKEN.finditer(part))
        pieces = tuple(_piece(token) for token in tokens)
        condition = next((token["condition"] for token in tokens if token["condition"]), "")
        sections.append(_Section(part, pieces, condition, is_date_code(part), template(pieces)))
    return tuple(sections)


def _piece(token: re.Match[str]) -> tuple[str, str]:
    """Return the kind of ``token`` and what it writes; kind and text of a sign are the same."""
    match token.lastgroup:
        case "sign":
            return token["sign"], token["sign"]
        case "general" | "exponent" | "fraction":
            return str(token.lastgroup), token[0]
        case "quoted" | "escaped" | "currency" | "other":
            return "text", token[token.lastgroup]
    return "text", " " if token[0][0] in "_*" else ""


def _section(value: float, code: str) -> tuple[_Section, bool]:
    """Return the section of ``code`` for ``value``, and whether a minus is to be put before it."""
    sections = _sections(code)
    numbers = sections[:3]
    if any(section.condition for section in numbers):
        for section in numbers:
            if not section.condition or _holds(section.condition, value):
                return section, True
        return numbers[-1], True
    if value < 0 and len(numbers) > 1:
        return numbers[1], False
    if value == 0 and len(numbers) > 2:  # noqa: PLR2004
        return numbers[2], False
    return numbers[0], True


def _holds(condition: str, value: float) -> bool:
    found = _CONDITION.fullmatch(condition)
    if not found:
        return False
    sign, bound = found[1], float(found[2])
    return (
        ("<" in sign and value < bound)
        or (">" in sign and value > bound and sign != "<>")
        or ("=" in sign and value == bound)
        or (sign == "<>" and value != bound)
    )
