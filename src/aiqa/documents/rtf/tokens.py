"""The tokens that Rich Text is written in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_TOKEN = re.compile(
    rb"(?P<open>\{)|(?P<close>\})"
    rb"|\\'(?P<byte>[0-9a-fA-F]{2})"
    rb"|\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})?[ ]?"
    rb"|\\(?P<symbol>[^a-zA-Z])"
    rb"|(?P<text>[^\\{}\r\n\0]+)"
    rb"|(?P<layout>[\r\n\0]+|\\)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A brace, a control word with its number, a control symbol, or bytes of text."""

    kind: Literal["open", "close", "word", "symbol", "text"]
    name: str = ""
    number: int | None = None
    data: bytes = b""


def tokens(source: bytes) -> Iterator[Token]:
    """Yield the tokens of ``source``; binary data in it is passed over."""
    position = 0
    while found := _TOKEN.match(source, position):
        position = found.end()
        match found.lastgroup:
            case "open":
                yield Token("open")
            case "close":
                yield Token("close")
            case "byte":
                yield Token("text", data=bytes.fromhex(found["byte"].decode()))
            case "symbol":
                yield Token("symbol", found["symbol"].decode("latin-1"))
            case "text":
                yield Token("text", data=found["text"])
            case "word" | "number":
                number = int(found["number"]) if found["number"] else None
                name = found["word"].decode()
                if name == "bin":
                    position += max(number or 0, 0)
                else:
                    yield Token("word", name, number)
