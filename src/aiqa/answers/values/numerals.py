"""Numerals of a text, in digits or in words, with their offsets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FROM_ZERO = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_FROM_TWENTY = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS: dict[str, float] = {
    **{word: number for number, word in enumerate(_FROM_ZERO)},
    **{word: 10 * number for number, word in enumerate(_FROM_TWENTY, start=2)},
    "half": 0.5,
    "dozen": 12,
}
_SCALES = {
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12,
    "mn": 1e6, "bn": 1e9, "tn": 1e12,
}  # fmt: skip
_SHORT_SCALES = {"k": 1e3, "K": 1e3, "m": 1e6, "M": 1e6, "bn": 1e9, "b": 1e9, "B": 1e9}
"""Scales that follow an amount directly: "$3.5M"."""

_WORD = "|".join(sorted(_WORDS, key=len, reverse=True))
_SCALE = "|".join(_SCALES)
_DIGITS = r"\d{1,3}(?:[,\u00a0\u202f'’]\d{3}){1,5}(?:\.\d{1,9})?|\d{1,15}(?:[.,]\d{1,9})?"
_NUMBER = re.compile(
    rf"(?P<sign>(?<![^\s(])[-−–](?=\d))?(?<![\w.,])(?P<digits>{_DIGITS})(?![\d,.]*\d)"  # noqa: RUF001
    rf"(?P<scale>(?:\s+(?:{_SCALE})\b){{0,2}})"
    rf"|\b(?P<words>(?:half\s+an?|an?(?=\s+(?:{_SCALE}|dozen))|(?:{_WORD}))\b"
    rf"(?:(?:[\s-]+(?:and\s+(?:an?\s+)?)?)(?:{_WORD}|{_SCALE})\b){{0,12}})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Numeral:
    """The number ``value`` from ``start`` to ``end``; ``step`` is the value of its last digit."""

    value: float
    step: float
    start: int
    end: int


def numerals(text: str) -> Iterator[Numeral]:
    """Yield the numbers of ``text`` in order: "1,240", "-80", "60 billion", "twenty-eight"."""
    for match in _NUMBER.finditer(text):
        if match["digits"]:
            yield _in_digits(match)
        else:
            value = _in_words(match["words"])
            yield Numeral(value, _last_digit(value), match.start(), match.end())


def scale_after(text: str, end: int) -> tuple[float, int]:
    """Return the short scale at ``end`` of an amount ("m" in "$3m") and its end; 1 without one."""
    match = re.match(r"\s?(bn|[kKmMbB])(?![A-Za-z])", text[end : end + 4])
    return (_SHORT_SCALES[match[1]], end + match.end()) if match else (1.0, end)


def _in_digits(match: re.Match[str]) -> Numeral:
    digits = re.sub(r"[\u00a0\u202f'’]", "", match["digits"])
    whole, _, decimals = digits.partition(".")
    if "," in whole:
        groups = whole.split(",")
        if all(len(group) == 3 for group in groups[1:]):  # noqa: PLR2004
            whole = "".join(groups)
        elif len(groups) == 2 and not decimals:  # noqa: PLR2004
            whole, decimals = groups
    scale = 1.0
    for word in match["scale"].casefold().split():
        scale *= _SCALES[word]
    value = float(f"{whole}.{decimals or 0}") * scale
    step = 10.0 ** -len(decimals) if decimals else _last_digit(float(whole))
    return Numeral(-value if match["sign"] else value, step * scale, match.start(), match.end())


def _last_digit(value: float) -> float:
    """Return the value of the last digit of ``value`` that is not zero: 100 for 1,200."""
    if value != int(value) or not value:
        return 1.0
    digits = str(int(value))
    return 10.0 ** (len(digits) - len(digits.rstrip("0")))


def _in_words(words: str) -> float:
    total = current = 0.0
    for word in re.split(r"[\s-]+", words.casefold()):
        if word in _SCALES or (word == "dozen" and current):
            scale = _SCALES.get(word, 12.0)
            current = (current or 1.0) * scale
            if scale > 100:  # noqa: PLR2004
                total, current = total + current, 0.0
        elif word not in {"and", "a", "an"}:
            current += _WORDS[word]
    return total + current
