"""What is known of chunks and of the spans in them: the features that the reader weighs."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from aiqa.reader.features import Support, consensus
from aiqa.reader.linear_model import FeatureTable, Values
from aiqa.reader.span_decoder import Candidate, ReadWindow
from aiqa.text.analysis import folded
from aiqa.types import Chunk, ScoredChunk

_FAR = 10.0
"""The margin of a span that has no rival."""


@dataclass(frozen=True, slots=True)
class ChunkReading:
    """A model's view of a chunk: the logit of answering, and its best span above "no answer"."""

    answering: float
    beats_null: float


_UNREAD = ChunkReading(-_FAR, -_FAR)
"""Of a chunk without word pieces, which no window holds."""


def chunk_readings(read: Sequence[ReadWindow]) -> dict[Chunk, ChunkReading]:
    """Return what the windows of each chunk say at their best."""
    found: dict[Chunk, ChunkReading] = {}
    for item in read:
        chunk, logits = item.hit.chunk, item.logits
        inside = slice(item.window.first, item.window.first + len(item.window.places))
        best = float(logits.starts[inside].max() + logits.ends[inside].max()) - logits.null
        before = found.get(chunk, ChunkReading(-math.inf, -math.inf))
        found[chunk] = ChunkReading(
            max(before.answering, logits.answering), max(before.beats_null, best)
        )
    return found


def chunk_features(
    chunks: Sequence[ScoredChunk], first: Mapping[Chunk, ChunkReading], support: Support
) -> FeatureTable:
    """Return a row for each chunk: what the first model, search and its words say of it.

    ``first_answering`` and ``first_beats_null``: see ``ChunkReading``. ``dense``: the cosine with
    the question; ``lexical``: BM25 as a share of the best; ``fused``: the score of the search;
    ``coverage``: the share of the question's words that the chunk has.
    """
    read = [first.get(hit.chunk, _UNREAD) for hit in chunks]
    return FeatureTable.of(
        {
            "first_answering": [one.answering for one in read],
            "first_beats_null": [one.beats_null for one in read],
            "dense": [hit.dense for hit in chunks],
            "lexical": [(hit.lexical or 0.0) / support.best_lexical for hit in chunks],
            "fused": [hit.score for hit in chunks],
            "coverage": [support.coverage(hit.chunk) for hit in chunks],
        }
    )


def span_features(
    found: Sequence[Candidate],
    first: Mapping[Chunk, ChunkReading],
    support: Support,
) -> FeatureTable:
    """Return a row for each candidate span: what both models, search and words say of it.

    Beside those of its chunk: ``score``, ``beats_null``, ``answering`` and ``evidence`` as in
    ``Candidate``; ``length``: the log of its characters; ``sentence`` and ``pairs``: the shares of
    the question's words, and pairs of neighbouring words, that its sentence has.
    """
    of = [support.of(c.hit.chunk, c.span) for c in found]
    chunks = chunk_features([c.hit for c in found], first, support)
    own = {
        "score": [c.score for c in found],
        "beats_null": [c.score - c.null for c in found],
        "answering": [c.answering for c in found],
        "evidence": [c.evidence for c in found],
        "length": [math.log1p(c.span.end - c.span.start) for c in found],
        "sentence": [row[1] for row in of],
        "pairs": [row[2] for row in of],
    }
    table = FeatureTable.of(own)
    return FeatureTable((*table.names, *chunks.names), np.hstack([table.values, chunks.values]))


CONFIDENCE = (
    "rank", "margin", "beats_null", "answering", "evidence", "consensus", "agreement",
    "first_answering", "first_beats_null", "rival_answering", "lead_answering",
    "dense", "dense_lead", "lexical", "coverage", "sentence", "pairs",
    "unmatched", "denial", "denied", "length",
)  # fmt: skip
"""The features that confidence is fitted on; see ``confidence_features``."""


def confidence_features(
    kept: Sequence[int],
    found: Sequence[Candidate],
    table: FeatureTable,
    scores: Values,
    support: Support,
) -> Values:
    """Return a row of ``CONFIDENCE`` for each of the ``kept`` candidates, by index.

    ``rank``: the ranking score. ``margin``: how far that is above the best of other words.
    ``consensus``: the log of the expected overlap of its words with what is right, by the
    probabilities that the ranking gives; ``agreement``: the log of the number of kept candidates
    with its words. ``rival_answering``: the highest logit of answering of another chunk, and
    ``lead_answering`` how far the span's own is above; ``dense_lead``: the same for the cosine.
    ``unmatched``, ``denial`` and ``denied``: see ``Support.of``. The others are those of
    ``span_features``.
    """
    words = [words_of(c) for c in found]
    mass: dict[str, float] = defaultdict(lambda: -math.inf)
    for own, score in zip(words, scores, strict=True):
        mass[own] = float(np.logaddexp(mass[own], score))
    total = float(np.logaddexp.reduce(scores))
    best: dict[str, float] = {}
    count: dict[str, int] = defaultdict(int)
    for i in kept:
        best[words[i]] = max(best.get(words[i], -math.inf), float(scores[i]))
        count[words[i]] += 1
    agreed = consensus(best, {own: one - total for own, one in mass.items()})
    answering: dict[Chunk, float] = {}
    for c in found:
        answering[c.hit.chunk] = max(answering.get(c.hit.chunk, -math.inf), c.answering)
    rows = []
    for i in kept:
        chunk = found[i].hit.chunk
        rival = max((s for own, s in best.items() if own != words[i]), default=scores[i] - _FAR)
        others = [one for other, one in answering.items() if other != chunk]
        dense = [c.hit.dense for c in found if c.hit.chunk != chunk]
        known = {name: float(table.column(name)[i]) for name in table.names}
        known |= {
            "rank": float(scores[i]),
            "margin": float(scores[i] - rival),
            "consensus": agreed[words[i]],
            "agreement": math.log(count[words[i]]),
            "rival_answering": max(others, default=-_FAR),
            "lead_answering": known["answering"] - max(others, default=known["answering"]),
            "dense_lead": known["dense"] - max(dense, default=known["dense"]),
        }
        known |= dict(
            zip(
                ("unmatched", "denial", "denied"), support.of(chunk, found[i].span)[3:], strict=True
            )
        )
        rows.append([known[name] for name in CONFIDENCE])
    return np.array(rows, np.float64).reshape(-1, len(CONFIDENCE))


def words_of(candidate: Candidate) -> str:
    """Return the candidate's words without case and line breaks."""
    return folded(candidate.text)
