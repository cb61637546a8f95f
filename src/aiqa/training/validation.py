"""How a model reads while it is being made: each question put to its own passages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from aiqa.evaluation.metrics.answers import exact_match, token_f1
from aiqa.evaluation.metrics.confidence import auroc
from aiqa.reader.qa_models import Logits
from aiqa.reader.span_decoder import ReadWindow, candidates
from aiqa.reader.windows import Window, Windows, padded
from aiqa.training.data.examples import Example, Passage
from aiqa.training.device import device, mixed_precision
from aiqa.training.labels import POLARITIES
from aiqa.training.model import ReaderModel
from aiqa.types import Chunk, ScoredChunk

_AT_ONCE = 8192
"""Word pieces that are read at once, padding included."""


@dataclass(frozen=True, slots=True)
class Validation:
    """Rates in [0, 1]: ``em`` and ``f1`` over the answerable examples, made to answer.

    ``auroc_margin`` and ``auroc_answering`` say how well answerable examples are put above others
    by the margin of the best span over no answer, and by the highest of the answering head; None
    where all are of one kind. ``polarity`` is the share of yes and no told right; None where no
    example has any.
    """

    n: int
    em: float
    f1: float
    auroc_margin: float | None
    auroc_answering: float | None
    polarity: float | None


@dataclass(frozen=True, slots=True)
class _ReadPassage:
    """A window of a passage with its logits; ``polarity`` is as in ``model.Outputs``."""

    passage: Passage
    window: Window
    logits: Logits
    polarity: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Outcome:
    text: str
    margin: float
    answering: float
    polarity: NDArray[np.float32]


def validate(model: ReaderModel, windows: Windows, examples: Sequence[Example]) -> Validation:
    """Read every example's passages with ``model``, and decode its spans as the product does.

    Headings are read with their passages. An example without word pieces to read counts as
    answered by nothing.
    """
    work = [
        (number, passage, window)
        for number, example in enumerate(examples)
        for passage in example.passages
        for window in windows.cut(example.question, passage.text, example.heading)
    ]
    outputs = _outputs(model, [window for _, _, window in work])
    by_example: dict[int, list[_ReadPassage]] = {}
    for (number, passage, window), (logits, polarity) in zip(work, outputs, strict=True):
        read = _ReadPassage(passage, window, logits, polarity)
        by_example.setdefault(number, []).append(read)
    outcomes = {number: _outcome(read) for number, read in by_example.items()}
    answerable = {number: e for number, e in enumerate(examples) if e.wordings}
    texts = {number: outcomes[number].text for number in answerable if number in outcomes}
    told = [
        (o.polarity[POLARITIES["yes"]] > o.polarity[POLARITIES["no"]])
        == (examples[number].polarity == "yes")
        for number, o in outcomes.items()
        if examples[number].polarity in ("yes", "no")
    ]
    answers = [any(p.is_answering or p.answers for p in examples[n].passages) for n in outcomes]
    total = max(len(answerable), 1)
    return Validation(
        n=len(examples),
        em=sum(exact_match(text, answerable[n].wordings) for n, text in texts.items()) / total,
        f1=sum(token_f1(text, answerable[n].wordings) for n, text in texts.items()) / total,
        auroc_margin=auroc([o.margin for o in outcomes.values()], answers),
        auroc_answering=auroc([o.answering for o in outcomes.values()], answers),
        polarity=float(np.mean(told)) if told else None,
    )


def _outcome(read: Sequence[_ReadPassage]) -> _Outcome:
    """What one question comes to over all windows of its passages."""
    decoded = candidates(
        [
            ReadWindow(_hit(item.passage, number), item.window, item.logits)
            for number, item in enumerate(read)
        ]
    )
    best = max(decoded, key=lambda candidate: candidate.score, default=None)
    top = max(read, key=lambda item: item.logits.answering)
    return _Outcome(
        text=best.text if best else "",
        margin=best.score - best.null if best else -np.inf,
        answering=top.logits.answering,
        polarity=top.polarity,
    )


def _hit(passage: Passage, number: int) -> ScoredChunk:
    """The passage as the decoder takes it."""
    chunk = Chunk(
        document_id=str(number),
        source="",
        title="",
        format="text",
        section=(),
        page=None,
        start=0,
        end=len(passage.text),
        text=passage.text,
        sentences=(),
    )
    return ScoredChunk(chunk, score=0.0, dense=0.0)


def _outputs(
    model: ReaderModel, windows: Sequence[Window]
) -> list[tuple[Logits, NDArray[np.float32]]]:
    """Each window's logits and its polarity's, in order; windows of like length run together."""
    model = model.to(device()).eval()
    found: dict[int, tuple[Logits, NDArray[np.float32]]] = {}
    order = sorted(range(len(windows)), key=lambda i: (-len(windows[i].ids), i))
    while order:
        size = max(1, _AT_ONCE // len(windows[order[0]].ids))
        batch, order = order[:size], order[size:]
        inputs = [torch.from_numpy(a).to(device()) for a in padded([windows[i] for i in batch])]
        with torch.inference_mode(), mixed_precision():
            out = model(*inputs)
        starts, ends, evidence, answering, polarity = (part.float().cpu().numpy() for part in out)
        for row, i in enumerate(batch):
            length = len(windows[i].ids)
            logits = Logits(
                starts[row, :length],
                ends[row, :length],
                evidence[row, :length],
                float(answering[row]),
            )
            found[i] = logits, polarity[row]
    return [found[i] for i in range(len(windows))]
