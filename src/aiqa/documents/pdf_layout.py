"""From the lines on a PDF's pages to paragraphs, headings and lists."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from aiqa.documents.canonical import CanonicalText, Content

_HEADING_RATIO = 1.12
"""A line this much larger than the body's type is a heading."""

_PARAGRAPH_GAP = 1.3
"""Lines further apart than this many usual line pitches belong to different paragraphs."""

_RUNNING_PAGES = 3
"""A line at the edge must come back on this many pages to be a running header or footer."""

_BULLET = re.compile(r"([•◦▪‣·–*-]|\d{1,3}[.)])\s+")
_ENDS_SENTENCE = re.compile(r"[.!?:;…。！？][\"'”’)\]]*$")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text and where it stands on its page, in points from the lower left corner."""

    text: str
    size: float
    left: float
    right: float
    bottom: float
    top: float
    hyphenated: bool = False


def flow(pages: Sequence[Sequence[Line]], title: str | None) -> Content:
    """The lines of all pages as one running text, without running headers and footers."""
    kept = _without_running_lines(pages)
    lines = [line for page in kept for line in page]
    layout = _Layout(lines)
    text = CanonicalText()
    for number, page in enumerate(kept, 1):
        text.page(number)
        for group in layout.groups(page):
            _add(group, layout, text, first_on_page=group[0] is page[0])
    return text.content(title)


def _without_running_lines(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Drop the lines at the edge that stand on most pages, numbers aside, at the same height."""
    edges: Counter[tuple[str, int]] = Counter()
    for page in pages:
        edges.update({_signature(line) for line in _edge(page)})
    running = {
        key for key, count in edges.items() if count >= _RUNNING_PAGES and count > len(pages) / 2
    }
    return [
        [line for line in page if not (_signature(line) in running and line in _edge(page))]
        for page in pages
    ]


def _edge(page: Sequence[Line]) -> list[Line]:
    by_height = sorted(page, key=lambda line: line.bottom)
    return by_height[:2] + by_height[-2:]


def _signature(line: Line) -> tuple[str, int]:
    return re.sub(r"\d+", "#", line.text), round(line.bottom / 4)


class _Layout:
    """What is usual in one document: its body type, line pitch and heading sizes."""

    def __init__(self, lines: Sequence[Line]) -> None:
        weight: Counter[float] = Counter()
        for line in lines:
            weight[line.size] += len(line.text)
        self.body = weight.most_common(1)[0][0]
        larger = {size for size in weight if size >= self.body * _HEADING_RATIO}
        self._levels = {size: min(rank, 6) for rank, size in enumerate(sorted(larger)[::-1], 1)}
        pitches = [
            above.bottom - below.bottom
            for above, below in pairwise(lines)
            if above.size == below.size == self.body and above.bottom > below.bottom
        ]
        self._pitch = median(pitches) if pitches else self.body * 1.2

    def level(self, line: Line) -> int | None:
        """Heading level by type size; None for body text."""
        return self._levels.get(line.size)

    def groups(self, page: Sequence[Line]) -> list[list[Line]]:
        """Lines of a page that make one paragraph, heading or list item each."""
        groups: list[list[Line]] = []
        edge = max((line.right for line in page if line.size <= self.body), default=0.0)
        for line in page:
            if groups and self._continues(groups[-1][-1], line, edge):
                groups[-1].append(line)
            else:
                groups.append([line])
        return groups

    def _continues(self, above: Line, line: Line, edge: float) -> bool:
        if above.hyphenated:
            return True
        if above.size != line.size or _BULLET.match(line.text):
            return False
        drop = above.bottom - line.bottom
        pitch = self._pitch * line.size / self.body
        if not 0 < drop <= pitch * _PARAGRAPH_GAP:
            return False
        # Had the next word fitted on the line above, the author broke the line, not the margin.
        width = (line.right - line.left) / len(line.text)
        first_word = len(line.text.split(maxsplit=1)[0]) * width
        return self.level(line) is not None or above.right + width + first_word > edge


def _add(
    group: Sequence[Line], layout: _Layout, text: CanonicalText, *, first_on_page: bool
) -> None:
    words = group[0].text
    for above, line in pairwise(group):
        words += line.text if above.hyphenated else f" {line.text}"
    if level := layout.level(group[0]):
        text.heading(level, words)
    elif bullet := _BULLET.match(words):
        marker = f"{bullet[1]} " if bullet[1][0].isdigit() else "- "
        text.list_item(marker + words[bullet.end() :])
    elif first_on_page and words[0].islower() and not text.ends_with(_ENDS_SENTENCE):
        text.paragraph_continued(words)
    else:
        text.paragraph(words)
