"""Calibration on a user's own gold set: what is right on their documents, and how surely."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from aiqa.assistant import Assistant
from aiqa.calibration import (
    Calibration,
    Flags,
    Matrix,
    expected_calibration_error,
    fit,
    risk_levels,
)
from aiqa.errors import GoldError
from aiqa.evaluation.evidence import EvidenceMap
from aiqa.evaluation.gold import Question
from aiqa.evaluation.metrics import auroc, token_f1
from aiqa.types import Reading, RiskLevel

RIGHT = 0.3
"""Token F1 from which a short answer counts as right."""

_LEAST = 10
"""Right answers, and wrong ones, that must have been given."""

_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Recalibration:
    """What a calibration gained, on questions that it was not fitted on.

    ``ece`` is the expected calibration error, ``auroc`` how well confidence parts right from wrong
    answers. ``outcomes`` counts the questions asked, of which ``held_back`` were asked a second
    time, without the passages that answer them.
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
    kind: str
    evidence: tuple[float, ...]
    right: bool
    answerable: bool


def calibrate(
    assistant: Assistant,
    questions: Sequence[Question],
    source: str,
    on_progress: Callable[[int], None] | None = None,
) -> Recalibration:
    """Fit confidence to how the assistant does on ``questions``, and keep it with the index.

    Each question that the documents answer is also asked without the passages that do, when no
    answer is right. The fit starts from the calibration that the reader brings.

    Raises:
        GoldError: there are too few questions, or evidence does not stand where it is said to.
        CatalogError: there is no usable index, or it cannot be written.
    """
    evidence = EvidenceMap(assistant.documents())
    for question in questions:
        evidence.locate(question)
    outcomes: list[_Outcome] = []
    for done, question in enumerate(questions, 1):
        outcomes.extend(_ask(assistant, question, evidence))
        if on_progress:
            on_progress(done)
    right = sum(o.right for o in outcomes)
    if min(right, len(outcomes) - right) < _LEAST:
        raise GoldError(
            f"Of {len(outcomes)} answers to these questions {right} are right; at least {_LEAST} "
            f"right and {_LEAST} wrong ones are needed to calibrate by.",
            "Add questions, some of which the documents do not answer.",
        )
    before = assistant.brought_calibrations
    after, confidence = _fit(outcomes, before, source)
    flags = np.array([o.right for o in outcomes])
    answerable = np.array([o.answerable for o in outcomes])
    risks = risk_levels(confidence, flags, answerable)
    assistant.keep_calibrations({kind: replace(c, risks=risks) for kind, c in after.items()})
    old = np.array([before[o.kind].confidence(o.evidence) for o in outcomes])
    return Recalibration(
        outcomes=len(outcomes),
        held_back=len(outcomes) - len(questions),
        right=right,
        ece_before=expected_calibration_error(old, flags),
        ece_after=expected_calibration_error(confidence, flags),
        auroc=auroc(list(confidence), list(flags)),
        risks=risks,
    )


def _ask(assistant: Assistant, question: Question, evidence: EvidenceMap) -> Iterator[_Outcome]:
    reading = assistant.read(question.question)
    yield from _outcome(reading, question, evidence)
    if question.answerable:
        hidden = assistant.read(question.question, without=evidence.places(question))
        yield from _outcome(hidden, None, evidence)


def _outcome(
    reading: Reading, question: Question | None, evidence: EvidenceMap
) -> Iterator[_Outcome]:
    """``question`` is None where nothing that is found can be right."""
    if not reading.answer:
        return
    best = reading.answer[0]
    is_right = False
    if question is not None and question.answerable:
        is_right = (
            token_f1(best.text, question.answers) >= RIGHT
            if best.kind == "span"
            else evidence.holds(question, best.chunk.document_id, best.span)
        )
    answerable = question is not None and question.answerable
    yield _Outcome(best.kind, best.evidence, is_right, answerable)


def _fit(
    outcomes: Sequence[_Outcome], before: Mapping[str, Calibration], source: str
) -> tuple[dict[str, Calibration], Matrix]:
    """Calibrations by kind, and the confidence of each outcome by those fitted without it."""
    confidence = np.zeros(len(outcomes))
    after = dict(before)
    for kind, prior in before.items():
        rows = [i for i, o in enumerate(outcomes) if o.kind == kind]
        if not rows:
            continue
        x = np.array([outcomes[i].evidence for i in rows])
        right: Flags = np.array([outcomes[i].right for i in rows])
        for fold in range(_FOLDS):
            held_out = np.arange(len(rows)) % _FOLDS == fold
            part = fit(prior.names, x[~held_out], right[~held_out], prior, source)
            confidence[np.array(rows)[held_out]] = part.confidences(x[held_out])
        after[kind] = fit(prior.names, x, right, prior, source)
    return after, confidence
