"""What the documents do answer, in their own headings: nothing is made up to be asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aiqa.text.analysis import content_terms
from aiqa.types import Document, Heading, Span

_QUESTION_MARKS = ("?", "？")
_LONGEST = 120
"""Characters of a question that is offered."""

_LEAST_TERMS = 2


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of a document that can be opened there."""

    document_id: str
    title: str
    heading: str
    place: Span


def questions(documents: Iterable[Document], most: int) -> tuple[str, ...]:
    """Headings that are questions, in order: what stands under them answers them."""
    found: dict[str, None] = {}
    for document in documents:
        for heading in document.headings:
            if _stands_alone(heading.title):
                found[heading.title] = None
        if len(found) >= most:
            break
    return tuple(found)[:most]


def sections(document: Document, near: int, most: int) -> tuple[Section, ...]:
    """The headings of ``document`` nearest to character ``near``, in order of the text."""
    nearest = sorted(document.headings, key=lambda heading: _distance(heading, document, near))
    chosen = sorted(nearest[:most], key=lambda heading: heading.start)
    return tuple(
        Section(
            document.id,
            document.title,
            heading.title,
            Span(heading.start, heading.start + len(heading.title)),
        )
        for heading in chosen
        if heading.title != document.title
    )


def _stands_alone(title: str) -> bool:
    """Whether it is a question that says what it is about: "And since then?" does not."""
    is_question = title.endswith(_QUESTION_MARKS) and len(title) <= _LONGEST
    return is_question and len(set(content_terms(title))) >= _LEAST_TERMS


def _distance(heading: Heading, document: Document, near: int) -> int:
    # A heading above a chunk is about it; one below it is about the next.
    away = near - heading.start
    return away if away >= 0 else len(document.text) - away
