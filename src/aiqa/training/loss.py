"""What is minimised: how surprised the reader is at where the answers start and end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from aiqa.training.batches import Batch

_NEVER = -1e4
"""For where no span may start; finite, so that a row of nothing else has a gradient."""


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

    questions = int(batch.groups.max()) + 1
    scores, places = scores[:, 1:], places[:, 1:]

    def log_sum(of_windows: torch.Tensor) -> torch.Tensor:
        table = of_windows.new_full((questions, len(of_windows)), _NEVER)
        table[batch.groups, torch.arange(len(of_windows))] = of_windows
        return table.logsumexp(1)

    loss = log_sum(scores.logsumexp(1)) - log_sum(scores.masked_fill(~places, _NEVER).logsumexp(1))
    answered = torch.zeros(questions, dtype=torch.bool)
    answered[batch.groups[places.any(1)]] = True
    return loss[answered].mean() if answered.any() else loss.new_zeros(())
