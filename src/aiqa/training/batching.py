"""Examples to batches of windows, as tensors, with as little padding as may be."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from aiqa.reader.windows import Windows, padded
from aiqa.training.data.examples import Example
from aiqa.training.data.phrasing import as_typed
from aiqa.training.labels import Labelled, labelled

if TYPE_CHECKING:
    import torch

_POOL_BATCHES = 50
"""Examples are sorted by length among those of so many batches: random enough, hardly padded."""

_WITH_HEADING = 0.6
"""The share of examples read with their heading, so that a reader does with and without."""

Question = list[Labelled]
"""All labelled windows of one question."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows of several questions.

    ``ids``, ``mask``, ``segments``: int64, shape ``(windows, length)``. Of the same shape, bool:
    ``allowed``, where a span may start or end, and the first word piece, which stands for "no
    answer"; ``starts`` and ``ends``, where answers do; ``evidence``, which word pieces belong to
    sentences that answer, which counts for windows that are ``marked``. Of shape ``(windows,)``:
    ``answering`` and ``polarity``, whether a window answers, and by yes or no; ``groups``, which
    question it is of, from 0 on.
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
    """Training steps over the ``drawn`` examples, each made when it is asked for.

    What a data loader takes. A step is a list of batches of at most ``at_once`` word pieces each,
    or one batch where that is None. ``seed`` decides how each question is typed, and whether its
    heading is read; with None, all questions stay as they are, with their headings.
    """

    drawn: Sequence[Sequence[Example]]
    windows: Windows
    seed: int | None = None
    at_once: int | None = None

    def __len__(self) -> int:
        return len(self.drawn)

    def __getitem__(self, number: int) -> list[Batch]:
        chance = None
        if self.seed is not None:
            chance = random.Random(self.seed * 1_000_003 + number)
        questions = labelled_questions(self.drawn[number], self.windows, chance)
        return [tensors(part) for part in _parts(questions, self.at_once)]


def lengths(examples: Sequence[Example], windows: Windows) -> list[list[int]]:
    """Return how many word pieces each passage of each example is read in, with its question.

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
    chance = random.Random(seed)
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


def labelled_questions(
    examples: Sequence[Example], windows: Windows, chance: random.Random | None = None
) -> list[Question]:
    """Return the labelled windows of each example that has any.

    With ``chance``, questions are put as somebody may type them, some without their heading.
    """
    questions = []
    for example in examples:
        question, has_heading = example.question, True
        if chance is not None:
            question = as_typed(question, chance)
            has_heading = chance.random() < _WITH_HEADING
        rows = [
            item
            for passage in example.passages
            for heading in [passage.heading or example.heading]
            for item in labelled(
                windows, example, passage, question, heading if has_heading else ""
            )
        ]
        if rows:
            questions.append(rows)
    return questions


def _parts(questions: Sequence[Question], at_once: int | None) -> Iterator[list[Question]]:
    """Whole questions in runs of at most ``at_once`` word pieces, padding included."""
    part: list[Question] = []
    count = longest = 0
    for question in questions:
        longest = max(longest, *(len(item.window.ids) for item in question))
        if part and at_once is not None and longest * (count + len(question)) > at_once:
            yield part
            part, count = [], 0
            longest = max(len(item.window.ids) for item in question)
        part.append(question)
        count += len(question)
    if part:
        yield part


def tensors(questions: Sequence[Question]) -> Batch:
    """Return the windows of one or more questions as one batch."""
    import torch

    rows = [item for question in questions for item in question]
    ids, mask, segments = padded([item.window for item in rows])
    allowed, starts, ends, evidence = (np.zeros(ids.shape, bool) for _ in range(4))
    for row, item in enumerate(rows):
        first, last = item.window.first, len(item.window.ids) - 1
        allowed[row, first:last] = True
        if item.is_answering and not item.answers:  # it answers, but nobody said where
            starts[row, first:last] = ends[row, first:last] = True
        for start, end in item.answers or (() if item.is_answering else ((0, 0),)):
            starts[row, start] = True
            ends[row, end] = True
        for start, end in item.evidence:
            evidence[row, start : end + 1] = True
    allowed[:, 0] = True
    labels: list[NDArray[np.generic]] = [
        np.array([bool(item.answers) or not item.is_answering for item in rows]),
        np.array([item.is_answering for item in rows], np.float32),
        np.array([item.polarity for item in rows], np.int64),
        np.repeat(np.arange(len(questions)), [len(question) for question in questions]),
    ]
    arrays = (ids, mask, segments, allowed, starts, ends, evidence, *labels)
    return Batch(*map(torch.from_numpy, arrays))
