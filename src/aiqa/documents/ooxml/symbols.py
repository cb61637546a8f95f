"""Characters of the fonts Symbol and Wingdings as Unicode."""

from __future__ import annotations

_SYMBOL = {
    0x21: "!∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾"  # noqa: RUF001
          "αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼",  # noqa: RUF001
    0xA0: "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑",  # noqa: RUF001
    0xF1: "〉∫",
}  # fmt: skip
_WINGDINGS = {
    0x28: "☎", 0x2A: "✉", 0x4A: "☺", 0x4C: "☹", 0x6C: "●", 0x6E: "■", 0x6F: "□", 0x71: "❑",
    0x75: "◆", 0x9F: "•", 0xA7: "▪", 0xA8: "☐", 0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓",
    0xE8: "→", 0xF0: "⇨", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
}  # fmt: skip
_WINGDINGS_2 = {
    0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x97: "●", 0xA3: "☐",
}  # fmt: skip
_FONTS = {
    "symbol": {
        first + index: letter
        for first, letters in _SYMBOL.items()
        for index, letter in enumerate(letters)
    },
    "wingdings": _WINGDINGS,
    "wingdings 2": _WINGDINGS_2,
}
_PRIVATE = range(0xF000, 0xF100)
"""Where Office puts the characters of fonts that are no text."""


def in_unicode(text: str, font: str) -> str:
    """Return ``text``, set in ``font``, with characters that any font shows."""
    return "".join(_character(ord(letter), font) for letter in text)


def symbol(code: str, font: str) -> str:
    """Return the character that a ``w:sym`` gives by its hexadecimal ``code``."""
    try:
        number = int(code, 16)
        plain = chr(number)
    except (ValueError, OverflowError):
        return ""
    in_font = font.casefold() in _FONTS and number < len(_PRIVATE)
    return _character(number + _PRIVATE.start, font) if in_font else in_unicode(plain, font)


def _character(number: int, font: str) -> str:
    """Return the character with that code; one that no font but its own knows stays as it is."""
    if number not in _PRIVATE:
        return chr(number)
    return _FONTS.get(font.casefold(), {}).get(number - _PRIVATE.start, chr(number))
