"""What is minimised: how surprised the reader is at where the answers start and end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from aiqa.training.batches import Batch

_NEVER = -1e4
"""For where no span may start; finite, so that a row of nothing else has a gradient."""

_SOFTNESS = 2.0
"""The temperature at which a reader and its teacher are compared."""


def span_loss(
    starts: torch.Tensor, ends: torch.Tensor, batch: Batch, *, shared: float, smoothing: float
) -> torch.Tensor:
    """The loss of logits ``starts`` and ``ends``, both of shape ``(windows, length)``; a scalar.

    Each window by itself: minus the log of the probability that all places of answers have
    together, or the first word piece where there is none. ``shared`` is the weight of the same over
    all windows of a question at once, which makes scores comparable across passages (Clark &
    Gardner, "Simple and effective multi-paragraph reading comprehension", ACL 2018).
    ``smoothing`` is the share of the target that is spread over all allowed places.
    """
    total = starts.new_zeros(())
    for logits, places in ((starts, batch.starts), (ends, batch.ends)):
        scores = logits.float().masked_fill(~batch.allowed, _NEVER)
        total = total + _by_window(scores, places, batch, smoothing)
        if shared:
            total = total + shared * _by_question(scores, places, batch)
    return total / 2


def _by_window(
    scores: torch.Tensor, places: torch.Tensor, batch: Batch, smoothing: float
) -> torch.Tensor:
    norm = scores.logsumexp(1)
    loss = norm - scores.masked_fill(~places, _NEVER).logsumexp(1)
    if smoothing:
        spread = norm - (scores * batch.allowed).sum(1) / batch.allowed.sum(1)
        loss = (1 - smoothing) * loss + smoothing * spread
    return loss.mean()


def _by_question(scores: torch.Tensor, places: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Over questions that some window answers; whether none does, each window says for itself."""
    import torch

    scores, places = scores[:, 1:], places[:, 1:]
    loss = _over_questions(scores, batch) - _over_questions(
        scores.masked_fill(~places, _NEVER), batch
    )
    answered = torch.zeros(len(loss), dtype=torch.bool, device=loss.device)
    answered[batch.groups[places.any(1)]] = True
    return loss[answered].mean() if answered.any() else loss.new_zeros(())


def taught_loss(
    ours: Sequence[torch.Tensor], theirs: Sequence[torch.Tensor], batch: Batch, *, shared: float
) -> torch.Tensor:
    """How far the reader's start and end logits are from a teacher's, all ``(windows, length)``.

    The divergence (Kullback & Leibler) of the softened distributions over the places of a window,
    and ``shared`` times that over the places of all windows of a question; after Hinton, Vinyals &
    Dean, "Distilling the knowledge in a neural network", 2015. A scalar.
    """
    import torch

    total = ours[0].new_zeros((), dtype=torch.float32)
    for pair in zip(ours, theirs, strict=True):
        mine, wanted = (
            logits.float().masked_fill(~batch.allowed, _NEVER) / _SOFTNESS for logits in pair
        )
        surprise = _divergence(mine.log_softmax(1), wanted.log_softmax(1))
        total = total + surprise / len(mine)
        if shared:
            mine, wanted = (
                scores[:, 1:] - _over_questions(scores[:, 1:], batch)[batch.groups, None]
                for scores in (mine, wanted)
            )
            questions = int(batch.groups.max()) + 1
            total = total + shared * _divergence(mine, wanted) / questions
    return total / 2 * _SOFTNESS**2


def _divergence(mine: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Of log probabilities, summed over everything."""
    return (wanted.exp() * (wanted - mine)).sum()


def _over_questions(scores: torch.Tensor, batch: Batch) -> torch.Tensor:
    """The log of the summed exponentials over all windows of each question; ``(questions,)``."""
    import torch

    of_windows = scores.logsumexp(1)
    table = of_windows.new_full((int(batch.groups.max()) + 1, len(of_windows)), _NEVER)
    table[batch.groups, torch.arange(len(of_windows), device=table.device)] = of_windows
    return table.logsumexp(1)
