"""What a window is labelled with: answers, evidence, whether it answers, and yes or no."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from aiqa.reader.windows import Window, Windows
from aiqa.training.data.examples import Example, Passage

UNKNOWN = -100
"""The label of a polarity that nobody knows, which PyTorch's cross entropy ignores."""
POLARITIES = {"yes": 0, "no": 1, "neither": 2}
_OPEN_QUESTION = re.compile(r"\b(?:what|when|where|which|who|whom|whose|why|how)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A window with its labels.

    ``answers``: the word pieces at which answers start and end, counted in ids. ``evidence``: the
    same of the sentences that they stand in. ``is_answering``: whether the window answers.
    ``polarity``: as in ``POLARITIES``, or ``UNKNOWN``.
    """

    window: Window
    answers: tuple[tuple[int, int], ...]
    evidence: tuple[tuple[int, int], ...]
    is_answering: bool
    polarity: int


def labelled(
    windows: Windows, example: Example, passage: Passage, question: str, heading: str
) -> list[Labelled]:
    """Return the labelled windows of one of the example's passages.

    ``question`` and ``heading`` are the example's as they are put this time. A window that holds
    part of an answer only is left out: it neither answers nor does not.
    """
    found = []
    for window in windows.cut(question, passage.text, heading):
        pieces = [window.pieces(span) for span in passage.answers]
        places = window.places
        is_cut = any(
            piece is None and span.start < places[-1, 1] and span.end > places[0, 0]
            for piece, span in zip(pieces, passage.answers, strict=True)
        )
        answers = tuple(sorted({piece for piece in pieces if piece}))
        if is_cut and not answers:
            continue
        evidence = (_overlapping(window, span.start, span.end) for span in passage.evidence)
        is_answering = bool(answers) if passage.answers else passage.is_answering
        found.append(
            Labelled(
                window,
                answers,
                tuple(pair for pair in evidence if pair) if answers else (),
                is_answering,
                _polarity(example, is_answering=is_answering),
            )
        )
    return found


def _overlapping(window: Window, start: int, end: int) -> tuple[int, int] | None:
    inside = np.flatnonzero((window.places[:, 0] < end) & (window.places[:, 1] > start))
    return (int(inside[0]) + window.first, int(inside[-1]) + window.first) if len(inside) else None


def _polarity(example: Example, *, is_answering: bool) -> int:
    """Yes and no hold for what answers; an open question is answered by neither."""
    if example.polarity:
        return POLARITIES[example.polarity if is_answering else "neither"]
    return POLARITIES["neither"] if _OPEN_QUESTION.search(example.question) else UNKNOWN
