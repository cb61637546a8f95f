"""Losses worked by hand.

Two windows of one question, "a b", which answers with "a", and "c d", which does not. In each "no
answer" and two words may be chosen.
"""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from aiqa.reader.windows import Windows
from aiqa.training.batching import Batch, labelled_questions, tensors
from aiqa.training.data.evidence import with_evidence
from aiqa.training.data.examples import Example, Passage
from aiqa.training.labels import UNKNOWN
from aiqa.training.losses import (
    answering_loss,
    distillation_loss,
    evidence_loss,
    polarity_loss,
    ranking_loss,
    reader_loss,
    span_loss,
)
from aiqa.training.model import Outputs
from aiqa.types import Span


@pytest.fixture
def batch(windows: Windows) -> Batch:
    passages = (Passage("a b", (Span(0, 1),)), Passage("c d"))
    made = tensors(labelled_questions([with_evidence(Example("q", "Which?", passages))], windows))
    assert made.allowed.sum(1).tolist() == [3, 3]
    return made


@pytest.fixture
def zeros(batch: Batch) -> Outputs:
    by_token = torch.zeros(batch.ids.shape)
    return Outputs(by_token, by_token, by_token, torch.zeros(2), torch.zeros(2, 3))


def test_spans_are_weighed_in_their_window_and_over_all_of_a_question(
    batch: Batch, zeros: Outputs
) -> None:
    # One of three places in each window, and one of four words over both.
    expected = math.log(3) + math.log(4)
    assert float(span_loss(zeros.starts, zeros.ends, batch)) == pytest.approx(expected)
    # Three to one for the right start halves what is left there: 5 in its window, 6 over both.
    starts = zeros.starts.clone()
    starts[0, -3] = math.log(3)
    better = (math.log(5 / 3) + math.log(3)) / 2 + math.log(6 / 3)
    found = float(span_loss(starts, zeros.ends, batch))
    assert found == pytest.approx((better + expected) / 2)


def test_what_may_not_be_chosen_counts_for_nothing(batch: Batch, zeros: Outputs) -> None:
    loud = zeros.starts.masked_fill(~batch.allowed, 9.0)
    assert torch.equal(span_loss(loud, loud, batch), span_loss(zeros.starts, zeros.ends, batch))
    assert torch.equal(evidence_loss(loud, batch), evidence_loss(zeros.evidence, batch))


def test_all_places_of_answers_count_together(windows: Windows) -> None:
    passage = Passage("a b", (Span(0, 1), Span(2, 3)))
    made = tensors(labelled_questions([Example("q", "Which?", (passage,))], windows))
    logits = torch.zeros(made.ids.shape)
    # Two of three places, and both words.
    assert float(span_loss(logits, logits, made)) == pytest.approx(math.log(3 / 2))


def test_evidence_is_each_word_of_the_sentence(batch: Batch, zeros: Outputs) -> None:
    assert batch.evidence[0].sum() == 2
    found = evidence_loss(torch.full_like(zeros.evidence, 2.0), batch)
    expected = (2 * math.log(1 + math.exp(-2)) + 2 * math.log(1 + math.exp(2))) / 4
    assert float(found) == pytest.approx(expected)
    unmarked = replace(batch, marked=torch.tensor([False, False]))
    assert float(evidence_loss(zeros.evidence, unmarked)) == 0


def test_windows_are_told_apart_by_themselves_and_from_each_other(batch: Batch) -> None:
    one = answering_loss(torch.tensor([1.0, 1.0]), batch)
    assert float(one) == pytest.approx((math.log(1 + math.exp(-1)) + math.log(1 + math.e)) / 2)
    ranked = ranking_loss(torch.tensor([1.0, -1.0]), batch)
    assert float(ranked) == pytest.approx(math.log(1 + math.exp(-2)))
    nothing = replace(batch, answering=torch.zeros(2))
    assert float(ranking_loss(torch.tensor([1.0, -1.0]), nothing)) == 0


def test_polarity_counts_where_it_is_known(batch: Batch) -> None:
    logits = torch.tensor([[0.0, 0.0, math.log(2)], [0.0, 0.0, 0.0]])
    assert float(polarity_loss(logits, batch)) == pytest.approx((math.log(2) + math.log(3)) / 2)
    half = replace(batch, polarity=torch.tensor([2, UNKNOWN]))
    assert float(polarity_loss(logits, half)) == pytest.approx(math.log(2))
    none = replace(batch, polarity=torch.tensor([UNKNOWN, UNKNOWN]))
    assert float(polarity_loss(logits, none)) == 0


def test_the_whole_is_the_weighted_sum(batch: Batch, zeros: Outputs) -> None:
    log = math.log
    expected = log(12) + log(2) + 0.5 * log(2) + 0.5 * log(2) + 0.5 * log(3)
    assert float(reader_loss(zeros, batch)) == pytest.approx(expected)


def test_the_distance_to_a_teacher(batch: Batch, zeros: Outputs) -> None:
    # To itself: nothing for spans and ranking, the entropy of the other heads.
    log = math.log
    same = log(2) + 0.5 * log(2) + 0.5 * log(3)
    assert float(distillation_loss(zeros, zeros, batch)) == pytest.approx(same)
    # Softened by 2, the second word of the first window has odds of 2 to 1 to 1 there, and over
    # both windows of 2 to 1 to 1 to 1.
    starts = zeros.starts.clone()
    starts[0, -2] = 2 * log(2)
    found = distillation_loss(zeros, zeros._replace(starts=starts), batch)
    by_window = 0.5 * log(0.5 * 3) + 2 * 0.25 * log(0.25 * 3)
    by_question = 0.4 * log(0.4 * 4) + 3 * 0.2 * log(0.2 * 4)
    spans = (by_window / 2 + by_question) / 2 * 2**2
    assert float(found) == pytest.approx(same + spans)
    # A teacher that puts the first window at 3 to 1.
    surer = zeros._replace(answering=torch.tensor([log(3), 0.0]))
    ranking = 0.75 * log(0.75 * 2) + 0.25 * log(0.25 * 2)
    assert float(distillation_loss(zeros, surer, batch)) == pytest.approx(same + 0.5 * ranking)
    teacher = zeros._replace(polarity=torch.tensor([[0.0, 0.0, 50.0]] * 2))
    assert float(distillation_loss(teacher, teacher, batch)) == pytest.approx(1.5 * log(2))


def test_extreme_logits_leave_gradients_finite(batch: Batch) -> None:
    logits = torch.full(batch.ids.shape, -80.0, requires_grad=True)
    with torch.no_grad():
        logits[0, 0] = 80
    out = Outputs(logits, logits, logits, logits[:, 0], torch.zeros(2, 3))
    reader_loss(out, batch).backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert logits.grad.isfinite().all()
