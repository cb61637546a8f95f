"""What the documents are about, in their own words: titles, kinds, headings and key terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from aiqa.assistant import Assistant
from aiqa.server.key_terms import key_terms
from aiqa.types import Document

_LOOKED_THROUGH = 200
"""Most documents whose words are counted."""

_MOST_TITLES = 4
_MOST_HEADINGS = 3
_LONGEST_TITLE = 90


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
    catalog = assistant.store.index.catalog
    with assistant.store.index.reading():
        (count, _), kinds = catalog.counts(), catalog.formats()
        documents = list(islice(assistant.documents(), _LOOKED_THROUGH))
        terms = key_terms(assistant, documents)
    described = sorted(
        map(_described, documents), key=lambda one: (-len(one.headings), one.title.casefold())
    )
    return Overview(count, kinds, described[:_MOST_TITLES], terms)


def _described(document: Document) -> Described:
    titles = [
        heading.title
        for heading in document.headings
        if heading.title != document.title and len(heading.title) <= _LONGEST_TITLE
    ]
    title = document.title[:_LONGEST_TITLE]
    return Described(document.id, title, document.format, titles[:_MOST_HEADINGS])
