"""The protocol of extractive readers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from aiqa.types import Reading, ScoredChunk


class Reader(Protocol):
    """Proposes answer spans in retrieved chunks."""

    @property
    def identity(self) -> str:
        """Name and weights of the reader; a calibration is valid for one identity."""

    def read(self, question: str, chunks: Sequence[ScoredChunk]) -> Reading:
        """Return the spans that answer ``question``, and the other candidates.

        A span lies within its chunk. Its ``evidence`` is comparable across chunks and questions, so
        that one ``Calibration`` maps it to a probability. Ties are ordered by source and position.
        """

    def rerank(self, question: str, chunks: Sequence[ScoredChunk]) -> list[ScoredChunk]:
        """Return ``chunks`` in the order in which they are likely to answer, the likeliest first.

        Each has its ``relevance``, unless the reader keeps the order of the search.
        """
