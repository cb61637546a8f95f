"""Examples to batches of windows, as tensors, with as little padding as may be."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from aiqa.reader.windows import Window, Windows, padded
from aiqa.training.examples import Example, Passage

if TYPE_CHECKING:
    import torch

_POOL_BATCHES = 50
"""Examples are sorted by length among those of so many batches: random enough, hardly padded."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A window and the word pieces at which answers in it start and end (both counted in ids)."""

    window: Window
    answers: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows of several questions.

    ``ids``, ``mask``, ``segments``: shape ``(windows, length)``. ``allowed``: where a span may
    start or end, and the first word piece, which stands for "no answer". ``starts`` and ``ends``:
    where answers do. ``groups``: for each window its question, shape ``(windows,)``.
    """

    ids: torch.Tensor
    mask: torch.Tensor
    segments: torch.Tensor
    allowed: torch.Tensor
    starts: torch.Tensor
    ends: torch.Tensor
    groups: torch.Tensor

    def to(self, device: torch.device) -> Batch:
        """The same on ``device``."""
        return Batch(*(getattr(self, field.name).to(device) for field in fields(self)))


@dataclass(frozen=True, slots=True)
class Steps:
    """Batches of ``drawn`` examples, each made when it is asked for; None where there is nothing.

    What a data loader takes.
    """

    drawn: Sequence[Sequence[Example]]
    windows: Windows

    def __len__(self) -> int:
        return len(self.drawn)

    def __getitem__(self, number: int) -> Batch | None:
        return tensors(self.drawn[number], self.windows)


def labelled(windows: Windows, question: str, passage: Passage) -> list[Labelled]:
    """The windows of one passage; those without an answer say so.

    A window that holds part of an answer only is left out: it neither answers nor does not.
    """
    found = []
    for window in windows.cut(question, passage.text):
        pieces = [window.pieces(span) for span in passage.answers]
        places = window.places
        cut = any(
            piece is None and span.start < places[-1, 1] and span.end > places[0, 0]
            for piece, span in zip(pieces, passage.answers, strict=True)
        )
        answers = tuple(sorted({piece for piece in pieces if piece}))
        if answers or not cut:
            found.append(Labelled(window, answers))
    return found


def lengths(examples: Sequence[Example], windows: Windows) -> list[list[int]]:
    """How many word pieces each window of each example has."""
    return [
        [len(w.ids) for p in e.passages for w in windows.cut(e.question, p.text)] for e in examples
    ]


def batches(
    examples: Sequence[Example], sizes: Sequence[Sequence[int]], word_pieces: int, seed: int
) -> list[list[Example]]:
    """All ``examples`` once, in batches of up to ``word_pieces``, in an order drawn by ``seed``.

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


def tensors(examples: Sequence[Example], windows: Windows) -> Batch | None:
    """The windows of ``examples`` as one batch; None if there are none."""
    import torch

    rows = [
        (group, item)
        for group, example in enumerate(examples)
        for passage in example.passages
        for item in labelled(windows, example.question, passage)
    ]
    if not rows:
        return None
    ids, mask, segments = padded([item.window for _, item in rows])
    allowed = np.zeros(ids.shape, bool)
    starts, ends = np.zeros(ids.shape, bool), np.zeros(ids.shape, bool)
    for row, (_, item) in enumerate(rows):
        allowed[row, item.window.first : len(item.window.ids) - 1] = True
        for first, last in item.answers or ((0, 0),):
            starts[row, first] = True
            ends[row, last] = True
    allowed[:, 0] = True
    as_tensor = torch.from_numpy
    groups: NDArray[np.int64] = np.array([group for group, _ in rows])
    return Batch(*map(as_tensor, (ids, mask, segments, allowed, starts, ends, groups)))
