"""The reader's seat: question and chunks to scored spans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from aiqa.types import ScoredChunk, ScoredSpan


class Reader(Protocol):
    """Proposes answers to a question in the chunks that retrieval found."""

    def read(self, question: str, chunks: Sequence[ScoredChunk]) -> list[ScoredSpan]:
        """Spans that may answer ``question``, best first, none overlapping another.

        A span lies within its chunk. Its score is on one scale for all chunks and questions, so
        that a ``Calibration`` can turn it into a probability; equal scores are ordered by source
        and position.
        """
