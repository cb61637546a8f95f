"""Rich Text as Outlook packs it (MS-OXRTFCP)."""

from __future__ import annotations

import struct

from aiqa.errors import DocumentError

_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript "
    rb"\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_SIZE = 4096
_HEADER = 16
_PACKED, _PLAIN = b"LZFu", b"MELA"
_SHORTEST = 2


def decompressed(data: bytes) -> bytes:
    """Return the Rich Text that ``data`` packs.

    Raises:
        DocumentError: it is not packed so.
    """
    kind, size = data[8:12], int.from_bytes(data[4:8], "little")
    if kind == _PLAIN:
        return data[_HEADER : _HEADER + size]
    if kind != _PACKED:
        raise DocumentError("The text of this message is packed in an unknown way.")
    window = bytearray(_DICTIONARY.ljust(_SIZE, b"\0"))
    place, position = len(_DICTIONARY), _HEADER
    out = bytearray()
    while position < len(data):
        flags, position = data[position], position + 1
        for bit in range(8):
            is_copy = flags >> bit & 1
            token = data[position : position + 1 + is_copy]
            position += len(token)
            if len(token) <= is_copy:
                return bytes(out)
            if is_copy:
                (word,) = struct.unpack(">H", token)
                start, length = word >> 4, (word & 15) + _SHORTEST
                if start == place:
                    return bytes(out)
            else:
                start, length = -1, 1
            for offset in range(length):
                byte = window[(start + offset) % _SIZE] if is_copy else token[0]
                window[place] = byte
                place = (place + 1) % _SIZE
                out.append(byte)
    return bytes(out)
