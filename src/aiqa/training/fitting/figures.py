"""Figures of a reader over outcomes that were judged by what was fitted on other groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from aiqa.evaluation.metrics.answers import token_f1
from aiqa.evaluation.metrics.confidence import Reliability, auroc
from aiqa.evaluation.scoring import LEAST_F1
from aiqa.training.fitting.fit import JudgedOutcome

THRESHOLDS = (0.4, 0.5, 0.6, 0.7)
_CANDIDATES = 3
"""Candidates that are shown where an answer is unsure."""


def figures(judged: Sequence[JudgedOutcome], least: float) -> dict[str, Any]:
    """Return what becomes of questions asked of everything; answers from ``least`` on are shown.

    ``em``, ``f1`` and ``right`` are of answerable questions, made to answer; ``evidence_first`` the
    share of them whose best span is from a chunk with evidence. ``shown`` has, by confidence, the
    shares of answerable questions shown a right and a wrong answer and of others shown one.
    ``unsure_right``: of answerable questions that were not shown an answer, the share with a right
    one among the first three candidates.
    """
    asked = [j for j in judged if not j.outcome.case.hidden]
    present = [j for j in asked if j.outcome.case.answerable]
    absent = [j for j in asked if not j.outcome.case.answerable]
    right = np.array([j.outcome.right for j in present])
    sure = np.array([j.confidence for j in present])
    not_stated = np.array([j.confidence for j in absent])
    every = [j.confidence for j in asked]
    flags = [j.outcome.right for j in asked]
    unsure = [j for j in present if j.confidence < least]
    return {
        "answerable": len(present),
        "not_answerable": len(absent),
        "em": _mean([j.outcome.em for j in present]),
        "f1": _mean([j.outcome.f1 for j in present]),
        "right": _mean(right),
        "evidence_first": _mean([_is_from_evidence(j) for j in present]),
        "auroc_right": auroc(every, flags),
        "auroc_stated": auroc(
            [j.stated for j in asked], [j.outcome.case.answerable for j in asked]
        ),
        "ece": Reliability.of(np.array(every), np.array(flags)).error,
        "shown": {
            str(t): {
                "right": _mean(right & (sure >= t)),
                "wrong": _mean(~right & (sure >= t)),
                "not_answerable": _mean(not_stated >= t),
            }
            for t in sorted({*THRESHOLDS, least})
        },
        "unsure_right": _mean([_is_among_candidates(j) for j in unsure]),
    }


def by_tag(judged: Sequence[JudgedOutcome], least: float) -> dict[str, dict[str, float]]:
    """Return, for each tag, how many answerable questions have it, and the shares right."""
    present = [j for j in judged if j.outcome.case.answerable]
    tags = sorted({tag for j in present for tag in j.outcome.case.example.tags})
    found = {}
    for tag in tags:
        own = [j for j in present if tag in j.outcome.case.example.tags]
        found[tag] = {
            "questions": len(own),
            "right": _mean([j.outcome.right for j in own]),
            "shown_right": _mean([j.outcome.right and j.confidence >= least for j in own]),
        }
    return found


def _is_from_evidence(judged: JudgedOutcome) -> bool:
    chunk = judged.outcome.ranked.candidates[0].hit.chunk
    return judged.outcome.case.holds(chunk.document_id, chunk.span)


def _is_among_candidates(judged: JudgedOutcome) -> bool:
    answers = judged.outcome.case.example.answers
    first = judged.outcome.ranked.candidates[:_CANDIDATES]
    return any(token_f1(candidate.text, answers) >= LEAST_F1 for candidate in first)


def _mean(values: Any) -> float:
    return round(float(np.mean(values)), 4) if len(values) else 0.0
