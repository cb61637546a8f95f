"""Bytes of a text file to characters."""

from __future__ import annotations

import codecs
import re

from aiqa.documents.charset_detection import detect
from aiqa.documents.wide_encodings import wide_text
from aiqa.errors import DocumentError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_JIS = (b"\x1b$B", b"\x1b$@", b"\x1b(J")

_DECLARATION = re.compile(
    rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)|<meta[^>]*?charset\s*=\s*["']?\s*([\w.:-]+)|"""
    rb"""@charset\s+"([\w.:-]+)"|\\usepackage\[([\w-]+)\]\{inputenc\}|"""
    rb"""^(?:#|%|//|;).{0,40}?coding[:=]\s*([\w.-]+)""",
    re.IGNORECASE | re.MULTILINE,
)
_DECLARED_WITHIN = 4096
"""Bytes at the beginning of a file within which it says its encoding."""

_MEANT = {
    "iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874",
    "tis-620": "cp874", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932",
    "euc_kr": "cp949", "big5": "big5hkscs",
}  # fmt: skip
"""What files that declare an encoding are in, as browsers have it (WHATWG Encoding)."""

_BY_OTHER_NAMES = {
    "x-sjis": "cp932", "windows-31j": "cp932", "x-gbk": "gb18030", "ks_c_5601-1987": "cp949",
    "windows-949": "cp949", "x-euc-jp": "euc_jp", "latin9": "iso8859-15", "ansinew": "cp1252",
    "windows-874": "cp874", "x-mac-cyrillic": "mac_cyrillic", "macintosh": "mac_roman",
    "applemac": "mac_roman", "utf8x": "utf-8", "dos-874": "cp874", "koi8-ru": "koi8-u",
}  # fmt: skip

_CHARACTERS_TO_ERRORS = 10
"""Characters beyond ASCII for each wrong byte, from which a text is UTF-8 with errors."""


def decode(data: bytes) -> str:
    """Return ``data`` as text with LF line ends.

    The encoding is what a byte-order mark says, else UTF-8 if the bytes are that, else what the
    file declares, else the one in which its letters make up a language.

    Raises:
        DocumentError: the bytes are not text in any encoding known here.
    """
    return _characters(data).replace("\r\n", "\n").replace("\r", "\n")


def _characters(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    for read in (wide_text, _jis, _utf8, _declared, _damaged_utf8, _detected):
        if (text := read(data)) is not None:
            return text
    raise DocumentError("This is not text in any known encoding.")


def _jis(data: bytes) -> str | None:
    return _strict(data, "iso2022_jp_ext") if any(sign in data for sign in _JIS) else None


def _utf8(data: bytes) -> str | None:
    return _strict(data, "utf-8")


def _detected(data: bytes) -> str | None:
    encoding = detect(data)
    return data.decode(encoding, errors="replace") if encoding else None


def _strict(data: bytes, encoding: str) -> str | None:
    """Return ``data`` in ``encoding``; None if it is not, or the encoding is none of text."""
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _declared(data: bytes) -> str | None:
    """Return ``data`` in the encoding that it declares, if it does and is in it."""
    found = _DECLARATION.search(data[:_DECLARED_WITHIN])
    if found is None:
        return None
    name = found[found.lastindex or 0].decode("ascii", errors="replace").lower()
    try:
        codec = codecs.lookup(_BY_OTHER_NAMES.get(name, name))
    except LookupError:
        return None
    # Wide ones would not let the declaration be read as it is.
    if not codec._is_text_encoding or codec.name.startswith(("utf", "raw", "unicode")):  # noqa: SLF001
        return None
    return _strict(data, _MEANT.get(codec.name, codec.name))


def _damaged_utf8(data: bytes) -> str | None:
    """Return ``data`` if it is UTF-8 but for a few bytes, as where it was cut or patched."""
    text = data.decode(errors="replace")
    errors = text.count("\N{REPLACEMENT CHARACTER}")
    wide = sum(character > "\x7f" for character in text)
    return text if wide > (_CHARACTERS_TO_ERRORS + 1) * errors else None
