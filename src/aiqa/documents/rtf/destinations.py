"""The text of a Rich Text file, decoded and collected by destination, such as a note."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiqa.documents.code_pages import encoding_of
from aiqa.documents.rtf import charsets
from aiqa.documents.rtf.paragraphs import Form


@dataclass(frozen=True, slots=True)
class GroupState:
    """What holds within a group; the group around it has its own."""

    place: str = "text"
    form: Form = field(default_factory=Form)
    font: int = -1
    after_unicode: int = 1
    is_hidden: bool = False
    is_dropped: bool = False
    """Was deleted while changes were tracked, or repeats in Rich Text what a mail says in HTML."""


class Destinations:
    """Collects words by the place that they are written to, in the encodings of their fonts.

    ``hides_text`` tells whether text was left out because it is formatted as hidden.
    """

    def __init__(self) -> None:
        self.hides_text = False
        self._words: dict[str, list[str]] = {}
        self._bytes = b""
        self._encoding = "cp1252"
        self._fonts: dict[int, str] = {}
        self._default_font = 0

    def add_bytes(self, data: bytes) -> None:
        """Keep ``data`` until ``decode``: a character may take several bytes."""
        self._bytes += data

    def decode(self, state: GroupState) -> None:
        """Add the bytes so far."""
        if self._bytes:
            font = state.font if state.font >= 0 else self._default_font
            encoding = self._fonts.get(font, self._encoding)
            data, self._bytes = self._bytes, b""
            self.add(data.decode(encoding, "replace"), state)

    def add(self, words: str, state: GroupState) -> None:
        """Add ``words`` where ``state`` says, unless they are not to be shown."""
        if state.place == "skip" or state.is_dropped:
            return
        if state.is_hidden:
            self.hides_text = self.hides_text or bool(words.strip())
            return
        self._words.setdefault(state.place, []).append(words)

    def end_line(self, place: str) -> None:
        """End a line of what is collected in ``place``."""
        self._words.setdefault(place, []).append("\n")

    def take(self, place: str) -> str:
        """Return what was collected in ``place``, and begin anew there."""
        parts = self._words.pop(place, [])
        # Characters beyond the first 65536 come as two halves.
        return "".join(parts).encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def set_encoding(self, name: str, value: int, font: int) -> None:
        """Apply the control word ``name`` if it names an encoding, of ``font`` or of the file."""
        if name == "fcharset" and (encoding := charsets.of_charset(value)):
            self._fonts[font] = encoding
        elif name == "deff":
            self._default_font = value
        elif name == "ansicpg" and value:
            self._encoding = encoding_of(value)
        elif encoding := charsets.of_word(name):
            self._encoding = encoding
