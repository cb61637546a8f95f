"""Question and passage to windows of word pieces, each aligned with the passage's characters."""

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
"""Word pieces of a question that are read; few questions have half as many."""

_MOST_HEADING = 24
"""Word pieces of a heading that are read, the last ones: the nearest heading stands last."""

_REMEMBERED = 20_000

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Window:
    """A question with part of a passage, as word pieces.

    ``ids``: all word pieces, special ones included. Those from ``first`` on but the last are the
    passage's, and ``places``, shape ``(n, 2)``, holds where each starts and ends in the passage,
    whose first and last word pieces it has if it ``opens`` and ``closes`` it.
    """

    ids: tuple[int, ...]
    first: int
    places: NDArray[np.int32]
    opens: bool
    closes: bool

    def span(self, start: int, end: int, passage: str) -> Span:
        """The characters of word pieces ``start`` to ``end``, both included, counted in ``ids``.

        A combining mark belongs to the letter before it, although the word piece may leave it out.
        """
        last = int(self.places[end - self.first, 1])
        while last < len(passage) and unicodedata.combining(passage[last]):
            last += 1
        return Span(int(self.places[start - self.first, 0]), last)

    def pieces(self, span: Span) -> tuple[int, int] | None:
        """First and last, counted in ``ids``, of the word pieces that hold ``span``.

        None where the window does not hold them all.
        """
        starts, ends = self.places[:, 0], self.places[:, 1]
        inside = np.flatnonzero((starts < span.end) & (ends > span.start))
        if not len(inside):
            return None
        # Within the window, what no word piece holds is a blank or a combining mark.
        is_cut_left = inside[0] == 0 and starts[0] > span.start and not self.opens
        is_cut_right = inside[-1] == len(ends) - 1 and ends[-1] < span.end and not self.closes
        if is_cut_left or is_cut_right:
            return None
        return int(inside[0]) + self.first, int(inside[-1]) + self.first


class Windows:
    """Cuts windows of up to ``length`` word pieces that overlap by ``overlap`` of the passage's.

    Where ``length`` leaves little room for the passage, they overlap by half of it at most.

    For models that put question and passage as [CLS] question [SEP] passage [SEP] (Devlin et al.,
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
        """Return how many word pieces each text has, without special ones."""
        encoded = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [len(item.ids) for item in encoded]

    def sizes(self, question: int, passage: int) -> list[int]:
        """Return the lengths of the windows of a passage of so many word pieces, at most.

        Each is taken for as long as a window may be where there are several.
        """
        whole = min(question, _MOST_QUESTION) + passage + 3
        if whole <= self._length:
            return [whole]
        room = self._length - min(question, _MOST_QUESTION) - 3
        return [self._length] * (1 + -(-(passage - room) // self._step(room)))

    def _step(self, room: int) -> int:
        """Return how far each window starts behind the one before it."""
        return room - min(self._overlap, room // 2)

    def cut(self, question: str, passage: str, heading: str = "") -> list[Window]:
        """The windows of ``passage`` in order; none where it has no word pieces."""
        asked = self._pieces(question)[0][:_MOST_QUESTION]
        ids, places = self._pieces(passage)
        head = (self._cls, *asked, self._sep)
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
    """Ids, attention mask and segment of each word piece, all of shape ``(windows, longest)``."""
    longest = max(len(window.ids) for window in windows)
    ids, mask, segments = (np.zeros((len(windows), longest), np.int64) for _ in range(3))
    for row, window in enumerate(windows):
        ids[row, : len(window.ids)] = window.ids
        mask[row, : len(window.ids)] = 1
        segments[row, window.first : len(window.ids)] = 1
    return ids, mask, segments
