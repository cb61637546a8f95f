"""The protocol of readers: question and chunks to the spans that answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from aiqa.types import Reading, ScoredChunk


class Reader(Protocol):
    """Proposes answers to a question in the chunks that retrieval found."""

    @property
    def identity(self) -> str:
        """Names the reader and its weights: a calibration holds for one identity."""

    def read(self, question: str, chunks: Sequence[ScoredChunk]) -> Reading:
        """The spans that answer ``question``, and others that may.

        A span lies within its chunk. Its ``evidence`` is such that one ``Calibration`` turns it
        into a probability for all chunks and questions; equal scores are ordered by source and
        position.
        """
