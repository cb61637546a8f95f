"""Key terms: the few phrases of the documents that together come nearest to their subjects.

A phrase speaks for a document as far as it is said in it and its vector lies near those of the
document's passages, both seen from the middle of the whole collection. Terms are chosen one after
the other, each for what it adds to those before it: a greedy solution of the facility location
problem, see Krause and Golovin, "Submodular function maximization", 2014.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from aiqa.assistant import Assistant
from aiqa.query_rewriting.noun_phrases import Phrase, phrases
from aiqa.text.analysis import content_terms
from aiqa.types import Document

_READ_CHARACTERS = 60_000
_MOST_CANDIDATES = 600
_MOST_TERMS = 8
_LEAST_COUNT = 3
_MOST_TERM_WORDS = 3
_MOST_HEADINGS = 100

_MOST_PASSAGES = 50
"""Passages whose vectors say what a document is about."""

_LEAST_CAPITALISED = 0.8
"""Least share of the occurrences of a single word in which a name has its capital letter."""

_NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w-]*[A-Za-z0-9](?: [A-Z][\w-]*[A-Za-z0-9]){0,2}")
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


def key_terms(assistant: Assistant, documents: Sequence[Document]) -> list[tuple[str, int]]:
    """Return the key terms of ``documents`` of the index, each with how often it is said."""
    texts = [f"\n{one.title}\n{_said(one)}\n" for one in documents]
    counts = _counts(_candidates(documents), texts)
    # Vectors of different embedders cannot be compared; who asks is told of it.
    is_alike = assistant.store.index.catalog.recipe.embedder == assistant.embedder.identity
    if not (counts and is_alike):
        return []
    terms, said = list(counts), np.array(list(counts.values()))
    near = _nearness(assistant.embedder.encode(terms), _middles(assistant, documents))
    # Each further mention in a document says less.
    chosen = _chosen(terms, near * said / (said + 1))
    return [(terms[at], int(said[at].sum())) for at in chosen]


def _candidates(documents: Iterable[Document]) -> list[str]:
    """Return what documents call their subjects, those first that most of them have."""
    found, wordings = Counter[str](), dict[str, str]()
    for document in documents:
        terms = {term.casefold(): term for term in _of_document(document) if content_terms(term)}
        wordings = terms | wordings
        found.update(terms.keys())
    return [wordings[folded] for folded, _ in found.most_common(_MOST_CANDIDATES)]


def _of_document(document: Document) -> Iterator[str]:
    """Yield names, and phrases of headings."""
    headings = (heading.title for heading in document.headings[:_MOST_HEADINGS])
    for title in dict.fromkeys((document.title, *headings)):
        yield from (phrase.text for phrase in phrases(title[:200]) if _is_subject(phrase))
    for match in _NAME.finditer(_said(document)):
        if not set(match[0].casefold().split()) & _PARTS:
            yield match[0]


def _said(document: Document) -> str:
    """Return the beginning of the text without the heads of columns, which each row repeats."""
    parts, at = [], 0
    for block in document.blocks:
        if block.start > _READ_CHARACTERS:
            break
        for cell in block.cells:
            parts.append(document.text[at : cell.start])
            at = cell.body
    return "".join((*parts, document.text[at:_READ_CHARACTERS]))


def _is_subject(phrase: Phrase) -> bool:
    words = phrase.text.casefold().split()
    if not phrase.says_something or len(words) > _MOST_TERM_WORDS or set(words) & _PARTS:
        return False
    # A single common noun says too little, and names are found in the sentences.
    return phrase.text[0].isalpha() and len(words) > 1


def _counts(candidates: Iterable[str], texts: Sequence[str]) -> dict[str, list[int]]:
    """Return how often each candidate is said in each of ``texts``; seldom ones are left out."""
    folded = [text.casefold() for text in texts]
    counts = {}
    for term in candidates:
        said = _occurrences(term.casefold(), folded)
        is_name = " " not in term
        if sum(said) < _LEAST_COUNT:
            continue
        if is_name and sum(_occurrences(term, texts)) < _LEAST_CAPITALISED * sum(said):
            continue
        counts[term] = said
    return counts


def _occurrences(term: str, texts: Sequence[str]) -> list[int]:
    whole = re.compile(rf"\b{re.escape(term)}\b")
    return [len(whole.findall(text)) if term in text else 0 for text in texts]


def _middles(assistant: Assistant, documents: Iterable[Document]) -> NDArray[np.float32]:
    """Return the mean vector of each document's passages, ``(documents, dimensions)``."""
    catalog = assistant.store.index.catalog
    zero = np.zeros((1, assistant.embedder.dimensions), np.float32)
    return np.stack([
        np.concatenate([
            *(part for _, part in catalog.vectors(catalog.keys_of(one.id)[:_MOST_PASSAGES])),
            zero,
        ]).mean(axis=0)
        for one in documents
    ])  # fmt: skip


def _nearness(terms: NDArray[np.float32], documents: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how near each term is to each document, ``(terms, documents)``, 0 at least."""
    nearness: NDArray[np.float32] = np.maximum(_from_middle(terms) @ _from_middle(documents).T, 0)
    return nearness


def _from_middle(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return ``vectors`` as directions from their mean; a vector alone stays as it is."""
    away = vectors - vectors.mean(axis=0) if len(vectors) > 1 else vectors
    lengths = np.linalg.norm(away, axis=1, keepdims=True)
    directions: NDArray[np.float32] = away / np.maximum(lengths, np.finfo(np.float32).tiny)
    return directions


def _chosen(terms: Sequence[str], weights: NDArray[np.float32]) -> list[int]:
    """Return the places of the terms that together are nearest, none a part of another."""
    covered = np.zeros(weights.shape[1], np.float32)
    chosen: list[int] = []
    taken: set[str] = set()
    while len(chosen) < _MOST_TERMS:
        gains = np.maximum(weights - covered, 0).sum(axis=1)
        gains[[at for at, term in enumerate(terms) if _words(term) & taken]] = 0
        best = int(gains.argmax())
        if not gains[best] > 0:
            break
        chosen.append(best)
        taken |= _words(terms[best])
        covered = np.maximum(covered, weights[best])
    return chosen


def _words(term: str) -> set[str]:
    return set(term.casefold().split())
