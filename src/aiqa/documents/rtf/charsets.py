"""The encodings of text in Rich Text, by the numbers that name them there."""

from __future__ import annotations

_BY_CHARSET = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "cp950",
    161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257",
    204: "cp1251", 222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
_BY_WORD = {"ansi": "cp1252", "mac": "mac_roman", "pc": "cp437", "pca": "cp850"}


def of_charset(number: int) -> str | None:
    """Return the encoding of a font's character set; None for that of the document."""
    return _BY_CHARSET.get(number)


def of_word(word: str) -> str | None:
    """Return the encoding of the document by the word at its beginning."""
    return _BY_WORD.get(word)
