"""The sentences that answers stand in, which a reader learns to mark."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from aiqa.text.sentences import sentences
from aiqa.training.data.examples import Example, Passage
from aiqa.types import Span


def with_evidence(example: Example) -> Example:
    """Return ``example`` with the evidence of each of its passages."""
    return replace(example, passages=tuple(map(_marked, example.passages)))


def _marked(passage: Passage) -> Passage:
    if not passage.answers:
        return passage
    held = [s for s in sentences_of(passage.text) if any(s.overlaps(a) for a in passage.answers)]
    return replace(passage, evidence=tuple(held))


@lru_cache(50_000)
def sentences_of(text: str) -> tuple[Span, ...]:
    """Return the sentences of ``text``, remembered."""
    return tuple(sentences(text))
