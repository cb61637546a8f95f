"""Features of candidate spans: the words of question, sentence and chunk held against each other.

A question that no chunk answers is often one letter away from one that is: another name, another
year, a "not" too many (Rajpurkar, Jia & Liang, "Know what you don't know", ACL 2018). A small span
model scores both alike, but their words tell them apart.
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

from aiqa.text.analysis import all_terms, terms
from aiqa.text.sentences import sentences
from aiqa.types import Chunk, ScoredChunk, Span

_NAMED = re.compile(r"(?<=.)\b[A-Z][\w'’-]*|\d(?:[\d.,]*\d)?")
_NEGATION = re.compile(
    r"\b(?:not|never|no|none|nor|neither|without|cannot)\b|n['’]t\b", re.IGNORECASE
)


class Support:
    """Holds a question against chunks and their sentences.

    ``best_lexical``: the highest BM25 of the chunks; 1 where none has any.
    """

    def __init__(self, question: str, chunks: Sequence[ScoredChunk]) -> None:
        covered = coverage(question, chunks)
        self.best_lexical = max((hit.lexical or 0.0 for hit in chunks), default=0.0) or 1.0
        self._chunks = {
            hit.chunk: _Held(question, hit.chunk, share)
            for hit, share in zip(chunks, covered, strict=True)
        }

    def of(self, chunk: Chunk, span: Span) -> tuple[float, float, float, float, float, float]:
        """Of a span of one of the chunks, in characters of the document, six things.

        The share of the question's words that the chunk has, words rare among the chunks counting
        for more; the share that its sentence or the chunk's headings have, words rare in the chunk
        counting for more; the share of the question's pairs of neighbouring words that the sentence
        has; how many names and numbers of the question stand nowhere in the chunk; whether just one
        of question and sentence denies something; and whether the question does, both as 0 or 1.
        """
        return self._chunks[chunk].of(span)

    def coverage(self, chunk: Chunk) -> float:
        """Return the share of the question's words that one of the chunks has."""
        return self._chunks[chunk].covered

    def sentence(self, chunk: Chunk, span: Span) -> str:
        """The sentence in which a span of one of the chunks, in characters of the document, begins.

        Of a span behind the last sentence, the whole chunk.
        """
        return self._chunks[chunk].sentence(span)


class _Held:
    """A question held against one chunk; ``covered``: the share of its words that that has."""

    def __init__(self, question: str, chunk: Chunk, covered: float) -> None:
        self._question = question
        self._chunk = chunk
        self.covered = covered

    def of(self, span: Span) -> tuple[float, float, float, float, float, float]:
        number = self._number(span)
        told = self._told[number] if number < len(self._told) else (0.0, 0.0, self._denies)
        share, pairs, denies = told
        return (
            self.covered, share, pairs, self._unmatched,
            float(denies != self._denies), float(self._denies),
        )  # fmt: skip

    def sentence(self, span: Span) -> str:
        number = self._number(span)
        return self._texts[number] if number < len(self._texts) else self._chunk.text

    def _number(self, span: Span) -> int:
        return bisect_right(self._ends, span.start - self._chunk.start)

    @cached_property
    def _texts(self) -> list[str]:
        return [self._chunk.text[s.start : s.end] for s in self._sentences]

    @cached_property
    def _sentences(self) -> list[Span]:
        return sentences(self._chunk.text)

    @cached_property
    def _ends(self) -> list[int]:
        return [sentence.end for sentence in self._sentences]

    @cached_property
    def _told(self) -> list[tuple[float, float, bool]]:
        """Of each sentence the shares of the question's words and pairs, and whether it denies."""
        headings = self._chunk.context
        words = shares(self._question, [f"{headings}\n{text}" for text in self._texts])
        wanted = _pairs(self._question)
        return [
            (share, len(wanted & _pairs(text)) / max(len(wanted), 1), _denies(text))
            for share, text in zip(words, self._texts, strict=True)
        ]

    @cached_property
    def _denies(self) -> bool:
        return _denies(self._question)

    @cached_property
    def _unmatched(self) -> float:
        said = f"{self._chunk.context}\n{self._chunk.text}".casefold()
        return float(sum(name.casefold() not in said for name in _NAMED.findall(self._question)))


def _pairs(text: str) -> set[tuple[str, str]]:
    return set(pairwise(all_terms(text)))


def _denies(text: str) -> bool:
    return bool(_NEGATION.search(text))


def coverage(question: str, chunks: Sequence[ScoredChunk]) -> list[float]:
    """For each chunk the share of the question's content words that it or its headings have.

    Words that are rare among these chunks count for more.
    """
    return shares(question, [f"{hit.chunk.context}\n{hit.chunk.text}" for hit in chunks])


def shares(question: str, texts: Sequence[str]) -> list[float]:
    """The same for texts; words count for more if they are rare among these."""
    wanted = set(terms(question))
    held = [wanted & set(terms(text)) for text in texts]
    frequency = Counter(term for words in held for term in words)
    idf = {term: math.log(1 + len(texts) / (1 + frequency[term])) for term in wanted}
    # Sets have another order in every process; fsum's last digit does not hang on it.
    total = math.fsum(idf.values())
    return [math.fsum(idf[term] for term in words) / total if total else 0.0 for words in held]


_LIKELY = math.log(1e-3)
"""Words with a smaller share of the probability than this speak for none but themselves."""


def consensus(wanted: Collection[str], shares: Mapping[str, float]) -> dict[str, float]:
    """For each of the ``wanted`` words, the log of their expected overlap with what is right.

    ``shares``: the log of the probability that each words are right, the ``wanted`` ones among
    them. Overlap is Dice's coefficient of the content terms, 1 for the same words: "the government"
    and "government access" speak for each other, in one chunk or in two. To weigh an answer by
    its expected overlap is minimum Bayes risk decoding (Kumar & Byrne, NAACL 2004), here used to
    tell how sure an answer is, not to choose it.
    """
    likely = {words: math.exp(share) for words, share in shares.items() if share > _LIKELY}
    held = {words: frozenset(terms(words)) for words in {*wanted, *likely}}
    found = {}
    for words in wanted:
        others = math.fsum(
            probability * _dice(held[words], held[other])
            for other, probability in likely.items()
            if other != words
        )
        own = shares[words]
        found[words] = float(np.logaddexp(own, math.log(others))) if others else own
    return found


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    either = len(one) + len(other)
    return 2 * len(one & other) / either if either else 0.0
