"""Places of a quote in a text, whatever punctuation and white space a loader gives the text."""

from __future__ import annotations

import re
import unicodedata

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from aiqa.types import Span

_IN_NUMBER = re.compile(r"\d[.,'’]\d")

_LEAST_LETTERS = 40
"""Letters of the shortest quote that is found though a few of its letters differ."""

_LEAST_RUN = 8
"""Letters of the shortest run in common with which such a place begins or ends."""

_LEAST_ALIKE = 90.0
"""Least share of letters, in percent, that a place has in common with such a quote."""


def occurrences(text: str, quote: str) -> list[Span]:
    """Return the spans of ``text`` that say ``quote``.

    Where it does not stand there to the letter, letters and digits alone are compared, by their
    compatibility forms and without case, and only from the beginning to the end of words. So a
    quote of a table's row is found whether "; " or ": " stands between its cells.

    A long quote that does not stand there even so is found at the one place that is most like it,
    if that is very much like it and has all its numbers: a later version of a loader may have given
    a clause its number or a row its label.
    """
    return _exact(text, quote) or _by_letters(text, quote) or _nearly(text, quote)


def _exact(text: str, quote: str) -> list[Span]:
    spans: list[Span] = []
    start = text.find(quote)
    while start >= 0:
        spans.append(Span(start, start + len(quote)))
        start = text.find(quote, start + 1)
    return spans


def _by_letters(text: str, quote: str) -> list[Span]:
    letters, places = _letters(text)
    wanted, _ = _letters(quote)
    spans: list[Span] = []
    start = letters.find(wanted) if wanted else -1
    while start >= 0:
        span = Span(places[start], places[start + len(wanted) - 1] + 1)
        if not _cuts_word(text, span):
            spans.append(span)
        start = letters.find(wanted, start + 1)
    return spans


def _nearly(text: str, quote: str) -> list[Span]:
    letters, places = _letters(text)
    wanted, _ = _letters(quote)
    if not _LEAST_LETTERS <= len(wanted) <= len(letters):
        return []
    found = fuzz.partial_ratio_alignment(wanted, letters, score_cutoff=_LEAST_ALIKE)
    if found is None:
        return []
    place = slice(found.dest_start, found.dest_end)
    alike = [
        found.dest_start + at
        for block in Indel.opcodes(wanted, letters[place])
        if block.tag == "equal" and block.src_end - block.src_start >= _LEAST_RUN
        for at in (block.dest_start, block.dest_end - 1)
    ]
    if not alike:
        return []
    start, end = places[alike[0]], places[alike[-1]] + 1
    while start and text[start - 1].isalnum():
        start -= 1
    while text[end : end + 1].isalnum():
        end += 1
    stated = re.findall(r"\d+", text[start:end])
    return [Span(start, end)] if all(n in stated for n in re.findall(r"\d+", quote)) else []


def _letters(text: str) -> tuple[str, list[int]]:
    """Return the letters and digits of ``text``, folded, and the character each is of."""
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        if character.isalnum():
            folded = unicodedata.normalize("NFKC", character).casefold()
            letters.append(folded)
            places.extend([place] * len(folded))
    return "".join(letters), places


def _cuts_word(text: str, span: Span) -> bool:
    """Whether ``span`` begins or ends within a word or a number ("800" in "1,800")."""
    cuts = (
        text[max(span.start - 2, 0) : span.start + 1],
        text[span.end - 1 : span.end + 2],
    )
    word = text[span.start - 1 : span.start].isalnum() or text[span.end : span.end + 1].isalnum()
    return word or any(_IN_NUMBER.search(cut) for cut in cuts)
