"""Which candidate is best: logits of two looks, retrieval and the sentence itself, weighed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from aiqa.reader.features import Support
from aiqa.reader.span_decoder import Candidate

Values = NDArray[np.float64]

_MOST = 10
"""Candidates that may be the answer: further down there are only the leavings of chunks."""

_AGAIN, _LENGTH = 0.5, 0.5
"""What counts where words are chosen, beside the logits of the first look: those of the second, and
against the words the logarithm of their characters, as a span model takes more words along than it
should. With more against them answers of SQuAD are more often exact, but long ones are cut."""


@dataclass(frozen=True, slots=True)
class SpanRanker:
    """What counts for a candidate: its logits, what retrieval thought of its chunk, its sentence.

    ``score`` weighs the logits, ``beats_null`` what they are above "no answer" in their window,
    ``dense`` the cosine, ``lexical`` BM25 as a share of the best, ``again`` the logits of the
    second look and ``again_beats_null`` what those lack to be above "no answer"; ``coverage``,
    ``sentence`` and ``pairs`` the first three things that ``Support.of`` tells; ``likeness`` the
    cosine of the sentence.
    """

    score: float = 1.0
    beats_null: float = 0.0
    dense: float = 0.0
    lexical: float = 0.0
    again: float = 0.0
    again_beats_null: float = 0.0
    coverage: float = 0.0
    sentence: float = 0.0
    pairs: float = 0.0
    likeness: float = 0.0

    def scores(self, rows: Values) -> Values:
        """One score for each row of ``span_features``, higher is better; shape ``(len(rows),)``."""
        return np.asarray(rows @ np.array(list(asdict(self).values())))


def apart(found: Sequence[Candidate]) -> list[Candidate]:
    """Those that overlap none of better words, up to 10, best words first.

    First the words are chosen, then the place: a ranking of all would learn what words are worth.
    """
    kept: list[Candidate] = []
    for candidate in sorted(found, key=lambda c: (-_worth(c), *c.position)):
        document, span = candidate.hit.chunk.document_id, candidate.span
        if not any(
            other.hit.chunk.document_id == document and other.span.overlaps(span) for other in kept
        ):
            kept.append(candidate)
        if len(kept) == _MOST:
            break
    return kept


def span_features(
    found: Sequence[Candidate], support: Support, likeness: Sequence[float]
) -> Values:
    """What ``SpanRanker`` weighs, in its order, shape ``(len(found), 10)``."""
    return np.array(
        [
            (
                c.score,
                c.score - c.null,
                c.hit.dense,
                (c.hit.lexical or 0.0) / support.best_lexical,
                c.again,
                min(c.again - c.again_null, 0.0),
                *support.of(c.hit.chunk, c.span)[:3],
                like,
            )
            for c, like in zip(found, likeness, strict=True)
        ]
    ).reshape(-1, 10)


def _worth(candidate: Candidate) -> float:
    """How good its words are beside others that share some of them."""
    size = math.log1p(candidate.span.end - candidate.span.start)
    return candidate.score + _AGAIN * candidate.again - _LENGTH * size
