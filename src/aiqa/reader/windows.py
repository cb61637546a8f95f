"""Windows: a question with part of a passage as word pieces, aligned with its characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from aiqa.types import Span

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_MOST_QUESTION = 64
"""Most word pieces of a question; few questions have half as many."""

_MOST_HEADING = 24
"""Most word pieces of the headings; the last are used, of the nearest heading."""

_REMEMBERED = 20_000

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Window:
    """A question with part of a passage, as word pieces.

    ``ids`` has all word pieces, including special ones. Those from ``first`` to the last but one
    are the passage's; ``places``, shape ``(n, 2)``, has the start and end of each in the passage.
    ``opens`` and ``closes`` tell whether the window has the passage's first and last word piece.
    """

    ids: tuple[int, ...]
    first: int
    places: NDArray[np.int32]
    opens: bool
    closes: bool

    def span(self, start: int, end: int, passage: str) -> Span:
        """Return the characters of word pieces ``start`` to ``end`` (inclusive indices of ``ids``).

        A combining mark belongs to the letter before it, even if the word piece excludes it.
        """
        last = int(self.places[end - self.first, 1])
        while last < len(passage) and unicodedata.combining(passage[last]):
            last += 1
        return Span(int(self.places[start - self.first, 0]), last)

    def pieces(self, span: Span) -> tuple[int, int] | None:
        """Return the first and last index in ``ids`` of the word pieces that overlap ``span``.

        None if the window does not have all of them.
        """
        starts, ends = self.places[:, 0], self.places[:, 1]
        inside = np.flatnonzero((starts < span.end) & (ends > span.start))
        if not len(inside):
            return None
        # Characters of the window without a word piece are blanks or combining marks.
        is_cut_left = inside[0] == 0 and starts[0] > span.start and not self.opens
        is_cut_right = inside[-1] == len(ends) - 1 and ends[-1] < span.end and not self.closes
        if is_cut_left or is_cut_right:
            return None
        return int(inside[0]) + self.first, int(inside[-1]) + self.first


class Windows:
    """Cuts windows of up to ``length`` word pieces, which overlap by ``overlap`` of the passage's.

    The overlap is at most half of the room for the passage.

    For models with the input format [CLS] question [SEP] passage [SEP] (Devlin et al.,
    "BERT", 2019), or, with a heading, as [CLS] question [SEP] heading [SEP] passage [SEP].
    """

    def __init__(self, tokenizer: Tokenizer, length: int = 384, overlap: int = 128) -> None:
        self._tokenizer = tokenizer
        self._length = length
        self._overlap = overlap
        self._cls, self._sep = tokenizer.encode("").ids
        self._pieces = lru_cache(_REMEMBERED)(self._encode)

    def _encode(self, text: str) -> tuple[tuple[int, ...], NDArray[np.int32]]:
        encoded = self._tokenizer.encode(text, add_special_tokens=False)
        return tuple(encoded.ids), np.array(encoded.offsets, np.int32).reshape(-1, 2)

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Return the number of word pieces of each text, without special ones."""
        encoded = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [len(item.ids) for item in encoded]

    def sizes(self, question: int, passage: int) -> list[int]:
        """Return upper bounds of the lengths of the windows of a passage, in word pieces.

        Several windows all count as the longest that is possible.
        """
        whole = min(question, _MOST_QUESTION) + passage + 3
        if whole <= self._length:
            return [whole]
        room = self._length - min(question, _MOST_QUESTION) - 3
        return [self._length] * (1 + -(-(passage - room) // self._step(room)))

    def _step(self, room: int) -> int:
        """Return the stride from one window to the next."""
        return room - min(self._overlap, room // 2)

    def cut(self, question: str, passage: str, heading: str = "") -> list[Window]:
        """Return the windows of ``passage`` in order; empty if it has no word pieces."""
        question_ids = self._pieces(question)[0][:_MOST_QUESTION]
        ids, places = self._pieces(passage)
        head = (self._cls, *question_ids, self._sep)
        if heading:
            head += (*self._pieces(heading)[0][-_MOST_HEADING:], self._sep)
        room = self._length - len(head) - 1
        windows = []
        for start in range(0, max(len(ids), 1), self._step(room)):
            end = min(start + room, len(ids))
            if start < end:
                part = (*head, *ids[start:end], self._sep)
                windows.append(
                    Window(part, len(head), places[start:end], start == 0, end == len(ids))
                )
            if end == len(ids):
                break
        return windows


def padded(windows: Sequence[Window]) -> tuple[Ids, Ids, Ids]:
    """Return ids, attention mask and segments, each of shape ``(windows, longest)``."""
    longest = max(len(window.ids) for window in windows)
    ids, mask, segments = (np.zeros((len(windows), longest), np.int64) for _ in range(3))
    for row, window in enumerate(windows):
        ids[row, : len(window.ids)] = window.ids
        mask[row, : len(window.ids)] = 1
        segments[row, window.first : len(window.ids)] = 1
    return ids, mask, segments
