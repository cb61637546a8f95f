"""Lexical features of candidate spans: overlap of the question with sentence and chunk.

An unanswerable question may differ from an answerable one only in a name, a year or a negation
(Rajpurkar, Jia & Liang, "Know what you don't know", ACL 2018). A small span model scores both
alike, but their words differ.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from itertools import pairwise

import numpy as np

from aiqa.reader.question_match import QuestionMatch
from aiqa.text.analysis import all_terms, terms
from aiqa.types import Chunk, ScoredChunk, Span

_NAMED = re.compile(r"(?<=.)\b[A-Z][\w'’-]*|\d(?:[\d.,]*\d)?")
_NEGATION = re.compile(
    r"\b(?:not|never|no|none|nor|neither|without|cannot)\b|n['’]t\b", re.IGNORECASE
)


class Support:
    """Compares the words of a question with those of chunks and their sentences.

    ``best_lexical`` is the highest BM25 score of the chunks; 1 if none has a score. ``match``
    compares the question with spans.
    """

    def __init__(self, question: str, chunks: Sequence[ScoredChunk]) -> None:
        covered = coverage(question, chunks)
        self.match = QuestionMatch(question)
        self.best_lexical = max((hit.lexical or 0.0 for hit in chunks), default=0.0) or 1.0
        self._chunks = {
            hit.chunk: _ChunkSupport(question, hit.chunk, share)
            for hit, share in zip(chunks, covered, strict=True)
        }

    def of(self, chunk: Chunk, span: Span) -> tuple[float, float, float, float, float, float]:
        """Return six features of a span of one of the chunks.

        Args:
            chunk: one of the chunks.
            span: the span, in characters of the document.

        Returns:
            The IDF-weighted share of the question's words in the chunk, with IDF over the chunks;
            the same in the span's sentence and the headings, with IDF over the chunk's sentences;
            the share of the question's bigrams in the sentence; the number of the question's names
            and numbers that are not in the chunk; whether exactly one of question and sentence has
            a negation, and whether the question has one, both 0 or 1.
        """
        return self._chunks[chunk].of(span)

    def coverage(self, chunk: Chunk) -> float:
        """Return the IDF-weighted share of the question's words in one of the chunks."""
        return self._chunks[chunk].covered


class _ChunkSupport:
    """Compares a question with one chunk; ``covered`` is the share of its words in the chunk."""

    def __init__(self, question: str, chunk: Chunk, covered: float) -> None:
        self._question = question
        self._chunk = chunk
        self.covered = covered

    def of(self, span: Span) -> tuple[float, float, float, float, float, float]:
        number = self._number(span)
        rows = self._by_sentence
        share, pairs, denies = rows[number] if number < len(rows) else (0.0, 0.0, self._denies)
        return (
            self.covered, share, pairs, self._unmatched,
            float(denies != self._denies), float(self._denies),
        )  # fmt: skip

    def _number(self, span: Span) -> int:
        return bisect_right(self._ends, span.start)

    @cached_property
    def _texts(self) -> list[str]:
        return [self._chunk.words(sentence) for sentence in self._chunk.sentences]

    @cached_property
    def _ends(self) -> list[int]:
        return [sentence.end for sentence in self._chunk.sentences]

    @cached_property
    def _by_sentence(self) -> list[tuple[float, float, bool]]:
        """The shares of the question's words and bigrams in each sentence; and its negation."""
        headings = self._chunk.context
        words = shares(self._question, [f"{headings}\n{text}" for text in self._texts])
        bigrams = _pairs(self._question)
        return [
            (share, len(bigrams & _pairs(text)) / max(len(bigrams), 1), _denies(text))
            for share, text in zip(words, self._texts, strict=True)
        ]

    @cached_property
    def _denies(self) -> bool:
        return _denies(self._question)

    @cached_property
    def _unmatched(self) -> float:
        text = f"{self._chunk.context}\n{self._chunk.text}".casefold()
        return float(sum(name.casefold() not in text for name in _NAMED.findall(self._question)))


def _pairs(text: str) -> set[tuple[str, str]]:
    return set(pairwise(all_terms(text)))


def _denies(text: str) -> bool:
    return bool(_NEGATION.search(text))


def coverage(question: str, chunks: Sequence[ScoredChunk]) -> list[float]:
    """Return the IDF-weighted share of the question's words in each chunk and its headings."""
    return shares(question, [f"{hit.chunk.context}\n{hit.chunk.text}" for hit in chunks])


def shares(question: str, texts: Sequence[str]) -> list[float]:
    """Return the share of the question's words in each text, weighted by IDF over the texts."""
    query = set(terms(question))
    matches = [query & set(terms(text)) for text in texts]
    frequency = Counter(term for words in matches for term in words)
    idf = {term: math.log(1 + len(texts) / (1 + frequency[term])) for term in query}
    # The order of a set differs between processes; the result of fsum does not depend on it.
    total = math.fsum(idf.values())
    return [math.fsum(idf[term] for term in words) / total if total else 0.0 for words in matches]


_LIKELY = math.log(1e-3)
"""Least log probability of the wordings that count as evidence for other wordings."""


def consensus(wanted: Collection[str], shares: Mapping[str, float]) -> dict[str, float]:
    """Return the log of the expected overlap of each wording with the right answer.

    The overlap is Dice's coefficient of the content terms, so that "the government" and "government
    access" support each other. Minimum Bayes risk decoding (Kumar & Byrne, NAACL 2004) selects
    answers by this expectation; here it is a feature of confidence.

    Args:
        wanted: the wordings to score.
        shares: the log probability of each wording, including the ``wanted`` ones.
    """
    likely = {words: math.exp(share) for words, share in shares.items() if share > _LIKELY}
    term_sets = {words: frozenset(terms(words)) for words in {*wanted, *likely}}
    result = {}
    for words in wanted:
        others = math.fsum(
            probability * _dice(term_sets[words], term_sets[other])
            for other, probability in likely.items()
            if other != words
        )
        own = shares[words]
        result[words] = float(np.logaddexp(own, math.log(others))) if others else own
    return result


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    either = len(one) + len(other)
    return 2 * len(one & other) / either if either else 0.0
