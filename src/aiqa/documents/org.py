"""Org files of Emacs: the words that they show when exported, block by block."""

from __future__ import annotations

import re
from dataclasses import replace

from aiqa.documents import html_metadata
from aiqa.documents.encoding import decode
from aiqa.documents.text_builder import CanonicalText, Content

_KEYWORD = re.compile(r"#\+(\w+):[ \t]*(.*)")
_BLOCK = re.compile(r"#\+begin_(\w+).*", re.IGNORECASE)
_TITLE = re.compile(
    r"(\*+)[ \t]+(?:(?:TODO|DONE)[ \t]+)?(?:\[#\w\][ \t]+)?(.*?)(?:[ \t]+:[\w:@]+:)?[ \t]*"
)
_ITEM = re.compile(r"([ \t]*)([-+]|\d+[.)])[ \t]+(?:\[([ Xx-])\][ \t]+)?(.*)")
_NOTE = re.compile(r"\[fn:([\w-]+)\][ \t]+(.*)")
_DRAWER = re.compile(r"[ \t]*:(?!end)\w+:[ \t]*", re.IGNORECASE)
_SILENT = re.compile(r"#(?: .*)?|-{5,}")
_PLANNED = re.compile(r"(SCHEDULED|DEADLINE|CLOSED):[ \t]*[<\[]([^>\]]*)[>\]]")
_PROPERTY = re.compile(r"[ \t]*:([\w-]+)\+?:[ \t]+(.*)")
_SETTINGS = frozenset(("id", "custom_id", "visibility", "unnumbered", "header-args"))
"""Properties that say how a file is shown or run, not what it says."""
_CODE = ("src", "example", "export")
_RULE = re.compile(r"[ \t]*\|[-+|]+[ \t]*")
_INLINE = (
    (re.compile(r"\[\[[^\[\]]*\]\[([^\[\]]*)\]\]"), r"\1"),
    (re.compile(r"\[\[(?:[a-z]+:)?([^\[\]]*)\]\]"), r"\1"),
    (re.compile(r"[ \t]*\[fn:([\w-]+)\]"), r" [\1]"),
    (re.compile(r"(?<![\w/])([*/_+=~])(?=\S)([^\n]+?)(?<=\S)\1(?![\w/])"), r"\2"),
)  # fmt: skip


def load(data: bytes) -> Content:
    """Return the words of an exported file; nothing is included or run."""
    reader = _Reader()
    reader.read(decode(data).split("\n"))
    about = reader.about
    content = reader.text.content(title=about.get("title"))
    return replace(content, published=html_metadata.day(about.get("date", "").strip("<[ ")))


class _Reader:
    """Adds the lines of one file to a text."""

    def __init__(self) -> None:
        self.text = CanonicalText()
        self.about: dict[str, str] = {}
        self._paragraph: list[str] = []
        self._rows: list[list[str]] = []
        self._has_head = False
        self._item: tuple[str, int] | None = None

    def read(self, lines: list[str]) -> None:
        """Add ``lines`` in order."""
        number = 0
        while number < len(lines):
            line = lines[number].rstrip()
            if block := _BLOCK.fullmatch(line.strip()):
                end = _end(lines, number, f"#+end_{block[1]}")
                self._enclosed(block[1].lower(), lines[number + 1 : end])
                number = end
            elif _DRAWER.fullmatch(line):
                end = _end(lines, number, ":end:")
                if "properties" in line.lower():
                    self._properties(lines[number + 1 : end])
                number = end
            else:
                self._line(line)
            number += 1
        self._close()

    def _enclosed(self, name: str, lines: list[str]) -> None:
        self._close()
        if name in _CODE:
            self.text.code("\n".join(lines))
        elif name != "comment":
            self.read(lines)

    def _line(self, line: str) -> None:
        if line.lstrip().startswith("|"):
            self._row(line)
        elif item := _ITEM.fullmatch(line):
            self._close()
            box = {None: "", " ": "☐ ", "-": "☐ "}.get(item[3], "☒ ")
            self._item = (item[2], 1 + len(item[1].expandtabs(4)) // 2)
            self._paragraph = [box + re.sub(r"[ \t]+::(?:[ \t]+|$)", ": ", item[4], count=1)]
        elif line.strip() and not self._stands_alone(line):
            self._paragraph.append(line)
        elif not line.strip():
            self._close()

    def _properties(self, lines: list[str]) -> None:
        self._close()
        for found in filter(None, map(_PROPERTY.fullmatch, lines)):
            if found[1].lower() not in _SETTINGS:
                self.text.form_field(found[1], _inline(found[2]))

    def _stands_alone(self, line: str) -> bool:
        """Add a title, a keyword or a note that ``line`` is; False if it is none of them."""
        if title := _TITLE.fullmatch(line):
            self._close()
            self.text.heading(min(len(title[1]), 6), _inline(title[2]))
        elif keyword := _KEYWORD.fullmatch(line):
            self._close()
            self._keyword(keyword[1].lower(), keyword[2])
        elif note := _NOTE.fullmatch(line):
            self._close()
            self.text.block("note", f"[{note[1]}] {_inline(note[2])}", f"footnote {note[1]}")
        elif planned := _PLANNED.findall(line):
            self._close()
            for kind, moment in planned:
                self.text.form_field(kind.capitalize(), moment)
        else:
            return bool(_SILENT.fullmatch(line))
        return True

    def _keyword(self, name: str, value: str) -> None:
        self.about.setdefault(name, value)
        if name == "caption":
            self.text.block("caption", _inline(value))
        elif name == "author":
            self.text.form_field(name, value)

    def _row(self, line: str) -> None:
        """Add a row of a table; a rule after the first says that it names the columns."""
        if self._paragraph:
            self._close()
        if _RULE.fullmatch(line):
            self._has_head = self._has_head or len(self._rows) == 1
        else:
            cells = line.strip().removeprefix("|").removesuffix("|").split("|")
            self._rows.append([_inline(cell) for cell in cells])

    def _close(self) -> None:
        """End the paragraph, item or table that lines were added to."""
        words = _inline("\n".join(self._paragraph))
        if self._item is not None:
            self.text.list_item(words, *self._item)
        else:
            self.text.paragraph(words)
        if self._rows:
            self.text.table(self._rows, header=self._has_head or None)
        self._paragraph, self._rows, self._has_head, self._item = [], [], False, None


def _end(lines: list[str], number: int, mark: str) -> int:
    """Return the number of the line after ``number`` that is ``mark``, or of the last."""
    rest = range(number + 1, len(lines))
    ends = (at for at in rest if lines[at].strip().lower() == mark.lower())
    return next(ends, len(lines))


def _inline(words: str) -> str:
    for pattern, replacement in _INLINE:
        words = pattern.sub(replacement, words)
    return words
