"""Which sentences belong to a long answer: fitted on ClapNQ, each question judged by the others.

They are fitted as they are used, asked of all contexts as one collection. Only for SelQA, whose
questions ask for facts that mostly one sentence states, the offset is chosen anew, as the cosine is
for the embedder alone from which sentences join the best.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from aiqa.answers.calibration import Calibration, Flags, Matrix, fit, risk_levels
from aiqa.embedders import Embedder
from aiqa.evaluation.metrics.confidence import Reliability, auroc
from aiqa.reader.qa_models import SpanModel
from aiqa.reader.sentence_selector import (
    EVIDENCE,
    MOST,
    Sentence,
    SentenceWeights,
    chunk_sentences,
    evidence_of,
    likeliest,
    sentence_features,
)
from aiqa.reader.span_decoder import read_windows
from aiqa.types import ScoredChunk, Span

_SIMILARITY = 2
"""Column of the cosine among the features."""

_SHIFTS = [0.25 * step for step in range(-20, 9)]
"""Of an offset."""

_COSINES = [0.05 * step for step in range(21)]
_FOLDS = 5


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
        self.found: list[Sentence] = chunk_sentences(
            row["question"], read_windows(model, row["question"], hits)
        )
        self.features: Matrix = sentence_features(row["question"], self.found, embedder)
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
    """Logistic regression of "is gold"."""
    x = np.vstack([p.features for p in fitted_on])
    y = np.concatenate([p.gold for p in fitted_on])
    scale = x.std(0) + 1e-9
    model = LogisticRegression(C=1.0, max_iter=1000).fit(x / scale, y)
    values = [*(model.coef_[0] / scale), model.intercept_[0]]
    return SentenceWeights(*(round(float(value), 4) for value in values))


def sentence_f1(found: Sequence[Explained], asked: Sequence[Explained]) -> float:
    """Mean F1 of what the reader chooses, by weights fitted on the other questions ``asked``.

    ``found`` are the same questions in the same order.
    """
    return _mean(
        _f1(question, weights)
        for held_out, others in _folds(found, asked)
        for weights in [fit_sentences(others)]
        for question in held_out
    )


def sentence_f1_of_others(found: Sequence[Explained], weights: SentenceWeights) -> float:
    """The same for questions of another kind, whose offset is chosen on the others of them."""

    def by(shift: float, some: Sequence[Explained]) -> list[float]:
        shifted = replace(weights, offset=weights.offset + shift)
        return [_f1(question, shifted) for question in some]

    return _anew(found, _SHIFTS, by)


def similarity_f1(found: Sequence[Explained]) -> float:
    """The same by the embedder alone, with a cosine from which to join that is chosen likewise.

    It may choose as many as the reader.
    """

    def by(least: float, some: Sequence[Explained]) -> list[float]:
        values = []
        for question in some:
            cosines = question.features[:, _SIMILARITY]
            best, *others = map(int, np.argsort(-cosines, kind="stable")[:MOST])
            values.append(question.f1([best, *(i for i in others if cosines[i] >= least)]))
        return values

    return _anew(found, _COSINES, by)


def _anew(
    found: Sequence[Explained],
    values: Sequence[float],
    by: Callable[[float, Sequence[Explained]], list[float]],
) -> float:
    """Mean F1, each question's by the one of the ``values`` that is best on the other folds."""
    return _mean(
        f1
        for held_out, others in _folds(found, found)
        for best in [max(values, key=lambda value: _mean(by(value, others)))]
        for f1 in by(best, held_out)
    )


def _folds(
    found: Sequence[Explained], asked: Sequence[Explained]
) -> Iterator[tuple[list[Explained], list[Explained]]]:
    """For each fold its questions among those ``found``, and the others among those ``asked``."""
    for fold in range(_FOLDS):
        yield (
            [question for i, question in enumerate(found) if i % _FOLDS == fold],
            [question for i, question in enumerate(asked) if i % _FOLDS != fold],
        )


def _f1(question: Explained, weights: SentenceWeights) -> float:
    return question.f1(likeliest(weights.log_odds(question.features)))


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


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
        scores = weights.log_odds(passage.features)
        best = int(np.argmax(scores))
        rows.append(evidence_of(passage.found[best], float(scores[best])))
        right.append(bool(passage.gold[best]))
    return np.array(rows), np.array(right)


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
