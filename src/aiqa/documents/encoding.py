"""Bytes of a text file to characters."""

from __future__ import annotations

import codecs

from aiqa.errors import DocumentError

# charset-normalizer mistakes cp1252 for others when it may choose among all encodings.
_LEGACY = ["cp1252", "cp1251", "cp932", "gb18030", "big5", "euc_kr", "utf_16", "utf_32"]


def decode(data: bytes) -> str:
    """``data`` as text with LF line ends: UTF-8 or what a byte-order mark says, else a guess.

    Raises:
        DocumentError: the bytes are not text in any encoding known here.
    """
    return _characters(data).replace("\r\n", "\n").replace("\r", "\n")


def _characters(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strict(data, "utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes

        best = from_bytes(data, cp_isolation=_LEGACY).best()
        if best is None:
            raise DocumentError("This is not text in any known encoding.") from None
        return _strict(data, best.encoding)


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise DocumentError(f"This is not text: {error}.") from error
