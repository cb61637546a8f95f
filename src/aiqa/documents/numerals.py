"""Numbers as lists write them: in figures, letters or Roman numerals."""

from __future__ import annotations

_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
          (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_MOST_ROMAN = 4000
_LETTERS = 26


def numeral(value: int, style: str) -> str:
    """Return ``value`` as numbers of ``style`` ("1", "a", "A", "i" or "I") are written."""
    kind = style[:1]
    if kind in ("a", "A") and 0 < value < _MOST_ROMAN:
        letter = chr(ord("a") + (value - 1) % _LETTERS) * ((value - 1) // _LETTERS + 1)
        return letter.upper() if kind == "A" else letter
    if kind in ("i", "I") and 0 < value < _MOST_ROMAN:
        written = ""
        for amount, letters in _ROMAN:
            written += letters * (value // amount)
            value %= amount
        return written.upper() if kind == "I" else written
    return str(value)
