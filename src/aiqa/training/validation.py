"""How a model reads while it is being made: each question put to its own passages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from aiqa.evaluation.metrics.answers import exact_match, token_f1
from aiqa.evaluation.metrics.confidence import auroc
from aiqa.reader.qa_models import Logits
from aiqa.reader.windows import Window, Windows
from aiqa.training.model import InTraining

if TYPE_CHECKING:
    from aiqa.training.examples import Example

_LONGEST = 30
"""Word pieces of an answer; SQuAD's own are hardly longer."""


@dataclass(frozen=True, slots=True)
class Validation:
    """Rates in [0, 1]: ``em`` and ``f1`` over the answerable examples, made to answer.

    ``auroc`` is how well the margin of the best span over no answer puts answerable examples above
    others; None where all are of one kind.
    """

    n: int
    em: float
    f1: float
    auroc: float | None


def validate(model: Any, windows: Windows, examples: Sequence[Example]) -> Validation:
    """Read every example's passages with ``model``."""
    best: dict[int, tuple[float, float, str]] = {}
    for number, window, (start, end) in _read(model, windows, examples):
        example = examples[number[0]]
        score, span = _best_span(window, start, end)
        null = float(start[0] + end[0])
        text = ""
        if span:
            passage = example.passages[number[1]].text
            place = window.span(*span, passage)
            text = passage[place.start : place.end]
        if number[0] not in best or score > best[number[0]][0]:
            best[number[0]] = (score, score - null, text)
    scores = [
        (exact_match(best[i][2], e.wordings), token_f1(best[i][2], e.wordings))
        for i, e in enumerate(examples)
        if e.wordings and i in best
    ]
    answerable = max(sum(bool(e.wordings) for e in examples), 1)
    return Validation(
        n=len(examples),
        em=sum(em for em, _ in scores) / answerable,
        f1=sum(f1 for _, f1 in scores) / answerable,
        auroc=auroc([best[i][1] for i in best], [bool(examples[i].wordings) for i in best]),
    )


def _best_span(
    window: Window, start: np.ndarray[Any, Any], end: np.ndarray[Any, Any]
) -> tuple[float, tuple[int, int] | None]:
    first, last = window.first, len(window.ids) - 1
    sums = start[first:last, np.newaxis] + end[np.newaxis, first:last]
    size = last - first
    lengths = np.arange(size)[np.newaxis, :] - np.arange(size)[:, np.newaxis]
    sums = np.where((lengths >= 0) & (lengths < _LONGEST), sums, -np.inf)
    at = int(sums.argmax())
    return float(sums.flat[at]), (first + at // size, first + at % size)


def _read(
    model: Any, windows: Windows, examples: Sequence[Example]
) -> Iterator[tuple[tuple[int, int], Window, Logits]]:
    """Each window with the numbers of its example and passage, and its start and end logits."""
    work = [
        ((i, j), window)
        for i, example in enumerate(examples)
        for j, passage in enumerate(example.passages)
        for window in windows.cut(example.question, passage.text)
    ]
    logits = InTraining(model, windows).logits([window for _, window in work])
    for (number, window), pair in zip(work, logits, strict=True):
        yield number, window, pair
