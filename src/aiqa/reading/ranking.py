"""Which candidate is best: logits of two looks, retrieval and the sentence's own words, weighed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from aiqa.reading.candidates import Candidate
from aiqa.reading.support import Support

Values = NDArray[np.float64]


_MOST = 20
"""Candidates that may be the answer: further down there are only the leavings of passages."""

_AGAIN = 0.5
"""What the second look counts for beside the first where words are chosen."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """What counts for a candidate: its logits, what retrieval thought of its chunk, its support.

    First the words are chosen, then the place. Of candidates that overlap, those words are best
    whose logits of both looks are highest less ``length`` times the logarithm of the characters: a
    span model takes more words along than it should. Of those that are left, ``score`` weighs the
    logits, ``beats_null`` what they are above "no answer" in their window, ``dense`` the cosine,
    ``lexical`` BM25 as a share of the best, ``fused`` the fused score, ``again`` the logits of the
    second look and ``again_beats_null`` what those lack to be above "no answer". The others weigh
    what ``Support.of`` tells, but for the last, which is the same for all candidates.
    """

    length: float = 0.0
    score: float = 1.0
    beats_null: float = 0.0
    dense: float = 0.0
    lexical: float = 0.0
    fused: float = 0.0
    again: float = 0.0
    again_beats_null: float = 0.0
    coverage: float = 0.0
    sentence: float = 0.0
    pairs: float = 0.0
    unmatched: float = 0.0
    denial: float = 0.0

    def apart(self, found: Sequence[Candidate]) -> list[Candidate]:
        """Those that overlap none of better words, up to 20, best words first."""
        kept: list[Candidate] = []
        for candidate in sorted(found, key=lambda c: (-worth(c, self.length), *c.position)):
            document, span = candidate.hit.chunk.document_id, candidate.span
            if not any(
                other.hit.chunk.document_id == document and other.span.overlaps(span)
                for other in kept
            ):
                kept.append(candidate)
            if len(kept) == _MOST:
                break
        return kept

    def scores(self, rows: Values) -> Values:
        """One score for each row of ``features``, higher is better; shape ``(len(rows),)``."""
        return np.asarray(rows @ np.array(list(asdict(self).values())[1:]))


def worth(candidate: Candidate, length: float) -> float:
    """How good its words are beside others that share some of them."""
    size = math.log1p(candidate.span.end - candidate.span.start)
    return candidate.score + _AGAIN * candidate.again - length * size


def features(found: Sequence[Candidate], support: Support) -> Values:
    """What ``Ranking`` weighs, in its order from ``score`` on, shape ``(len(found), 12)``."""
    return np.array(
        [
            (
                c.score,
                c.score - c.null,
                c.hit.dense,
                (c.hit.lexical or 0.0) / support.best_lexical,
                c.hit.score,
                c.again,
                min(c.again - c.again_null, 0.0),
                *support.of(c.hit.chunk, c.span)[:-1],
            )
            for c in found
        ]
    ).reshape(-1, 12)
