"""What the documents are about, in their own words: titles, kinds, headings and key terms."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from aiqa.assistant import Assistant
from aiqa.query_rewriting.noun_phrases import Phrase, phrases
from aiqa.text.analysis import content_terms
from aiqa.types import Document

_LOOKED_THROUGH = 200
"""Most documents whose words are counted."""

_READ_CHARACTERS = 60_000
_MOST_CANDIDATES = 400
_MOST_TERMS = 8
_MOST_TITLES = 4
_MOST_HEADINGS = 3
_LONGEST_TITLE = 90
_LEAST_COUNT = 3
_MOST_TERM_WORDS = 3

_MOST_OF_DOCUMENT = 8
"""Most occurrences in one document that count for the order of terms."""

_LEAST_CAPITALISED = 0.8
"""Least share of the occurrences of a single word in which a name has its capital letter."""

_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][\w-]*[A-Za-z0-9](?: [A-Z][\w-]*[A-Za-z0-9]){0,2}")
"""Words with a capital letter within a sentence."""

_PARTS = frozenset({
    "introduction", "overview", "purpose", "scope", "definitions", "definition", "summary",
    "background", "conclusion", "appendix", "references", "contents", "glossary", "notes", "note",
    "details", "example", "examples", "general", "questions", "answers", "section", "table",
    "figure", "chapter", "part", "document", "documents", "january", "february", "march", "april",
    "june", "july", "august", "september", "october", "november", "december", "monday", "tuesday",
    "wednesday", "thursday", "friday", "saturday", "sunday", "you", "your", "we", "our",
})  # fmt: skip
"""Words that parts of any document are called by, and names of no subject."""


@dataclass(frozen=True, slots=True)
class Described:
    """A document: its title and the titles of its parts."""

    id: str
    title: str
    format: str
    headings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Overview:
    """How many documents there are, of which kinds, some of them, and their terms with counts."""

    count: int
    kinds: Mapping[str, int]
    documents: Sequence[Described] = ()
    terms: Sequence[tuple[str, int]] = ()


def overview(assistant: Assistant) -> Overview:
    """Look through the documents; the words of the first ``_LOOKED_THROUGH`` are counted.

    Raises:
        CatalogError: there is no usable index.
    """
    status = assistant.status()
    described, texts, counts = [], [], Counter[str]()
    for document in islice(assistant.documents(), _LOOKED_THROUGH):
        described.append(_described(document))
        texts.append(f"\n{document.text[:_READ_CHARACTERS]}\n")
        counts.update(set(_candidates(document)))
    described.sort(key=lambda one: (-len(one.headings), one.title.casefold()))
    return Overview(
        status.documents,
        status.formats,
        described[:_MOST_TITLES],
        list(islice(_terms(counts, texts), _MOST_TERMS)),
    )


def _described(document: Document) -> Described:
    titles = [
        heading.title
        for heading in document.headings
        if heading.title != document.title and len(heading.title) <= _LONGEST_TITLE
    ]
    title = document.title[:_LONGEST_TITLE]
    return Described(document.id, title, document.format, titles[:_MOST_HEADINGS])


def _candidates(document: Document) -> Iterator[str]:
    """Yield what a document calls its subjects: names, and phrases of its headings."""
    for title in dict.fromkeys((document.title, *(h.title for h in document.headings[:100]))):
        yield from (phrase.text for phrase in phrases(title[:200]) if _is_subject(phrase))
    for match in _NAME.finditer(document.text, 0, _READ_CHARACTERS):
        if not set(match[0].casefold().split()) & _PARTS:
            yield match[0]


def _is_subject(phrase: Phrase) -> bool:
    words = phrase.text.casefold().split()
    if not phrase.says_something or len(words) > _MOST_TERM_WORDS or set(words) & _PARTS:
        return False
    # A single common noun says too little, and names are found in the sentences.
    return phrase.text[0].isalpha() and len(words) > 1


def _terms(candidates: Counter[str], texts: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield the candidates that occur most, each with its count, none a part of another."""
    wordings: dict[str, str] = {}
    for term, _ in candidates.most_common(_MOST_CANDIDATES):
        if content_terms(term):
            wordings.setdefault(term.casefold(), term)
    folded = [text.casefold() for text in texts]
    counts = {wording: _occurrences(wording, folded) for wording in wordings}
    taken: list[str] = []
    for wording in sorted(counts, key=lambda one: -_weight(one, counts[one])):
        term, count = wordings[wording], sum(counts[wording])
        if count < _LEAST_COUNT or _overlaps(wording, taken):
            continue
        if " " not in term and sum(_occurrences(term, texts)) < _LEAST_CAPITALISED * count:
            continue
        taken.append(wording)
        yield term, count


def _weight(term: str, counts: Sequence[int]) -> int:
    """Longer terms say more, and one document does not say what all are about."""
    return (1 + term.count(" ")) * sum(min(count, _MOST_OF_DOCUMENT) for count in counts)


def _occurrences(term: str, texts: Sequence[str]) -> list[int]:
    """Return how often ``term`` occurs in each of ``texts``."""
    whole = re.compile(rf"\b{re.escape(term)}\b")
    return [len(whole.findall(text)) if term in text else 0 for text in texts]


def _overlaps(term: str, others: Iterable[str]) -> bool:
    words = set(term.split())
    return any(words & set(other.split()) for other in others)
