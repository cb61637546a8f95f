"""The BM25 scores of a question, the same as those of the index of one machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

_K1, _B = np.float32(1.2), np.float32(0.75)

_EXACT_LENGTHS = 40
_STEPS = 8
"""Lengths are kept as tantivy keeps them: exactly up to 40, then in 8 steps up to each double."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class KnownWord:
    """A word that some chunk has, with its inverse frequency in text and in context."""

    word: str
    rarities: tuple[float, float]


@dataclass(frozen=True, slots=True)
class SimilarWords:
    """The ``words`` that a misspelling stands for; a chunk with one of them gets ``score``."""

    words: tuple[str, ...]
    score: float


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """The words of a question, and the mean lengths of text and context in words."""

    known: tuple[KnownWord, ...]
    similar: tuple[SimilarWords, ...]
    lengths: tuple[float, float]

    @property
    def has_words(self) -> bool:
        """Whether any chunk can match."""
        return bool(self.known or self.similar)

    def scores(self, text: Any, context: Any) -> Floats:
        """Return the scores of chunks, shape ``(n,)``, by their columns of words.

        A word counts where it scores best.
        """
        total = np.zeros(len(text), dtype=np.float32)
        both = [_counts(column, self._words()) for column in (text, context)]
        fields = [
            found / (found + _norm(lengths, np.float32(mean)))
            for (found, lengths), mean in zip(both, self.lengths, strict=True)
        ]
        for at, known in enumerate(self.known):
            weights = np.array(known.rarities, dtype=np.float32) * (1 + _K1)
            total += np.maximum(*(w * one[:, at] for w, one in zip(weights, fields, strict=True)))
        begin = len(self.known)
        for group in self.similar:
            end = begin + len(group.words)
            has = (both[0][0][:, begin:end] + both[1][0][:, begin:end]).any(axis=1)
            total += np.where(has, np.float32(group.score), np.float32(0))
            begin = end
        return total

    def _words(self) -> list[str]:
        return [known.word for known in self.known] + [
            word for group in self.similar for word in group.words
        ]


def known_rarity(chunks: int, found: int) -> float:
    """Return the inverse frequency of a word that ``found`` of all ``chunks`` have.

    It is rounded as tantivy rounds it, which shows where nearly all chunks have the word.
    """
    ratio = (np.float32(chunks - found) + np.float32(0.5)) / (np.float32(found) + np.float32(0.5))
    return float(np.log(np.float32(1) + ratio))


def _counts(column: Any, words: Sequence[str]) -> tuple[Floats, NDArray[np.int64]]:
    """Return how often each row has each of ``words``, ``(n, words)``, and its words, ``(n,)``."""
    import pyarrow as pa
    import pyarrow.compute as pc

    split = pc.split_pattern(_whole(column), " ")
    lengths = pc.list_value_length(split).to_numpy(zero_copy_only=False).astype(np.int64)
    flat = split.flatten()
    at = pc.index_in(flat, value_set=pa.array(dict.fromkeys(words), pa.string()))
    kept = pc.is_valid(at).to_numpy(zero_copy_only=False)
    rows = np.repeat(np.arange(len(lengths)), lengths)[kept]
    numbers = at.drop_null().to_numpy(zero_copy_only=False)
    distinct = {word: number for number, word in enumerate(dict.fromkeys(words))}
    cells = np.bincount(
        rows * len(distinct) + numbers, minlength=len(lengths) * len(distinct)
    ).reshape(len(lengths), len(distinct))
    # A blank text splits into one empty word.
    blank = pc.equal(_whole(column), "").to_numpy(zero_copy_only=False)
    lengths[blank] = 0
    return cells[:, [distinct[word] for word in words]].astype(np.float32), lengths


def _whole(column: Any) -> Any:
    import pyarrow as pa

    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _norm(lengths: NDArray[np.int64], mean: np.float32) -> Floats:
    """Return what BM25 adds to the count of a word, shape ``(n, 1)``."""
    kept = _kept_lengths()
    rounded = kept[np.searchsorted(kept, lengths, side="right") - 1].astype(np.float32)
    norm: Floats = _K1 * (1 - _B + _B * rounded / (mean or np.float32(1)))
    return norm[:, np.newaxis]


@cache
def _kept_lengths() -> NDArray[np.int64]:
    """Return the lengths that tantivy tells apart, in order."""
    doubles = _EXACT_LENGTHS - 2 * _STEPS
    numbers = np.arange(2**8 - doubles, dtype=np.int64)
    shift = np.maximum(numbers // _STEPS - 1, 0)
    mantissa = np.where(numbers < _STEPS, numbers, numbers % _STEPS + _STEPS)
    return np.concatenate([np.arange(doubles), doubles + (mantissa << shift)])
