"""From the lines on a PDF's pages to those that make one paragraph, list item or heading."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from aiqa.documents.pdf.lines import BOX_BYTES, Line, body_size

Outline = Mapping[int, Mapping[str, int]]
"""For each page, from 1, the headings on it (see ``heading_key``) and their levels, from 1."""

_HEADING_RATIO = 1.12
"""A line this much larger than the body's type is a heading."""

_HEADING_LINES = 4
"""A heading of the outline is looked for in up to this many lines."""

_MARGIN_LINES, _MARGIN_SHARE = 4, 0.25
"""A margin is where so many lines of a column end, and such a share of them."""

_PARAGRAPH_GAP = 1.3
"""Lines further apart than this many usual line pitches belong to different paragraphs."""

BULLET = re.compile(r"([•◦▪‣·●○■–*\uf0b7\uf0a7-]|\d{1,3}[.)])\s+")
ENDS_SENTENCE = re.compile(r"[.!?:;…。！？][\"'”’)\]]*$")
_COMPOUND = re.compile(r"[^\W\d_]+-[^\W\d_]+")


def heading_key(text: str) -> str:
    """What a heading and its entry in a table of contents have in common: letters and digits."""
    return "".join(c for c in re.sub(r"^[\d.\s]+", "", text).casefold() if c.isalnum())


def joined(lines: Sequence[Line], compounds: Collection[str] = ()) -> tuple[str, bytes]:
    """The words of ``lines`` with the boxes of those that are not blank.

    Words cut at the end of a line are made whole; ``compounds`` keep their hyphen.
    """
    words, ink = lines[0].text, lines[0].ink
    for above, line in pairwise(lines):
        if above.is_cut(line):
            length = len(words)
            words = _whole(words, line.text, compounds)
            ink = ink[: len(ink) - BOX_BYTES * (length + len(line.text) - len(words))]
        else:
            words += f" {line.text}"
        ink += line.ink
    return words, ink


def _whole(words: str, rest: str, compounds: Collection[str]) -> str:
    """``words`` without the hyphen they end in, unless it is a compound's, and ``rest``."""
    compound = _COMPOUND.search(words[words.rfind(" ") + 1 :] + rest)
    kept = compound and compound[0].casefold() in compounds
    return (words if kept else words[:-1]) + rest


class Paragraphs:
    """What is usual in one document: its body type, line pitch, heading sizes and compounds."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.body = body_size(lines)
        larger = {
            line.size
            for line in lines
            if line.size >= self.body * _HEADING_RATIO and not line.table
        }
        self._levels = {size: min(rank, 6) for rank, size in enumerate(sorted(larger)[::-1], 1)}
        pitches = [
            below.base - above.base
            for above, below in pairwise(lines)
            if above.size == below.size == self.body and below.base > above.base
        ]
        self._pitch = median(pitches) if pitches else self.body * 1.2
        self._compounds = {
            word.casefold() for line in lines for word in _COMPOUND.findall(line.text)
        }

    def with_whole_words(self, pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
        """Pages and columns that do not begin in the middle of a word: its rest is carried back."""
        whole: list[list[Line]] = []
        above: Line | None = None
        for page in pages:
            whole.append([])
            for line in page:
                rest: Line | None = line
                if above and above.is_cut(line) and (not whole[-1] or above.column != line.column):
                    rest = self._carry_back(above, line, whole)
                if rest:
                    whole[-1].append(rest)
                    above = rest
        return whole

    def _carry_back(self, above: Line, line: Line, whole: list[list[Line]]) -> Line | None:
        """Give ``above``, the last line set, the first word of ``line``; what that leaves of it."""
        page = next(page for page in reversed(whole) if page)
        length = len(line.text.split(maxsplit=1)[0])
        ink = line.ink[: length * BOX_BYTES]
        if page is not whole[-1]:
            ink = bytes(len(ink))  # it stands on another page than it is quoted from
        words, start = _whole(above.text, line.text[:length], self._compounds), above.ink
        if len(words) < len(above.text) + length:
            start = start[:-BOX_BYTES]
        page[-1] = replace(above, text=words, ink=start + ink)
        return line.part(length, len(line.text)) if length < len(line.text) else None

    def joined(self, lines: Sequence[Line]) -> tuple[str, bytes]:
        """The words of ``lines`` with the boxes of those that are not blank."""
        return joined(lines, self._compounds)

    def groups(
        self, page: Sequence[Line], outline: Mapping[str, int]
    ) -> Iterator[tuple[list[Line], int | None]]:
        """Lines that make one paragraph, list item or heading, and the heading's level."""
        rights: dict[int, list[float]] = {}
        for line in page:
            if line.size <= self.body:
                rights.setdefault(line.column, []).append(line.right)
        edges = {column: _Edge.of(ends) for column, ends in rights.items()}
        start = 0
        while start < len(page):
            end, level = self._heading(page, start, outline)
            if not end:
                is_table = bool(page[start].table)
                end, level = start + 1, None if is_table else self._levels.get(page[start].size)
                while (
                    end < len(page)
                    and self._continues(page[end - 1], page[end], edges)
                    and not self._heading(page, end, outline)[0]
                ):
                    end += 1
            yield list(page[start:end]), level
            start = end

    @staticmethod
    def _heading(
        page: Sequence[Line], start: int, outline: Mapping[str, int]
    ) -> tuple[int, int | None]:
        """Where a heading of the outline that begins at ``start`` ends, and its level.

        (0, None) if none begins there.
        """
        words = ""
        for end in range(start, min(start + _HEADING_LINES, len(page)) if outline else 0):
            words += " " + page[end].text
            if (key := heading_key(words.strip())) in outline:
                return end + 1, outline[key]
        return 0, None

    def _continues(self, above: Line, line: Line, edges: Mapping[int, _Edge]) -> bool:
        if above.is_cut(line):
            return True
        if above.table or line.table or above.is_spread() or line.is_spread():
            return False
        if above.size != line.size or above.column != line.column or BULLET.match(line.text):
            return False
        pitch = self._pitch * line.size / self.body
        if not 0 < line.base - above.base <= pitch * _PARAGRAPH_GAP:
            return False
        if line.size in self._levels:
            return True
        # Had the next word fitted on the line above, the author broke the line, not the margin.
        edge = edges.get(line.column, _Edge(0.0, 0.0))
        goes_on = line.text[0].islower() and not ENDS_SENTENCE.search(above.text)
        return above.right + line.advance() > (edge.margin if goes_on else edge.farthest)


@dataclass(frozen=True, slots=True)
class _Edge:
    """How far to the right a column goes: its ``farthest`` line, and the ``margin`` of most.

    They are the same where lines end anywhere. A line beyond the margin is one of its own, such as
    a running foot.
    """

    farthest: float
    margin: float

    @classmethod
    def of(cls, rights: Sequence[float]) -> _Edge:
        """Return the edge of a column whose lines end at ``rights``."""
        farthest = max(rights)
        ((margin, count),) = Counter(map(round, rights)).most_common(1)
        is_margin = count >= max(_MARGIN_LINES, _MARGIN_SHARE * len(rights))
        return cls(farthest, min(margin, farthest) if is_margin else farthest)
