"""Long answers: the few sentences that explain, chosen by reader and embedder together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from aiqa.embedders import Embedder
from aiqa.reader.features import coverage, shares
from aiqa.reader.span_decoder import ReadWindow
from aiqa.text.sentences import sentences
from aiqa.types import ScoredChunk, ScoredSpan, Span

_CHUNKS = 4
"""Chunks whose sentences are looked at: those that the reader thinks most of."""

MOST = 5
"""Sentences of the longest answer."""

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SentenceWeights:
    """Logistic regression of "belongs to the answer" on what is known of a sentence.

    ``mass`` weighs the log of the probability with which the reader starts an answer in it,
    ``beats_null`` the logits of its best start and end above "no answer", ``similarity`` the cosine
    with the question, ``lead`` that less the highest of the sentences, ``chunk`` that of its chunk,
    ``coverage`` the share of the question's words that it has, ``before`` and ``after`` the mass of
    the sentences beside it, ``length`` the log of its number of words.
    """

    mass: float
    beats_null: float
    similarity: float
    lead: float
    chunk: float
    coverage: float
    before: float
    after: float
    length: float
    offset: float

    def log_odds(self, rows: Values) -> Values:
        """Of each row of ``sentence_features``, that the sentence belongs to the answer."""
        return np.asarray(rows @ np.array(list(asdict(self).values())[:-1]) + self.offset)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a chunk, in characters of the document, with the reader's view of it.

    ``covered``: the share of the question's words that its chunk has.
    """

    hit: ScoredChunk
    span: Span
    mass: float
    beats_null: float
    covered: float

    @property
    def text(self) -> str:
        """The words, as the document has them."""
        return self.hit.chunk.words(self.span)


class Explaining:
    """Chooses the sentences of a long answer."""

    def __init__(self, embedder: Embedder, weights: SentenceWeights) -> None:
        self._embedder = embedder
        self._weights = weights

    def explain(
        self, question: str, read: Sequence[ReadWindow]
    ) -> tuple[list[ScoredSpan], list[ScoredSpan]]:
        """The sentences that answer, in the order to be read, and the others, best first."""
        found = chunk_sentences(question, read)
        if not found:
            return [], []
        scores = self._weights.log_odds(sentence_features(question, found, self._embedder))
        chosen = in_order(found, likeliest(scores))
        best = int(np.argmax(scores))
        spans = [
            ScoredSpan(
                item.hit.chunk, item.span, float(score), "sentence",
                evidence_of(item, float(score)), stated=bool(found[best].beats_null > 0),
            )
            for item, score in zip(found, scores, strict=True)
        ]  # fmt: skip
        others = sorted(
            (i for i in range(len(found)) if i not in chosen), key=lambda i: (-scores[i], i)
        )
        return [spans[i] for i in chosen], [spans[i] for i in others]


EVIDENCE = ("score", "mass", "beats_null", "dense", "coverage")


def evidence_of(item: Sentence, score: float) -> tuple[float, ...]:
    """What speaks for a sentence, in the order of ``EVIDENCE``."""
    return (score, item.mass, item.beats_null, item.hit.dense, item.covered)


def likeliest(log_odds: Values) -> list[int]:
    """Indices of the sentences that answer together, best first: the best and up to four others.

    As many as have the best F1 to be expected: ``k`` sentences that belong to the answer with
    probabilities ``p`` have about ``2 Σp / (k + Σ p of all)``. Lewis, "Evaluating and optimizing
    autonomous text classification systems", SIGIR 1995.
    """
    order = np.argsort(-log_odds, kind="stable")[:MOST]
    odds = np.exp(np.clip(log_odds, -700, 700))
    probability = odds / (1 + odds)
    right = np.cumsum(probability[order])
    f1 = 2 * right / (np.arange(1, len(order) + 1) + probability.sum())
    return [int(i) for i in order[: int(np.argmax(f1)) + 1]]


def in_order(found: Sequence[Sentence], chosen: Sequence[int]) -> list[int]:
    """The same indices to be read: chunk by chunk, that of the first first, in text order."""
    chunks = list(dict.fromkeys(id(found[i].hit) for i in chosen))
    return sorted(chosen, key=lambda i: (chunks.index(id(found[i].hit)), found[i].span.start))


def chunk_sentences(question: str, read: Sequence[ReadWindow]) -> list[Sentence]:
    """The sentences of the chunks that the reader thinks most of, in their order."""
    best: dict[int, float] = {}
    for item in read:
        inside = slice(item.window.first, len(item.window.places) + item.window.first)
        score = max(item.logits[0][inside]) + max(item.logits[1][inside]) - item.null
        best[id(item.hit)] = max(best.get(id(item.hit), -np.inf), float(score))
    chosen = sorted(best, key=lambda key: -best[key])[:_CHUNKS]
    hits = list({item.hit.chunk: item.hit for item in read}.values())
    covered = dict(zip((hit.chunk for hit in hits), coverage(question, hits), strict=True))
    found: dict[tuple[str, Span], Sentence] = {}
    for item in read:
        if id(item.hit) in chosen:
            for sentence in _sentences(item, covered[item.hit.chunk]):
                place = (item.hit.chunk.document_id, sentence.span)
                if place not in found or found[place].mass < sentence.mass:
                    found[place] = sentence
    return list(found.values())


def _sentences(item: ReadWindow, covered: float) -> list[Sentence]:
    chunk, window = item.hit.chunk, item.window
    total = _log_sum(item.logits[0]), _log_sum(item.logits[1])
    found = []
    for inside in sentences(chunk.text):
        places = window.places
        held = np.flatnonzero((places[:, 0] < inside.end) & (places[:, 1] > inside.start))
        if not len(held):
            continue
        first, last = window.first + held[0], window.first + held[-1] + 1
        starts, ends = item.logits[0][first:last], item.logits[1][first:last]
        span = Span(chunk.start + inside.start, chunk.start + inside.end)
        mass = (_log_sum(starts) - total[0] + _log_sum(ends) - total[1]) / 2
        beats_null = float(starts.max() + ends.max() - item.null)
        found.append(Sentence(item.hit, span, mass, beats_null, covered))
    return found


def sentence_features(question: str, found: Sequence[Sentence], embedder: Embedder) -> Values:
    """What ``SentenceWeights`` weighs, in its order, shape ``(len(found), 9)``."""
    texts = [item.text for item in found]
    vectors = embedder.encode([question, *texts])
    similarity = vectors[1:] @ vectors[0]
    covered = shares(question, texts)
    rows = []
    for i, item in enumerate(found):
        beside = [
            found[j].mass if 0 <= j < len(found) and found[j].hit is item.hit else -10.0
            for j in (i - 1, i + 1)
        ]
        rows.append(
            (
                max(item.mass, -10.0), item.beats_null,
                float(similarity[i]), float(similarity[i] - similarity.max()), item.hit.dense,
                covered[i], *(max(mass, -10.0) for mass in beside),
                float(np.log(1 + len(texts[i].split()))),
            )
        )  # fmt: skip
    return np.array(rows)


def _log_sum(values: NDArray[np.float32]) -> float:
    most = float(values.max())
    return most + float(np.log(np.exp(values - most).sum()))
