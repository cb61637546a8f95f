"""Plain text: its paragraphs, list items, underlined headings and pages, each where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from aiqa.documents.encoding import decode
from aiqa.documents.text_builder import Content
from aiqa.types import Block, Heading, Page

_FULL_LINE = 40
"""Characters from which a line was probably broken by its margin, not by its author."""

_OWN_LINE = re.compile(r"[\s\-*•|+>#]|\d{1,3}[.)]\s")
"""How a line begins that stands for itself: indents, list items, table rows, quotes."""

_ITEM = re.compile(r"(?P<indent>[ \t]*)(?P<marker>[-*•–◦▪+]|\(?(?:\d{1,3}|[a-z])[.)])[ \t]+(?=\S)")
_UNDERLINE = re.compile(r"(=|-|~|\*){3,}[ \t]*")
_MOST_TITLE = 100
_LONGER_UNDERLINE = 3
_INDENT = 2
"""Characters by which each level of a list is indented, at least."""

_PAGE_BREAK = "\f"


def load(data: bytes) -> Content:
    """Return the text as it stands, but with lines that only the margin broke joined again.

    Such a break becomes a blank and a form feed a line break, so every character keeps its place.
    """
    source = decode(data)
    text = _joined(source.replace(_PAGE_BREAK, "\n"))
    found = _Structure()
    lines = list(_lines(text))
    for number, (start, line) in enumerate(lines):
        following = lines[number + 1][1] if number + 1 < len(lines) else ""
        found.add(start, line, following)
    found.close()
    return Content(
        text=text,
        title=next((heading.title for heading in found.headings), None),
        pages=_pages(source),
        headings=tuple(found.headings),
        blocks=tuple(found.blocks),
    )


def _joined(source: str) -> str:
    lines = source.split("\n")
    text = ""
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        soft = len(line) >= _FULL_LINE and following and not _OWN_LINE.match(following)
        text += line + (" " if soft else "\n")
    return text[:-1]


def _lines(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.split("\n"):
        yield start, line
        start += len(line) + 1


def _pages(source: str) -> tuple[Page, ...]:
    """Return the pages that form feeds set apart; none where there are no form feeds."""
    starts = [0, *(found.end() for found in re.finditer(_PAGE_BREAK, source))]
    ends = [*(start - 1 for start in starts[1:]), len(source)]
    parts = zip(starts, ends, strict=True)
    filled = [start for start, end in parts if source[start:end].strip()]
    if len(starts) == 1:
        return ()
    return tuple(Page(number, start) for number, start in enumerate(filled, 1))


@dataclass(slots=True)
class _Structure:
    """The blocks and headings of a text, found line by line."""

    blocks: list[Block] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    _open: Block | None = None
    _levels: list[str] = field(default_factory=list)

    def add(self, start: int, line: str, following: str) -> None:
        """Add the line that begins at ``start``; the one after it may underline it."""
        words = line.strip()
        if not words or (self._open is None and _UNDERLINE.fullmatch(line)):
            self.close()
            return
        begin = start + line.index(words)
        end = begin + len(words)
        if self._open is None and _is_underlined(words, following):
            self._heading(begin, words, following[0])
        elif item := _ITEM.match(line):
            self.close()
            level = 1 + len(item["indent"].expandtabs(4)) // _INDENT
            self._open = Block("list item", begin, end, level, item["marker"])
        elif self._open is None:
            self._open = Block("paragraph", begin, end)
        else:
            kept = self._open
            self._open = Block(kept.kind, kept.start, end, kept.level, kept.label)

    def close(self) -> None:
        """End the paragraph or item that lines were added to."""
        if self._open is not None:
            self.blocks.append(self._open)
            self._open = None

    def _heading(self, start: int, title: str, sign: str) -> None:
        """Add a heading; its level tells which kind of underline it is, the first used on top."""
        if sign not in self._levels:
            self._levels.append(sign)
        level = self._levels.index(sign) + 1
        self.blocks.append(Block("heading", start, start + len(title), level))
        self.headings.append(Heading(level, title, start))


def _is_underlined(words: str, following: str) -> bool:
    """Whether the line after ``words`` is a rule as long as they are."""
    return (
        bool(_UNDERLINE.fullmatch(following))
        and len(words) <= _MOST_TITLE
        and len(words) <= len(following.strip()) + 1
        and len(following.strip()) <= len(words) + _LONGER_UNDERLINE
        and any(map(str.isalpha, words))
    )
