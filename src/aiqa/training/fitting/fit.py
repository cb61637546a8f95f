"""Fits a reader's weights and calibrations, and judges them on groups that were left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from aiqa.answers.calibration import Calibration, Flags, fit, risk_levels
from aiqa.reader.factory import FittedReader
from aiqa.reader.linear_model import LinearModel
from aiqa.reader.qa_models import SpanModel
from aiqa.reader.span_features import CONFIDENCE
from aiqa.reader.span_reader import ReaderWeights, SpanReader
from aiqa.training.fitting.cases import Case
from aiqa.training.fitting.outcomes import (
    Outcome,
    SecondPass,
    first_pass,
    outcomes,
    second_pass,
)
from aiqa.training.fitting.ranking import fit_ranking

CHUNKS = ("first_answering", "dense", "lexical", "coverage")
SPANS = (
    "score", "beats_null", "answering", "evidence", "first_answering", "first_beats_null",
    "dense", "lexical", "coverage", "sentence", "pairs",
    "first_score", "first_evidence", "first_sentence_score", "first_sentence_evidence",
    "restated", "head", "head_lead", "in_range",
    "alone_answering", "alone_score", "alone_best", "alone_evidence",
)  # fmt: skip

FOLDS = 8
"""Parts into which groups are dealt; each is judged by what was fitted on the others."""

_HIDDEN = 0.4
"""What a question with its evidence hidden counts for: people ask more that is stated than not."""


@dataclass(frozen=True, slots=True)
class JudgedOutcome:
    """An outcome with the confidence, and the probability of being stated, by other groups."""

    outcome: Outcome
    confidence: float
    stated: float


def fit_reader(
    cases: Sequence[Case],
    first: SpanModel,
    second: SpanModel | None,
    say: Callable[[str], None],
) -> tuple[FittedReader, list[JudgedOutcome]]:
    """Return what is fitted to all ``cases``, and each of them judged by what was not.

    Chunk ranking is fitted on sets that bring their passages, so that no collection of documents
    has a part in it: it decides what is read, which cannot be done over for each group.
    """
    passed = first_pass(first, cases, say)
    with_passages = [p for p in passed if "/" not in p.case.group] or passed
    chunks = fit_ranking([(p.table, p.gain) for p in with_passages], CHUNKS)
    say(f"chunks {dict(chunks.weights)}")
    unranked = SpanReader(first, second, ReaderWeights(chunks, LinearModel({"score": 1.0})))
    read = second_pass(first, second, unranked, passed, say)
    return fit_to(chunks, read, first, second, _source(cases))


def fit_to(
    chunks: LinearModel,
    read: Sequence[SecondPass],
    first: SpanModel,
    second: SpanModel | None,
    source: str,
) -> tuple[FittedReader, list[JudgedOutcome]]:
    """Fit span ranking and calibrations to what was ``read``; judge by groups left out."""
    judged: list[JudgedOutcome] = []
    parts = _parts(read)
    for part in parts:
        others = [one for other in parts if other is not part for one in other]
        fitted, reader = _fit(chunks, others, first, second, source)
        found = outcomes(reader, part)
        evidence = np.array([o.ranked.evidence[0] for o in found])
        confidence = fitted.confidence.confidences(evidence)
        stated = fitted.stated.confidences(evidence)
        judged += [
            JudgedOutcome(o, float(c), float(s))
            for o, c, s in zip(found, confidence, stated, strict=True)
        ]
    fitted, _ = _fit(chunks, read, first, second, source)
    risks = risk_levels(
        np.array([j.confidence for j in judged]),
        np.array([j.outcome.right for j in judged]),
        np.array([j.outcome.case.answerable for j in judged]),
    )
    return replace(fitted, confidence=replace(fitted.confidence, risks=risks)), judged


def _fit(
    chunks: LinearModel,
    read: Sequence[SecondPass],
    first: SpanModel,
    second: SpanModel | None,
    source: str,
) -> tuple[FittedReader, SpanReader]:
    answerable = [r for r in read if r.passed.case.answerable]
    spans = fit_ranking([(r.table, r.gain) for r in answerable], SPANS)
    weights = ReaderWeights(chunks, spans)
    reader = SpanReader(first, second, weights)
    found = outcomes(reader, read)
    confidence = _calibrated(found, np.array([o.right for o in found]), source)
    stated = _calibrated(found, np.array([o.case.answerable for o in found]), source)
    return FittedReader(weights, confidence, stated), reader


def _calibrated(found: Sequence[Outcome], flags: Flags, source: str) -> Calibration:
    evidence: NDArray[np.float64] = np.array([o.ranked.evidence[0] for o in found])
    counts = np.where([o.case.hidden for o in found], _HIDDEN, 1.0)
    return fit(CONFIDENCE, evidence, flags, None, source, counts)


def _parts(read: Sequence[SecondPass]) -> list[list[SecondPass]]:
    """All that was read, by group, the groups dealt into ``FOLDS`` parts of about the same size."""
    groups: dict[str, list[SecondPass]] = {}
    for one in read:
        groups.setdefault(one.passed.case.group, []).append(one)
    parts: list[list[SecondPass]] = [[] for _ in range(min(FOLDS, len(groups)))]
    for name in sorted(groups, key=lambda name: (-len(groups[name]), name)):
        min(parts, key=len).extend(groups[name])
    return parts


def _source(cases: Sequence[Case]) -> str:
    return ", ".join(dict.fromkeys(case.group.partition("/")[0] for case in cases))
