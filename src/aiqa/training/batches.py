"""Examples to batches of windows, as tensors, with as little padding as may be."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from aiqa.reader.windows import Window, Windows, padded
from aiqa.training.examples import Example, Passage
from aiqa.training.phrasing import as_typed

if TYPE_CHECKING:
    import torch

_POOL_BATCHES = 50
"""Examples are sorted by length among those of so many batches: random enough, hardly padded."""

_WITH_HEADING = 0.6
"""The share of examples read with their heading, so that a reader does with and without."""

UNKNOWN = -100
"""The label of a polarity that nobody knows, which PyTorch's cross entropy ignores."""
POLARITIES = {"yes": 0, "no": 1, "neither": 2}
_OPEN_QUESTION = re.compile(r"\b(?:what|when|where|which|who|whom|whose|why|how)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A window with its labels.

    ``answers``: the word pieces at which answers start and end, counted in ids. ``evidence``: the
    same of the sentences that they stand in. ``is_answering``: whether the window answers.
    ``polarity``: as in ``POLARITIES``.
    """

    window: Window
    answers: tuple[tuple[int, int], ...]
    evidence: tuple[tuple[int, int], ...]
    is_answering: bool
    polarity: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows of several questions.

    ``ids``, ``mask``, ``segments``: shape ``(windows, length)``. ``allowed``: where a span may
    start or end, and the first word piece, which stands for "no answer". ``starts`` and ``ends``:
    where answers do. ``evidence``: which word pieces belong to sentences that answer; it counts
    for windows that are ``marked``. ``answering`` and ``polarity``, ``groups``: whether a window
    answers, whether by yes or no, and which question it is of, shape ``(windows,)``.
    """

    ids: torch.Tensor
    mask: torch.Tensor
    segments: torch.Tensor
    allowed: torch.Tensor
    starts: torch.Tensor
    ends: torch.Tensor
    evidence: torch.Tensor
    marked: torch.Tensor
    answering: torch.Tensor
    polarity: torch.Tensor
    groups: torch.Tensor

    def to(self, device: torch.device) -> Batch:
        """Return the same on ``device``."""
        return Batch(
            *(getattr(self, field.name).to(device, non_blocking=True) for field in fields(self))
        )


@dataclass(frozen=True, slots=True)
class Steps:
    """Batches of ``drawn`` examples, each made when it is asked for; None where there is nothing.

    What a data loader takes. ``seed`` decides how each question is typed, and whether its
    heading is read; with None, all questions stay as they are, with their headings.
    """

    drawn: Sequence[Sequence[Example]]
    windows: Windows
    seed: int | None = None

    def __len__(self) -> int:
        return len(self.drawn)

    def __getitem__(self, number: int) -> Batch | None:
        chance = None if self.seed is None else random.Random(self.seed * 1_000_003 + number)  # noqa: S311  # not for secrets
        return tensors(self.drawn[number], self.windows, chance)


def labelled(
    windows: Windows, example: Example, passage: Passage, question: str, heading: str
) -> list[Labelled]:
    """Return the labelled windows of one passage.

    A window that holds part of an answer only is left out: it neither answers nor does not.
    """
    found = []
    for window in windows.cut(question, passage.text, heading):
        pieces = [window.pieces(span) for span in passage.answers]
        places = window.places
        cut = any(
            piece is None and span.start < places[-1, 1] and span.end > places[0, 0]
            for piece, span in zip(pieces, passage.answers, strict=True)
        )
        answers = tuple(sorted({piece for piece in pieces if piece}))
        if cut and not answers:
            continue
        evidence = tuple(_overlapping(window, s.start, s.end) for s in passage.evidence)
        is_answering = bool(answers) if passage.answers else passage.is_answering
        polarity = _polarity(example, is_answering=is_answering)
        held = tuple(e for e in evidence if e) if answers else ()
        found.append(Labelled(window, answers, held, is_answering, polarity))
    return found


def _overlapping(window: Window, start: int, end: int) -> tuple[int, int] | tuple[()]:
    inside = np.flatnonzero((window.places[:, 0] < end) & (window.places[:, 1] > start))
    return (int(inside[0]) + window.first, int(inside[-1]) + window.first) if len(inside) else ()


def _polarity(example: Example, *, is_answering: bool) -> int:
    if example.polarity:
        return POLARITIES[example.polarity if is_answering else "neither"]
    return POLARITIES["neither"] if _OPEN_QUESTION.search(example.question) else UNKNOWN


def lengths(examples: Sequence[Example], windows: Windows) -> list[list[int]]:
    """Return how many word pieces each passage of each example is read in, its question's included.

    Of a passage that needs several windows, each is taken for as long as a window may be.
    """
    texts = list(dict.fromkeys(t for e in examples for t in (e.question, *_texts(e))))
    count = dict(zip(texts, windows.lengths(texts), strict=True))
    return [
        [
            size
            for text in _texts(example)
            if count[text]
            for size in windows.sizes(count[example.question], count[text])
        ]
        for example in examples
    ]


def _texts(example: Example) -> list[str]:
    return [passage.text for passage in example.passages]


def batches(
    examples: Sequence[Example], sizes: Sequence[Sequence[int]], word_pieces: int, seed: int
) -> list[list[Example]]:
    """Return all ``examples`` once, in batches of up to ``word_pieces``, ordered by ``seed``.

    ``sizes`` are their ``lengths``.
    """
    chance = random.Random(seed)  # noqa: S311  # not for secrets
    order = [index for index, size in enumerate(sizes) if size]
    chance.shuffle(order)
    mean = sum(map(sum, sizes)) / max(len(order), 1)
    pool_size = max(1, round(_POOL_BATCHES * word_pieces / max(mean, 1)))
    found: list[list[Example]] = []
    for start in range(0, len(order), pool_size):
        batch: list[int] = []
        count = 0
        for index in sorted(order[start : start + pool_size], key=lambda i: max(sizes[i])):
            if batch and max(sizes[index]) * (count + len(sizes[index])) > word_pieces:
                found.append([examples[i] for i in batch])
                batch, count = [], 0
            batch.append(index)
            count += len(sizes[index])
        found.append([examples[i] for i in batch])
    chance.shuffle(found)
    return found


def tensors(
    examples: Sequence[Example], windows: Windows, chance: random.Random | None = None
) -> Batch | None:
    """Return the windows of ``examples`` as one batch; None if there are none."""
    import torch

    rows: list[tuple[int, Labelled]] = []
    for group, example in enumerate(examples):
        question, heading = example.question, example.heading
        if chance is not None:
            question = as_typed(question, chance)
            heading = heading if chance.random() < _WITH_HEADING else ""
        rows += [
            (group, item)
            for passage in example.passages
            for item in labelled(windows, example, passage, question, heading)
        ]
    if not rows:
        return None
    ids, mask, segments = padded([item.window for _, item in rows])
    allowed, starts, ends, evidence = (np.zeros(ids.shape, bool) for _ in range(4))
    for row, (_, item) in enumerate(rows):
        first, last = item.window.first, len(item.window.ids) - 1
        allowed[row, first:last] = True
        if item.is_answering and not item.answers:  # it answers, nobody said where
            starts[row, first:last] = ends[row, first:last] = True
        for start, end in item.answers or (() if item.is_answering else ((0, 0),)):
            starts[row, start] = True
            ends[row, end] = True
        for start, end in item.evidence:
            evidence[row, start : end + 1] = True
    allowed[:, 0] = True
    labels: list[NDArray[np.generic]] = [
        np.array([bool(i.answers) or not i.is_answering for _, i in rows]),
        np.array([i.is_answering for _, i in rows], np.float32),
        np.array([i.polarity for _, i in rows], np.int64),
        np.array([group for group, _ in rows], np.int64),
    ]
    arrays = (ids, mask, segments, allowed, starts, ends, evidence, *labels)
    return Batch(*map(torch.from_numpy, arrays))
