"""Example questions about a document, drafted from its headings, sentences and table rows.

A draft is only likely to be answered; the caller has to ask it to find out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from aiqa.query_rewriting.noun_phrases import AUXILIARY, WH, words
from aiqa.server.sentence_questions import sentence_questions
from aiqa.server.table_questions import row_questions
from aiqa.server.wording import has_name, is_unclear
from aiqa.text.analysis import content_terms
from aiqa.text.sentences import sentences
from aiqa.types import Document, Heading, Span

Form = Literal["heading", "definition", "table", "fact"]

_LONGEST_QUESTION = 100
_LONGEST_SENTENCE = 300
_MOST_SENTENCES = 300

_READER = frozenset({"i", "my", "me", "we", "our", "us", "you", "your"})
"""Words of a question that its reader asks: it is clear without a name."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A question, its origin, and the place that should answer it."""

    question: str
    form: Form
    document_id: str
    place: Span


def drafts(document: Document) -> Iterator[Draft]:
    """Yield questions about ``document``, each wording once, in order of its text."""
    seen: set[str] = set()
    for question, form, place in _all_drafts(document):
        if len(question) <= _LONGEST_QUESTION and question.casefold() not in seen:
            seen.add(question.casefold())
            yield Draft(question, form, document.id, place)


def _all_drafts(document: Document) -> Iterator[tuple[str, Form, Span]]:
    headings = {heading.start: heading for heading in document.headings}
    for span in islice(sentences(document.text), _MOST_SENTENCES):
        if heading := headings.get(span.start):
            if _stands_alone(heading.title):
                yield heading.title, "heading", _below(document, heading)
            continue
        text = document.text[span.start : span.end]
        if len(text) > _LONGEST_SENTENCE:
            continue
        if "; " in text and not text.endswith("."):
            for question in row_questions(text, document):
                yield question, "table", span
        elif text.endswith("."):
            yield from (
                (question, form, span) for question, form in sentence_questions(text, document)
            )


def _stands_alone(title: str) -> bool:
    """Tell whether a heading is a question that is clear by itself, unlike "And since then?"."""
    tokens = words(title)
    if not title.endswith(("?", "？")) or len(set(content_terms(title))) < 2:  # noqa: PLR2004
        return False
    if tokens[0].lower not in WH | AUXILIARY or is_unclear(title):
        return False
    return has_name(title[1:]) or any(word.lower in _READER for word in tokens)


def _below(document: Document, heading: Heading) -> Span:
    """Return the span from a heading to the next."""
    after = (other.start for other in document.headings if other.start > heading.start)
    return Span(heading.start, next(after, len(document.text)))
