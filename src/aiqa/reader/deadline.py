"""A deadline for an answer: as much is read as there is time for, and what was not is noted."""

from __future__ import annotations

import time
from collections.abc import Sequence

from aiqa.reader.qa_models import SpanModel
from aiqa.reader.span_decoder import ReadWindow, read_windows
from aiqa.types import ScoredChunk

_AT_ONCE = 4
"""Chunks after which the time is looked at; so many are always read."""

_FIRST_SHARE = 0.5
"""Share of the time that is left in which the first model reads; the rest is for the second."""

_SECOND_COST = 7
"""Time of the second model for a chunk over that of the first, by
``python -m eval.benchmarks.reader_speed``."""

_CHECK_COST = 2
"""Time for the sentences that are read alone, in chunks of the model that reads them."""

_RESERVE = 0.02
"""Seconds for ranking and citing once everything is read."""


class Deadline:
    """The time by which an answer is wanted, and what is not read to keep it.

    ``unread`` counts chunks that no model read, ``unread_again`` those that the second model was
    to read again and did not. How much is read depends on the clock, so two runs may differ.
    """

    def __init__(self, start: float, milliseconds: float) -> None:
        """Count ``milliseconds`` from ``start``, a time of ``time.perf_counter``."""
        self._end = start + milliseconds / 1000 - _RESERVE
        self._chunk_seconds = 0.0
        self.unread = 0
        self.unread_again = 0
        self.first_only = False
        """Whether the second model, if there is one, read nothing."""

    def read(
        self, model: SpanModel, question: str, chunks: Sequence[ScoredChunk]
    ) -> tuple[Sequence[ScoredChunk], list[ReadWindow]]:
        """Return as many of ``chunks`` as the first model reads in time, and their windows."""
        begun = time.perf_counter()
        end = begun + _FIRST_SHARE * (self._end - begun)
        read: list[ReadWindow] = []
        count = 0
        while count < len(chunks):
            now = time.perf_counter()
            if count and now + _AT_ONCE * (now - begun) / count > end:
                break
            part = chunks[count : count + _AT_ONCE]
            read += read_windows(model, question, part, headings=False)
            count += len(part)
        self._chunk_seconds = (time.perf_counter() - begun) / max(count, 1)
        self.unread = len(chunks) - count
        return chunks[:count], read

    def affordable(self, chunks: Sequence[ScoredChunk]) -> Sequence[ScoredChunk]:
        """Return as many of ``chunks`` as the second model can read in time."""
        left = self._end - time.perf_counter()
        count = max(0, int(left / (_SECOND_COST * self._chunk_seconds)) - _CHECK_COST)
        self.unread_again = max(0, len(chunks) - count)
        self.first_only = count == 0
        return chunks[:count]

    def notes(self) -> dict[str, int]:
        """Return the counts of what was not read, by name and without zeros: ``Answer.unread``."""
        counts = {"unread passages": self.unread, "passages not read again": self.unread_again}
        return {name: count for name, count in counts.items() if count}
