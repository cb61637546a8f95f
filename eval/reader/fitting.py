"""Ranking and calibration of a model, fitted on half of what was asked, measured on the other."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from eval.reader.outcomes import Asked, Outcome, evidence

from aiqa.calibration import Calibration, fit, risk_levels
from aiqa.evaluation.confidence import Reliability, auroc
from aiqa.reading.spans import EVIDENCE


def is_fitted_on(asked: Asked) -> bool:
    """Whether a question is of the half that is fitted on; all of one article are of the same."""
    return hashlib.blake2b(asked.case.article.encode()).digest()[0] % 2 == 0


def mixed(found: Sequence[Outcome]) -> list[Outcome]:
    """Every question once, every second one with its passage held back; none asked alone is."""
    held_back = [o for o in found if o.asked.removed][::2]
    names = {(o.asked.case.question, o.asked.case.source) for o in held_back}
    others = [
        o
        for o in found
        if not o.asked.removed and (o.asked.case.question, o.asked.case.source) not in names
    ]
    return [*others, *held_back]


def fit_calibration(
    found: Sequence[Outcome], held_out: Sequence[Outcome], source: str
) -> Calibration:
    """A calibration of ``found``, with the risk levels that it keeps on ``held_out``."""
    calibration = fit(EVIDENCE, *evidence(mixed(found))[:2], None, source)
    x, right, answerable = evidence(mixed(held_out))
    return replace(calibration, risks=risk_levels(calibration.confidences(x), right, answerable))


def figures(found: Sequence[Outcome], calibration: Calibration) -> dict[str, Any]:
    """What a reader does on questions that were not fitted on."""
    present = [o for o in found if o.answerable]
    x, right, _ = evidence(present)
    confident = np.argsort(-calibration.confidences(x), kind="stable")[: len(present) // 2]
    every, all_right, answerable = evidence(mixed(found))
    confidence = calibration.confidences(every)
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


def calibration_error(found: Sequence[Outcome], calibration: Calibration) -> float:
    """Expected calibration error over all kinds of questions, mixed as they were fitted on."""
    x, right, _ = evidence(mixed(found))
    return Reliability.of(calibration.confidences(x), right).error


def alone_figures(found: Sequence[Outcome], calibration: Calibration) -> dict[str, Any]:
    """How well questions with and without answer are told apart when one passage is read.

    By confidence, and by the model's own logits alone.
    """
    x, right, answerable = evidence(found)
    confidence = calibration.confidences(x)
    return {
        "questions": len(found),
        "auroc": auroc(list(confidence), list(answerable)),
        "auroc_of_margin": auroc(list(x[:, EVIDENCE.index("beats_null")]), list(answerable)),
        "ece": Reliability.of(confidence, right).error,
    }
