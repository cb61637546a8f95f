"""Passages put together of single sentences, as the second pass of the reader is given them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from aiqa.reader.features import shares
from aiqa.training.data.evidence import sentences_of
from aiqa.training.data.examples import Example, Passage
from aiqa.types import Span

_SENTENCES = 8
_UNANSWERED = 0.15
"""The share of them without the sentence that answers."""


def assembled(example: Example, others: Sequence[str], chance: random.Random) -> Example | None:
    """Return ``example`` with one passage of single sentences, the answer's among them.

    The rest are those of ``others`` and of its own passage that share most of the question's
    words. None where no sentence holds an answer whole.
    """
    passage = example.passages[0]
    answering = [s for s in sentences_of(passage.text) if any(s.holds(a) for a in passage.answers)]
    if not answering:
        return None
    sentence = chance.choice(answering)
    texts = dict.fromkeys(
        text[s.start : s.end] for text in (passage.text, *others) for s in sentences_of(text)
    )
    rest = [text for text in texts if not example.may_be_answered_by(text)]
    overlap = shares(example.question, rest)
    best = sorted(range(len(rest)), key=lambda i: (-overlap[i], i))[: _SENTENCES - 1]
    parts = [rest[i] for i in best]
    chance.shuffle(parts)
    if parts and chance.random() < _UNANSWERED:
        return replace(example, passages=(Passage(" ".join(parts)),))
    inside = tuple(
        Span(a.start - sentence.start, a.end - sentence.start)
        for a in passage.answers
        if sentence.holds(a)
    )
    length = sentence.end - sentence.start
    text = passage.text[sentence.start : sentence.end]
    chosen = Passage(text, inside, (Span(0, length),), is_answering=True)
    return replace(example, passages=(chosen.among(parts, chance.randint(0, len(parts))),))
