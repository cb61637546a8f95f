"""Where sentences stand: the smallest pieces that aiqa chunks by and quotes."""

from __future__ import annotations

from aiqa.text.list_markers import LIST_MARKER
from aiqa.types import Span

_NO_BEGINNING = (";", ",", ":", ")")
"""What no sentence begins with: a question mark inside a table row ends a cell, not the row."""


def sentences(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """Sentences of ``text[start:end]``, in order, without surrounding blanks or list markers.

    A line is never joined to the next: in canonical text a line break ends a paragraph, list item
    or table row. Boundaries inside a line are sentencex's, which knows abbreviations and initials.
    """
    spans: list[Span] = []
    position = start
    stop = len(text) if end is None else end
    for line in text[start:stop].split("\n"):
        spans.extend(_sentences_of_line(line, position))
        position += len(line) + 1
    return spans


def _sentences_of_line(line: str, offset: int) -> list[Span]:
    from sentencex import get_sentence_boundaries

    marker = LIST_MARKER.match(line)
    body_start = marker.end() if marker else len(line) - len(line.lstrip())
    body = line[body_start:]
    spans: list[Span] = []
    for boundary in get_sentence_boundaries("en", body) if body.strip() else ():
        piece = body[boundary["start_index"] : boundary["end_index"]]
        if spans and piece.lstrip().startswith(_NO_BEGINNING):
            end = offset + body_start + boundary["start_index"] + len(piece.rstrip())
            spans[-1] = Span(spans[-1].start, end)
        elif piece.strip():
            lead = len(piece) - len(piece.lstrip())
            begin = offset + body_start + boundary["start_index"] + lead
            spans.append(Span(begin, begin + len(piece.strip())))
    return spans
