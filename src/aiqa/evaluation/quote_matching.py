"""Places of a quote in a text, whatever punctuation and white space a loader gives the text."""

from __future__ import annotations

import re
import unicodedata

from aiqa.types import Span

_IN_NUMBER = re.compile(r"\d[.,'’]\d")


def occurrences(text: str, quote: str) -> list[Span]:
    """Return the spans of ``text`` that say ``quote``.

    Where it does not stand there to the letter, letters and digits alone are compared, by their
    compatibility forms and without case, and only from the beginning to the end of words. So a
    quote of a table's row is found whether "; " or ": " stands between its cells.
    """
    exact = _exact(text, quote)
    return exact or _by_letters(text, quote)


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
