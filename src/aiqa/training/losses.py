"""What a reader minimises: span, evidence, answerability and polarity losses."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from aiqa.training.batching import Batch
    from aiqa.training.model import Outputs

_NEVER = -1e4
"""For where no span may start; finite, so that a row of nothing else has a gradient."""

_TEMPERATURE = 2.0
"""At which a reader's and its teacher's distributions are compared."""

EVIDENCE, ANSWERING, RANKING, POLARITY = 1.0, 0.5, 0.5, 0.5
"""Weights of the losses beside the span's."""


def reader_loss(out: Outputs, batch: Batch) -> torch.Tensor:
    """Return the loss of what a reader gives for ``batch``; a scalar."""
    return (
        span_loss(out.starts, out.ends, batch)
        + EVIDENCE * evidence_loss(out.evidence, batch)
        + ANSWERING * answering_loss(out.answering, batch)
        + RANKING * ranking_loss(out.answering, batch)
        + POLARITY * polarity_loss(out.polarity, batch)
    )


def span_loss(starts: torch.Tensor, ends: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Return the span negative log-likelihood of logits ``(windows, length)``; a scalar.

    Each window by itself: minus the log of the probability that all places of answers have
    together, or the first word piece where there is none; plus the same over all windows of a
    question at once, which makes scores comparable across passages (Clark & Gardner, "Simple and
    effective multi-paragraph reading comprehension", ACL 2018).
    """
    total = starts.new_zeros((), dtype=starts.dtype)
    for logits, places in ((starts, batch.starts), (ends, batch.ends)):
        scores = logits.masked_fill(~batch.allowed, _NEVER)
        by_window = scores.logsumexp(1) - scores.masked_fill(~places, _NEVER).logsumexp(1)
        total = total + by_window.mean() + _by_question(scores, places, batch)
    return total / 2


def _by_question(scores: torch.Tensor, places: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Average over questions that some window answers."""
    scores, places = scores[:, 1:], places[:, 1:]
    answered = _answered(places.any(1), batch)
    loss = _over_questions(scores.logsumexp(1), batch) - _over_questions(
        scores.masked_fill(~places, _NEVER).logsumexp(1), batch
    )
    return (loss * answered).sum() / answered.sum().clamp(min=1)


def evidence_loss(logits: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Return the mean cross entropy of each word piece being in a sentence that answers."""
    import torch

    counted = batch.allowed & batch.marked[:, None]
    counted[:, 0] = False
    loss = torch.nn.functional.binary_cross_entropy_with_logits(
        logits, batch.evidence.float(), reduction="none"
    )
    return (loss * counted).sum() / counted.sum().clamp(min=1)


def answering_loss(logits: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Return the mean cross entropy of each window answering its question."""
    import torch

    return torch.nn.functional.binary_cross_entropy_with_logits(logits, batch.answering)


def ranking_loss(logits: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Return the listwise softmax loss over the windows of a question that some of them answer."""
    positive = batch.answering > 0
    answered = _answered(positive, batch)
    loss = _over_questions(logits, batch) - _over_questions(
        logits.masked_fill(~positive, _NEVER), batch
    )
    return (loss * answered).sum() / answered.sum().clamp(min=1)


def polarity_loss(logits: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Return the cross entropy of yes, no and neither where it is known."""
    import torch

    summed = torch.nn.functional.cross_entropy(logits, batch.polarity, reduction="sum")
    return summed / (batch.polarity >= 0).sum().clamp(min=1)


def distillation_loss(ours: Outputs, theirs: Outputs, batch: Batch) -> torch.Tensor:
    """Return how far a reader is from its teacher; a scalar.

    The Kullback-Leibler divergence of the softened distributions over the places of a window, and
    over those of all windows of a question, and cross entropies of the other heads with the
    teacher's probabilities; after Hinton, Vinyals & Dean, "Distilling the knowledge in a neural
    network", 2015.
    """
    import torch

    functional = torch.nn.functional
    spans = _span_divergence(ours.starts, theirs.starts, batch)
    spans = spans + _span_divergence(ours.ends, theirs.ends, batch)
    counted = batch.allowed.clone()
    counted[:, 0] = False
    evidence = functional.binary_cross_entropy_with_logits(
        ours.evidence, theirs.evidence.sigmoid(), reduction="none"
    )
    answering = functional.binary_cross_entropy_with_logits(
        ours.answering, theirs.answering.sigmoid()
    )
    ranking = _divergence(
        _log_shares(ours.answering, batch), _log_shares(theirs.answering, batch)
    ) / _questions(batch)
    polarity = functional.cross_entropy(ours.polarity, theirs.polarity.softmax(1))
    return (
        spans / 2
        + EVIDENCE * (evidence * counted).sum() / counted.sum().clamp(min=1)
        + ANSWERING * answering
        + RANKING * ranking
        + POLARITY * polarity
    )


def _span_divergence(mine: torch.Tensor, wanted: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Softened, over the places of each window and over those of all windows of a question."""
    mine, wanted = (
        logits.masked_fill(~batch.allowed, _NEVER) / _TEMPERATURE for logits in (mine, wanted)
    )
    by_window = _divergence(mine.log_softmax(1), wanted.log_softmax(1)) / len(mine)
    mine, wanted = (
        scores - _over_questions(scores.logsumexp(1), batch)[batch.groups, None]
        for scores in (mine[:, 1:], wanted[:, 1:])
    )
    by_question = _divergence(mine, wanted) / _questions(batch)
    return (by_window + by_question) * _TEMPERATURE**2


def _log_shares(scores: torch.Tensor, batch: Batch) -> torch.Tensor:
    """The log of each window's share of its question's summed exponentials; ``(windows,)``."""
    return scores - _over_questions(scores, batch)[batch.groups]


def _questions(batch: Batch) -> torch.Tensor:
    return batch.groups.max() + 1


def _divergence(mine: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Of log probabilities, summed over everything."""
    return (wanted.exp() * (wanted - mine)).sum()


def _answered(windows: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Which questions have one of ``windows``, a mask of shape ``(windows,)``; ``(questions,)``."""
    count = windows.new_zeros(len(windows), dtype=batch.ids.dtype)
    return count.index_add(0, batch.groups, windows.to(count.dtype)) > 0


def _over_questions(scores: torch.Tensor, batch: Batch) -> torch.Tensor:
    """The log of the summed exponentials over the windows of each question.

    Both of shape ``(windows,)``: what comes after the last question is meaningless.
    """
    import torch

    top = scores.new_full((len(scores),), _NEVER).scatter_reduce(
        0, batch.groups, scores.detach(), "amax", include_self=True
    )
    shifted = (scores - top[batch.groups]).exp()
    summed = torch.zeros_like(scores).index_add(0, batch.groups, shifted)
    return summed.clamp(min=1e-20).log() + top
