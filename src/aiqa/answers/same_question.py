"""Whether two candidates answer the same question about the same subject."""

from __future__ import annotations

import re
from functools import cache

from aiqa.answers.values.dates import dates
from aiqa.text.analysis import content_terms
from aiqa.types import Citation

_NO_SUBJECT = "must need want much long often please exactly currently"
"""Words of questions that a passage which answers need not have."""

_LEAST_STEM = 3
"""Letters of the shortest stem that counts as the beginning of another: "own", "owner"."""

_NAME = re.compile(r"(?<=[\w,:;–-] )[A-Z][\w'’&-]*|\b[A-Z]{2,}\b")
_ORDINAL = re.compile(
    r"\b(?:first|second|third|fourth|[1-4](?:st|nd|rd|th)|Q[1-4]|H[12])\b", re.IGNORECASE
)
_YEAR = re.compile(r"\b(?:19|20)\d{2}\b")
_FURTHER = re.compile(r"\b(?:also|too|as well|another|in addition|together with)\b", re.IGNORECASE)


def answers_too(question: str, best: Citation, rival: Citation) -> bool:
    """Tell whether ``rival`` has every word of ``question`` that ``best`` has.

    "Visitors may not use it" and "Employees may use it" answer different questions if visitors were
    asked about, and so do the total and a part of it. Headings count.
    """
    best_terms, rival_terms = content_terms(_context(best)), content_terms(_context(rival))
    return not any(
        _occurs(term, best_terms) and not _occurs(term, rival_terms)
        for term in content_terms(question)
        if term not in _of_no_subject()
    )


def adds_to(one: Citation, other: Citation) -> bool:
    """Tell whether one of two sentences says that it adds something: "won a prize, too"."""
    return bool(_FURTHER.search(one.sentence) or _FURTHER.search(other.sentence))


def are_apart(one: Citation, other: Citation, text: str, other_text: str) -> bool:
    """Tell whether two citations are of different subjects or periods.

    They are if their titles are of the same kind ("Contract with ...") and each has a name that
    the passage of the other does not have, or if their titles or sentences are of different dates.

    Args:
        one: a citation.
        other: a citation of another document.
        text: the passage of ``one`` with its headings.
        other_text: the same of ``other``.
    """
    if one.document_id == other.document_id:
        return False
    return _are_of_different_periods(one, other) or _have_different_names(
        one, other, text, other_text
    )


def _have_different_names(one: Citation, other: Citation, text: str, other_text: str) -> bool:
    heading, other_heading = _heading(one), _heading(other)
    if not set(content_terms(heading)) & set(content_terms(other_heading)):
        return False
    return bool(_names(heading, text, other_text) and _names(other_heading, other_text, text))


def _names(heading: str, text: str, other_text: str) -> set[str]:
    """Return the names of ``heading`` that ``other_text`` does not have.

    A word that its own passage also has in lower case is no name.
    """
    words = set(re.findall(r"[\w'’&-]+", text))
    elsewhere = other_text.casefold()
    return {
        name
        for name in _NAME.findall(heading)
        if name.casefold() not in words and name.casefold() not in elsewhere
    }


def _are_of_different_periods(one: Citation, other: Citation) -> bool:
    heading, other_heading = _heading(one), _heading(other)
    for pattern in (_YEAR, _ORDINAL):
        mine = {word.casefold() for word in pattern.findall(heading)}
        theirs = {word.casefold() for word in pattern.findall(other_heading)}
        if mine and theirs and not mine & theirs:
            return True
    mine_dates, their_dates = dates(heading), dates(other_heading)
    if mine_dates and their_dates:
        return all(a.relation(b) == "different" for a in mine_dates for b in their_dates)
    years, other_years = _years_beside(one), _years_beside(other)
    return bool(years and other_years and not years & other_years)


def _years_beside(citation: Citation) -> set[str]:
    """Return the years of the sentence outside the quote."""
    start = citation.start - citation.sentence_start
    end = start + len(citation.quote)
    return set(_YEAR.findall(citation.sentence[:start] + " " + citation.sentence[end:]))


def _occurs(term: str, others: list[str]) -> bool:
    return any(
        term == other
        or (
            min(len(term), len(other)) >= _LEAST_STEM
            and (term.startswith(other) or other.startswith(term))
        )
        for other in others
    )


@cache
def _of_no_subject() -> frozenset[str]:
    return frozenset(content_terms(_NO_SUBJECT))


def _heading(citation: Citation) -> str:
    return f"{citation.title} > {citation.section}"


def _context(citation: Citation) -> str:
    return f"{citation.title} {citation.section} {citation.sentence}"
