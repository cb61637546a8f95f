"""Ranking and calibration of a model, fitted to what became of questions that were asked of it.

Every figure is of questions that were not fitted on: they are dealt into folds, all of one article
into the same, and each fold is judged by what was fitted on the others (cross-fitting; Stone,
"Cross-validatory choice and assessment of statistical predictions", 1974). What is shipped is then
fitted on all of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from eval.reader.outcomes import Asked, Outcome, evidence, outcomes
from eval.reader.ranking import fit_ranking

from aiqa.answers.calibration import Calibration, fit, risk_levels
from aiqa.embedders import Embedder
from aiqa.evaluation.metrics.confidence import Reliability, auroc
from aiqa.reader.span_ranker import SpanRanker
from aiqa.reader.span_reader import EVIDENCE, SpanReader

FOLDS = 5


def fold(article: str) -> int:
    """That of the questions of one article."""
    return hashlib.blake2b(article.encode()).digest()[0] % FOLDS


def rankings(asked: Sequence[Asked], embedder: Embedder) -> list[SpanRanker]:
    """For each fold the ranking fitted on the others, where a question's own passage was there."""
    present = [a for a in asked if not a.removed]
    others = ([a for a in present if fold(a.case.article) != f] for f in range(FOLDS))
    return [fit_ranking(each, embedder) for each in others]


def by_fold(asked: Sequence[Asked], readers: Sequence[SpanReader]) -> list[list[Outcome]]:
    """What becomes of the questions of each fold, read by the fold's own reader."""
    return [
        outcomes(reader, [a for a in asked if fold(a.case.article) == number])
        for number, reader in enumerate(readers)
    ]


def cross_fitted(asked: Sequence[Asked], readers: Sequence[SpanReader]) -> list[Outcome]:
    """What became of all questions, each with the confidence that those of other folds give it.

    ``readers`` has one for each fold, ranking by what was fitted on the others. The outcomes that a
    fold's calibration is fitted on are ranked so, too: a dozen weights have then seen the fold.
    """
    folds = by_fold(asked, readers)
    found = []
    for own in folds:
        others = [outcome for each in folds if each is not own for outcome in each]
        confidences = fit_calibration(others, "").confidences(evidence(own)[0])
        found += [replace(o, confidence=float(c)) for o, c in zip(own, confidences, strict=True)]
    return found


def reading_figures(alone: Sequence[Asked], readers: Sequence[SpanReader]) -> dict[str, float]:
    """EM and F1 where only the right passage was read, each fold by its own reader."""
    found = [outcome for each in by_fold(alone, readers) for outcome in each]
    return {
        "questions": len(alone),
        "em": sum(o.em for o in found) / len(alone),
        "f1": sum(o.f1 for o in found) / len(alone),
    }


def fit_calibration(found: Sequence[Outcome], source: str) -> Calibration:
    """A calibration of ``found``, its risk levels left open."""
    return fit(EVIDENCE, *evidence(found)[:2], None, source)


def with_risks(calibration: Calibration, judged: Sequence[Outcome]) -> Calibration:
    """The same with the risk levels that confidence keeps on the ``judged``, not fitted on.

    Every question counts once, every second one with its passage held back: the bound is on the
    word of independent ones.
    """
    once = _once(judged)
    _, right, answerable = evidence(once)
    return replace(calibration, risks=risk_levels(_confidences(once), right, answerable))


def figures(judged: Sequence[Outcome]) -> dict[str, Any]:
    """What a reader does."""
    present = [o for o in judged if o.answerable]
    right = evidence(present)[1]
    confident = np.argsort(-_confidences(present), kind="stable")[: len(present) // 2]
    confidence, (_, all_right, answerable) = _confidences(judged), evidence(judged)
    return {
        "questions": len(present),
        "open_em": float(np.mean([o.em for o in present])),
        "open_f1": float(np.mean([o.f1 for o in present])),
        "passage_first": float(np.mean([o.passage_first for o in present])),
        "retrieval_first": float(
            np.mean([o.asked.hits[0].chunk.source == o.asked.case.source for o in present])
        ),
        "wrong_in_surer_half": float((~right[confident]).mean()),
        "auroc_removed": auroc(list(confidence), list(answerable)),
        "auroc_right": auroc(list(confidence), list(all_right)),
        "ece": Reliability.of(confidence, all_right).error,
    }


def calibration_error(judged: Sequence[Outcome]) -> float:
    """Expected calibration error over all kinds of questions."""
    return Reliability.of(_confidences(judged), evidence(judged)[1]).error


def alone_figures(judged: Sequence[Outcome]) -> dict[str, Any]:
    """How well questions with and without answer are told apart when one passage is read.

    By confidence, and by the model's own logits alone.
    """
    x, right, answerable = evidence(judged)
    confidence = _confidences(judged)
    return {
        "questions": len(judged),
        "auroc": auroc(list(confidence), list(answerable)),
        "auroc_of_margin": auroc(list(x[:, EVIDENCE.index("beats_null")]), list(answerable)),
        "ece": Reliability.of(confidence, right).error,
    }


def _once(found: Sequence[Outcome]) -> list[Outcome]:
    """Every question once, every second one with its passage held back; none asked alone is."""
    held_back = [o for o in found if o.asked.removed][::2]
    names = {(o.asked.case.question, o.asked.case.source) for o in held_back}
    others = [
        o
        for o in found
        if not o.asked.removed and (o.asked.case.question, o.asked.case.source) not in names
    ]
    return [*others, *held_back]


def _confidences(judged: Sequence[Outcome]) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([o.confidence for o in judged])
