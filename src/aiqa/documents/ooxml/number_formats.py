"""Numbers of paragraphs and notes as Office shows them: figures, letters, Roman numerals."""

from __future__ import annotations

from collections.abc import Callable

_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
    (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_LARGEST_ROMAN = 3999
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_LAST_CIRCLED = 20
_TEENS = range(11, 14)


def formatted(number: int, name: str) -> str:
    """Return ``number`` in the format that WordprocessingML calls ``name``, else in figures."""
    return _FORMATS.get(name, str)(number)


def _letters(number: int) -> str:
    """Return a to z, then aa to zz: Word repeats the letter."""
    if number < 1:
        return str(number)
    repeats, index = divmod(number - 1, len(_ALPHABET))
    return _ALPHABET[index] * min(repeats + 1, len(_ALPHABET))


def _roman(number: int) -> str:
    if not 1 <= number <= _LARGEST_ROMAN:
        return str(number)
    numeral = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        numeral += letters * count
    return numeral


def _circled(number: int) -> str:
    return chr(0x2460 + number - 1) if 1 <= number <= _LAST_CIRCLED else str(number)


def _ordinal(number: int) -> str:
    if number % 100 in _TEENS:
        return f"{number}th"
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


_FORMATS: dict[str, Callable[[int], str]] = {
    "none": lambda _: "",
    "decimalZero": "{:02d}".format,
    "lowerLetter": _letters,
    "upperLetter": lambda number: _letters(number).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda number: _roman(number).upper(),
    "ordinal": _ordinal,
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
}
