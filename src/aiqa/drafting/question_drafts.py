"""Example questions about a document, drafted from its headings, sentences and table rows.

A draft is only likely to be answered; the caller has to ask it to find out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from aiqa.drafting.heading_questions import heading_questions
from aiqa.drafting.rule_questions import rule_questions
from aiqa.drafting.sentence_questions import sentence_questions
from aiqa.drafting.table_questions import row_questions
from aiqa.text.sentences import sentences
from aiqa.types import Document, Heading, Span

Form = Literal["heading", "definition", "table", "fact", "rule"]

_LONGEST_QUESTION = 100

_ABBREVIATION = re.compile(r"\b(?=\w{3})[A-Z][a-z]?[A-Z][A-Za-z]?\b")
"""A short name that means something only where it was introduced, unlike "US" or "AI"."""

_BULLET = re.compile(r"^[-•*–] +")
_LONGEST_SENTENCE = 300
_MOST_SENTENCES = 300


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
    words_of_title = re.findall(r"\w+", document.title)
    for question, form, place in _all_drafts(document):
        if len(question) > _LONGEST_QUESTION or question.casefold() in seen:
            continue
        if form == "rule" or set(_ABBREVIATION.findall(question)) <= set(words_of_title):
            seen.add(question.casefold())
            yield Draft(question, form, document.id, place)


def _all_drafts(document: Document) -> Iterator[tuple[str, Form, Span]]:
    for question in heading_questions(document.title):
        yield question, "heading", Span(0, len(document.text))
    headings = {heading.start: heading for heading in document.headings}
    for span in islice(sentences(document.text), _MOST_SENTENCES):
        if heading := headings.get(span.start):
            for question in heading_questions(heading.title):
                yield question, "heading", _below(document, heading)
            continue
        yield from ((question, form, span) for question, form in _of_line(document, span))


def _of_line(document: Document, span: Span) -> Iterator[tuple[str, Form]]:
    """Yield the questions that a sentence or a row of a table answers."""
    text = _BULLET.sub("", document.text[span.start : span.end])
    if len(text) > _LONGEST_SENTENCE:
        return
    if "; " in text and not text.endswith("."):
        yield from ((question, "table") for question in row_questions(text, document))
    elif text.endswith("."):
        yield from ((question, "rule") for question in rule_questions(text, document))
        yield from sentence_questions(text, document)


def _below(document: Document, heading: Heading) -> Span:
    """Return the span from a heading to the next."""
    after = (other.start for other in document.headings if other.start > heading.start)
    return Span(heading.start, next(after, len(document.text)))
