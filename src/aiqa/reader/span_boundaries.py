"""Where a span of text begins and ends: at whole words and amounts, without stray punctuation."""

from __future__ import annotations

import re

from aiqa.text.list_markers import LIST_MARKER
from aiqa.types import Span

_PAIRS = {"(": ")", "[": "]", "{": "}", "“": "”", "«": "»", "„": "“", "（": "）", "《": "》"}  # noqa: RUF001
_CLOSING = {closing: opening for opening, closing in _PAIRS.items()}
_LEADING = ",;:.!?、，。；：！？)]}"  # noqa: RUF001
_TRAILING = ",;:、，；：([{"  # noqa: RUF001

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese letters: no blanks stand between words."""

_LETTER = rf"(?:[^\W\d_{_UNSPACED}]|[\u0300-\u036f])"
_IN_WORD = rf"(?:[^\W{_UNSPACED}]|[\u0300-\u036f])"
_SIGN = r"(?:(?<![^\s(])[-−+])?"  # noqa: RUF001
_NUMBER = r"(?:(?<![\w.])\.)?\d(?:[\d.,:/–-]*\d)?"
_LETTERED = rf"(?:{_LETTER}+(?:{_NUMBER})?)+"
_TOKEN = re.compile(
    rf"{_SIGN}(?:\b[A-Z]{{1,3}})?[$€£¥]\s?{_NUMBER}(?:\s?[kKmM]\b|{_LETTERED})?"
    rf"|{_SIGN}{_NUMBER}(?:\s?[%€£]|{_LETTERED})?"
    rf"|{_IN_WORD}+(?:['’&-]{_IN_WORD}+|(?<=\d)[.,:]\d+{_IN_WORD}*)*"
)
"""Amounts with their currency, numbers, times and dates with their unit, and words."""

_MOST_BLANKS = 3
"""One more than the blanks within a token."""


def whole_tokens(text: str, span: Span) -> Span:
    """Extend ``span`` of ``text`` to whole words, numbers and amounts.

    Word pieces end inside numbers: "18" is no answer if the text has "18,870".
    """
    start, end = span.start, span.end
    line = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    begin = start
    for _ in range(_MOST_BLANKS):
        begin = max(text.rfind(" ", line, begin), line)
    for match in _TOKEN.finditer(text, begin, line_end if line_end >= 0 else len(text)):
        if match.start() >= end:
            break
        if match.start() < start < match.end():
            start = match.start()
        if match.start() < end < match.end():
            end = match.end()
    return Span(start, end)


def trimmed(text: str, span: Span) -> Span | None:
    """Strip blanks and stray punctuation from the ends of ``span``; return None if none is left.

    An unpaired bracket or quotation mark is stripped, unless its partner directly follows the span,
    which is then extended, and so is the marker of a list item at the start of a line. A final
    full stop stays: it may belong to an abbreviation.
    """
    start, end = span.start, span.end
    if start == text.rfind("\n", 0, start) + 1 and (marker := LIST_MARKER.match(text, start, end)):
        start = marker.end()
    if end < len(text) and _lacks(text[start:end]) == text[end]:
        end += 1
    while start < end:
        words = text[start:end]
        if words[0].isspace() or (words[0] in _LEADING and not _is_decimal(words)):
            start += 1
        elif words[-1].isspace() or words[-1] in _TRAILING:
            end -= 1
        elif _has_unclosed_start(words):
            start += 1
        elif _has_unopened_end(words):
            end -= 1
        else:
            break
    has_words = any(character.isalnum() for character in text[start:end])
    return Span(start, end) if has_words else None


def _is_decimal(words: str) -> bool:
    return words[0] == "." and words[1:2].isdecimal()


def _has_unclosed_start(words: str) -> bool:
    first = words[0]
    if first in _PAIRS:
        return words.count(first) > words.count(_PAIRS[first])
    return first == '"' and words.count('"') % 2 == 1


def _has_unopened_end(words: str) -> bool:
    last = words[-1]
    if last in _CLOSING:
        return words.count(last) > words.count(_CLOSING[last])
    return last == '"' and words.count('"') % 2 == 1


def _lacks(words: str) -> str:
    """Return the missing closing bracket or quotation mark of ``words``; empty if none."""
    for opening, closing in _PAIRS.items():
        if words.count(opening) > words.count(closing):
            return closing
    return '"' if words.count('"') % 2 else ""
