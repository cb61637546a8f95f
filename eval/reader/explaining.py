"""Which sentences belong to a long answer: fitted on half of ClapNQ, measured on the rest.

They are fitted as they are used, asked of all contexts as one collection. Where the right context
is given, and for SelQA, whose questions ask for facts that mostly one sentence states, only the
odds from which sentences join are chosen anew, as they are for the embedder alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from aiqa.calibration import Calibration, Flags, Matrix, fit, risk_levels
from aiqa.embedding import Embedder
from aiqa.evaluation.confidence import Reliability, auroc
from aiqa.reading.candidates import read_windows
from aiqa.reading.explanations import (
    EVIDENCE,
    Sentence,
    SentenceWeights,
    choose,
    evidence_of,
    features,
    passages,
)
from aiqa.reading.models import SpanModel
from aiqa.types import ScoredChunk, Span

_SIMILARITY = 2
"""Column of the cosine among the features."""

_LEAST = [0.25 * step for step in range(-16, 9)]
"""Log odds from which sentences may join the best one."""

_COSINES = [0.05 * step for step in range(21)]
"""The same for cosines with the question."""

_GIVEN_UP = 0.01
"""Of F1, so that fewer sentences are shown, more of which belong there."""


class Explained:
    """A question with the sentences that were found for it, what is known of them, which are gold.

    ``hits`` are the chunks that are read, ``source`` that of the question's own context: sentences
    from elsewhere are wrong. Sets cut their contexts in their own way, so what aiqa chooses is
    counted by the sentences of the set that it covers for the most part. ``golds`` are the choices
    of several people.
    """

    def __init__(
        self,
        row: dict[str, Any],
        hits: Sequence[ScoredChunk],
        source: str,
        model: SpanModel,
        embedder: Embedder,
    ) -> None:
        self.places = _places(row["context"].strip(), row["sentences"])
        self.golds = [_numbers(gold, row["sentences"]) for gold in _choices(row)]
        self.found: list[Sentence] = passages(
            row["question"], read_windows(model, row["question"], hits)
        )
        self.features: Matrix = features(row["question"], self.found, embedder)
        self.answerable = not row.get("is_impossible")
        self._own = [s.hit.chunk.source == source for s in self.found]
        self.gold: Flags = np.array(
            [bool(self._covered([i]) & self.golds[0]) for i in range(len(self.found))]
        )

    def _covered(self, chosen: Sequence[int]) -> set[int]:
        """Numbers of the set's sentences that the chosen ones cover for the most part."""
        spans = [self.found[i].span for i in chosen if self._own[i]]
        return {
            number
            for number, place in enumerate(self.places)
            if sum(max(0, min(place.end, s.end) - max(place.start, s.start)) for s in spans)
            > (place.end - place.start) / 2
        }

    def f1(self, chosen: Sequence[int]) -> float:
        """F1 of the sentences chosen, as a set, with the most like-minded person's."""
        covered = self._covered(chosen)
        said = len(covered) + sum(not self._own[i] for i in chosen)
        return max(
            2 * len(covered & gold) / (said + len(gold)) if covered else 0.0 for gold in self.golds
        )


def fit_sentences(fitted_on: Sequence[Explained]) -> SentenceWeights:
    """Logistic regression, and the odds from which sentences join the best."""
    x = np.vstack([p.features for p in fitted_on])
    y = np.concatenate([p.gold for p in fitted_on])
    scale = x.std(0) + 1e-9
    model = LogisticRegression(C=1.0, max_iter=1000).fit(x / scale, y)
    values = [*(model.coef_[0] / scale), model.intercept_[0]]
    names = [field.name for field in fields(SentenceWeights)]
    fitted = SentenceWeights(
        **{name: round(float(v), 4) for name, v in zip(names, [*values, 0.0], strict=True)}
    )
    return with_least(fitted_on, fitted)


def with_least(fitted_on: Sequence[Explained], weights: SentenceWeights) -> SentenceWeights:
    """The same weights with the strictest ``least`` that does hardly worse than the best."""
    tried = [replace(weights, least=least) for least in _LEAST]
    f1 = [sentence_f1(fitted_on, each) for each in tried]
    return [w for w, value in zip(tried, f1, strict=True) if value >= max(f1) - _GIVEN_UP][-1]


def sentence_f1(found: Sequence[Explained], weights: SentenceWeights) -> float:
    """Mean F1 of the sentences that the reader chooses."""
    scores = [p.features @ weights.vector() + weights.offset for p in found]
    return float(
        np.mean(
            [p.f1(choose(p.found, s, weights.least)) for p, s in zip(found, scores, strict=True)]
        )
    )


def fit_sentence_calibration(
    found: Sequence[Explained], weights: SentenceWeights
) -> tuple[Calibration, dict[str, float | None]]:
    """How sure it is that the best sentence belongs to the answer, and what that is worth.

    Some of what was ``found`` is for questions that nothing answers: there no sentence is right.
    Figures and risk levels are cross-fitted: each half is weighed and judged by the other.
    """
    halves = found[::2], found[1::2]
    judged = []
    for fitted_on, held_out in (halves, halves[::-1]):
        own = fit_sentences([p for p in fitted_on if p.answerable])
        calibration = fit(EVIDENCE, *_best(fitted_on, own), None, "")
        x, right = _best(held_out, own)
        judged.append((calibration.confidences(x), right, [p.answerable for p in held_out]))
    confidence, right, answerable = (np.concatenate(each) for each in zip(*judged, strict=True))
    figures = {
        "questions": len(found),
        "auroc": auroc(list(confidence), list(answerable)),
        "auroc_right": auroc(list(confidence), list(right)),
        "ece": Reliability.of(confidence, right).error,
    }
    shipped = fit(EVIDENCE, *_best(found, weights), None, "ClapNQ dev, half of it without answer")
    return replace(shipped, risks=risk_levels(confidence, right, answerable)), figures


def _best(found: Sequence[Explained], weights: SentenceWeights) -> tuple[Matrix, Flags]:
    """Evidence of the best sentence of each passage, and whether it is gold."""
    rows, right = [], []
    for passage in found:
        scores = passage.features @ weights.vector() + weights.offset
        best = int(np.argmax(scores))
        rows.append(evidence_of(passage.found[best], float(scores[best])))
        right.append(bool(passage.gold[best]))
    return np.array(rows), np.array(right)


def similarity_f1(fitted_on: Sequence[Explained], found: Sequence[Explained]) -> float:
    """The same by the embedder alone, the cosine from which to join chosen on ``fitted_on``."""

    def by(least: float, passages: Sequence[Explained]) -> float:
        return float(
            np.mean([p.f1(choose(p.found, p.features[:, _SIMILARITY], least)) for p in passages])
        )

    best = max(_COSINES, key=lambda least: by(least, fitted_on))
    return by(best, found)


def _choices(row: dict[str, Any]) -> list[list[Any]]:
    """The sentences chosen, by text or number, for each person."""
    gold = row["gold_sentences"]
    return gold if gold and isinstance(gold[0], list) else [gold]


def _numbers(gold: Sequence[Any], sentences: Sequence[str]) -> set[int]:
    return {item if isinstance(item, int) else sentences.index(item) for item in gold}


def _places(context: str, sentences: Sequence[str]) -> list[Span]:
    places, position = [], 0
    for sentence in sentences:
        start = context.find(sentence.strip(), position)
        position = start + len(sentence.strip()) if start >= 0 else position
        places.append(Span(max(start, position), position) if start < 0 else Span(start, position))
    return places
