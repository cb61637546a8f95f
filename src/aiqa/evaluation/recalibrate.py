"""Recalibration: fit confidence to a user's own gold set and documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from aiqa.answers.calibration import Calibration, Flags, Matrix, fit, risk_levels
from aiqa.assistant import Assistant
from aiqa.errors import GoldError
from aiqa.evaluation.dataset import EvalDataset, EvalExample
from aiqa.evaluation.evidence import EvidenceMap, Located
from aiqa.evaluation.metrics.answers import token_f1
from aiqa.evaluation.metrics.confidence import Reliability, auroc
from aiqa.evaluation.scoring import LEAST_F1
from aiqa.types import Reading, RiskLevel

_LEAST = 10
"""Least number of right and of wrong answers."""

_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Recalibration:
    """The effect of a calibration, by cross-validation.

    ``ece`` is the expected calibration error, ``auroc`` how well confidence parts right from wrong
    answers. ``outcomes`` counts the questions asked, of which ``held_back`` were asked a second
    time, without the chunks that answer them.
    """

    outcomes: int
    held_back: int
    right: int
    ece_before: float
    ece_after: float
    auroc: float | None
    risks: tuple[RiskLevel, ...]


@dataclass(frozen=True, slots=True)
class _Outcome:
    evidence: tuple[float, ...]
    right: bool
    answerable: bool
    held_back: bool


def calibrate(
    assistant: Assistant,
    gold: EvalDataset,
    on_progress: Callable[[int], None] | None = None,
) -> Recalibration:
    """Fit confidence to the assistant's answers on ``gold``, and store it in the index.

    Each question that the documents answer is also asked without the chunks that do, when no
    answer is right. The prior of the fit is the reader's own calibration.

    Raises:
        GoldError: there are too few questions, or evidence is not in the documents.
        CatalogError: there is no usable index, or it cannot be written.
    """
    evidence = EvidenceMap(assistant.documents())
    located = [evidence.locate(question) for question in gold.questions]
    for question, places in zip(gold.questions, located, strict=True):
        if places.missing:
            raise GoldError(
                f"Question {question.id}: {places.missing[0]}.",
                "Ingest the documents that the gold set is about, or correct the set.",
            )
    outcomes: list[_Outcome] = []
    for done, (question, places) in enumerate(zip(gold.questions, located, strict=True), 1):
        outcomes.extend(_ask(assistant, question, places))
        if on_progress:
            on_progress(done)
    right = sum(o.right for o in outcomes)
    if min(right, len(outcomes) - right) < _LEAST:
        raise GoldError(
            f"Of {len(outcomes)} answers to these questions {right} are right; at least {_LEAST} "
            f"right and {_LEAST} wrong ones are needed to calibrate by.",
            "Add questions, some of which the documents do not answer.",
        )
    before = assistant.reader_calibration
    after, confidence = _fit(outcomes, before, gold.name)
    flags = np.array([o.right for o in outcomes])
    answerable = np.array([o.answerable for o in outcomes])
    risks = risk_levels(confidence, flags, answerable)
    assistant.keep_calibration(replace(after, risks=risks))
    old = np.array([before.confidence(o.evidence) for o in outcomes])
    return Recalibration(
        outcomes=len(outcomes),
        held_back=sum(o.held_back for o in outcomes),
        right=right,
        ece_before=Reliability.of(old, flags).error,
        ece_after=Reliability.of(confidence, flags).error,
        auroc=auroc(confidence, flags),
        risks=risks,
    )


def _ask(assistant: Assistant, question: EvalExample, places: Located) -> Iterator[_Outcome]:
    reading = assistant.reading(question.question)
    if reading.answer:
        yield _outcome(reading, question, places)
    if question.answerable:
        hidden = [(place.document_id, span) for place in places.places for span in place.spans]
        reading = assistant.reading(question.question, without=hidden)
        if reading.answer:
            best = reading.answer[0]
            yield _Outcome(best.evidence, right=False, answerable=False, held_back=True)


def _outcome(reading: Reading, question: EvalExample, places: Located) -> _Outcome:
    best = reading.answer[0]
    is_right = question.answerable and (
        token_f1(best.text, question.answers) >= LEAST_F1
        if best.kind == "span" and question.answers
        else places.holds(best.chunk.document_id, best.span)
    )
    return _Outcome(best.evidence, is_right, answerable=question.answerable, held_back=False)


def _fit(
    outcomes: Sequence[_Outcome], prior: Calibration, source: str
) -> tuple[Calibration, Matrix]:
    """Return the calibration, and the cross-validated confidence of each outcome."""
    x = np.array([o.evidence for o in outcomes])
    right: Flags = np.array([o.right for o in outcomes])
    confidence = np.zeros(len(outcomes))
    for fold in range(_FOLDS):
        held_out = np.arange(len(outcomes)) % _FOLDS == fold
        part = fit(prior.names, x[~held_out], right[~held_out], prior, source)
        confidence[held_out] = part.confidences(x[held_out])
    return fit(prior.names, x, right, prior, source), confidence
