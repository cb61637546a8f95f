"""The ends of a short answer: no blanks, no punctuation that belongs to the words around it."""

from __future__ import annotations

from aiqa.types import Span

_PAIRS = {"(": ")", "[": "]", "{": "}", "“": "”", "«": "»", "„": "“", "（": "）", "《": "》"}  # noqa: RUF001
_CLOSING = {closing: opening for opening, closing in _PAIRS.items()}
_LEADING = ",;:.!?、，。；：！？)]}"  # noqa: RUF001
_TRAILING = ",;:、，；：([{"  # noqa: RUF001


def trimmed(text: str, span: Span) -> Span | None:
    """``span`` of ``text`` without blanks and stray punctuation at its ends; None if none is left.

    A bracket or quotation mark goes if its partner is not within; if the partner follows directly,
    it is taken along instead. A full stop at the end stays: it may belong to an abbreviation.
    """
    start, end = span.start, span.end
    if end < len(text) and _lacks(text[start:end]) == text[end]:
        end += 1
    while start < end:
        words = text[start:end]
        if words[0].isspace() or (words[0] in _LEADING and not _is_decimal(words)):
            start += 1
        elif words[-1].isspace() or words[-1] in _TRAILING:
            end -= 1
        elif _opens_in_vain(words):
            start += 1
        elif _closes_in_vain(words):
            end -= 1
        else:
            break
    has_words = any(character.isalnum() for character in text[start:end])
    return Span(start, end) if has_words else None


def _is_decimal(words: str) -> bool:
    return words[0] == "." and words[1:2].isdecimal()


def _opens_in_vain(words: str) -> bool:
    first = words[0]
    if first in _PAIRS:
        return words.count(first) > words.count(_PAIRS[first])
    return first == '"' and words.count('"') % 2 == 1


def _closes_in_vain(words: str) -> bool:
    last = words[-1]
    if last in _CLOSING:
        return words.count(last) > words.count(_CLOSING[last])
    return last == '"' and words.count('"') % 2 == 1


def _lacks(words: str) -> str:
    """The closing mark that a bracket or quotation mark amid the words still waits for."""
    for opening, closing in _PAIRS.items():
        if words.count(opening) > words.count(closing):
            return closing
    return '"' if words.count('"') % 2 else ""
