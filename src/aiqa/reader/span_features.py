"""The features of chunks and candidate spans that the reader's linear models weight."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from aiqa.reader.features import Support, consensus
from aiqa.reader.first_reading import FirstReading
from aiqa.reader.linear_model import FeatureTable, Values
from aiqa.reader.sentence_check import SentenceCheck
from aiqa.reader.span_decoder import Candidate
from aiqa.text.analysis import folded
from aiqa.types import Chunk, ScoredChunk

_FAR = 10.0
"""The margin of a span without a rival."""


def chunk_features(
    chunks: Sequence[ScoredChunk], first: FirstReading, support: Support
) -> FeatureTable:
    """Return a row of features for each chunk, from the first model, the search and its words.

    ``first_answering`` and ``first_beats_null``: see ``ChunkReading``. ``dense``: the cosine with
    the question; ``lexical``: BM25 as a share of the best; ``fused``: the score of the search;
    ``coverage``: the share of the question's words that the chunk has.
    """
    read = [first.of_chunk(hit.chunk) for hit in chunks]
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
    spans: Sequence[Candidate],
    first: FirstReading,
    support: Support,
    check: SentenceCheck,
) -> FeatureTable:
    """Return a row of features for each candidate, from both models, the search and its words.

    Beside those of its chunk: ``score``, ``beats_null``, ``answering`` and ``evidence`` as in
    ``Candidate``; ``length``: the log of its characters; ``sentence`` and ``pairs``: the shares of
    the question's words and bigrams in its sentence; ``first_score``, ``first_evidence``,
    ``first_sentence_score`` and ``first_sentence_evidence``: see ``SpanReading``.
    """
    of = [support.of(c.hit.chunk, c.span) for c in spans]
    read = [first.of_span(c.hit.chunk, c.span) for c in spans]
    alone = [check.of(c.hit.chunk, c.span) for c in spans]
    chunks = chunk_features([c.hit for c in spans], first, support)
    heads = [support.match.head(c.hit.chunk, c.span) for c in spans]
    own = {
        "score": [c.score for c in spans],
        "beats_null": [c.score - c.null for c in spans],
        "answering": [c.answering for c in spans],
        "evidence": [c.evidence for c in spans],
        "length": [math.log1p(c.span.end - c.span.start) for c in spans],
        "sentence": [values[1] for values in of],
        "pairs": [values[2] for values in of],
        "first_score": [one.score for one in read],
        "first_evidence": [one.evidence for one in read],
        "first_sentence_score": [one.sentence_score for one in read],
        "first_sentence_evidence": [one.sentence_evidence for one in read],
        "alone_answering": [one.answering for one in alone],
        "alone_score": [one.score for one in alone],
        "alone_best": [one.best for one in alone],
        "alone_evidence": [one.evidence for one in alone],
        "restated": [support.match.restated(c.text) for c in spans],
        "head": [share for share, _ in heads],
        "head_lead": [lead for _, lead in heads],
        "in_range": [support.match.in_range(c.hit.chunk, c.span) for c in spans],
    }
    table = FeatureTable.of(own)
    return FeatureTable((*table.names, *chunks.names), np.hstack([table.values, chunks.values]))


CONFIDENCE = (
    "rank", "margin", "beats_null", "answering", "evidence", "consensus", "agreement",
    "first_answering", "first_beats_null", "rival_answering", "lead_answering",
    "dense", "dense_lead", "lexical", "coverage", "sentence", "pairs",
    "unmatched", "denial", "denied", "length",
    "head", "head_lead", "in_range", "explanation", "several", "polar",
    "alone_answering", "alone_score", "alone_best", "alone_evidence",
)  # fmt: skip
"""The features that confidence is fitted on; see ``confidence_features``."""

_KINDS = ("explanation", "several", "polar")


def confidence_features(
    selection: Sequence[int],
    spans: Sequence[Candidate],
    table: FeatureTable,
    scores: Values,
    support: Support,
) -> Values:
    """Return a row of ``CONFIDENCE`` for each candidate whose index is in ``selection``.

    ``rank``: the ranking score. ``margin``: its lead over the best candidate of another wording.
    ``consensus``: the log of the expected overlap of its words with the right answer,
    by the softmax of the scores; ``agreement``: the log of the number of selected candidates with
    its wording. ``rival_answering``: the highest answering logit of another chunk, and
    ``lead_answering`` the lead of the span's own; ``dense_lead``: the same for the cosine.
    ``unmatched``, ``denial`` and ``denied``: see ``Support.of``. ``explanation``, ``several`` and
    ``polar``: see ``QuestionMatch``. The others are those of ``span_features``.
    """
    words = [words_of(c) for c in spans]
    mass: dict[str, float] = defaultdict(lambda: -math.inf)
    for own, score in zip(words, scores, strict=True):
        mass[own] = float(np.logaddexp(mass[own], score))
    total = float(np.logaddexp.reduce(scores))
    best: dict[str, float] = {}
    count: dict[str, int] = defaultdict(int)
    for i in selection:
        best[words[i]] = max(best.get(words[i], -math.inf), float(scores[i]))
        count[words[i]] += 1
    agreed = consensus(best, {own: one - total for own, one in mass.items()})
    answering: dict[Chunk, float] = {}
    for c in spans:
        answering[c.hit.chunk] = max(answering.get(c.hit.chunk, -math.inf), c.answering)
    rows = []
    for i in selection:
        chunk = spans[i].hit.chunk
        rival = max((s for own, s in best.items() if own != words[i]), default=scores[i] - _FAR)
        others = [one for other, one in answering.items() if other != chunk]
        dense = [c.hit.dense for c in spans if c.hit.chunk != chunk]
        row = {name: float(table.column(name)[i]) for name in table.names}
        row |= {
            "rank": float(scores[i]),
            "margin": float(scores[i] - rival),
            "consensus": agreed[words[i]],
            "agreement": math.log(count[words[i]]),
            "rival_answering": max(others, default=-_FAR),
            "lead_answering": row["answering"] - max(others, default=row["answering"]),
            "dense_lead": row["dense"] - max(dense, default=row["dense"]),
        }
        row |= {name: getattr(support.match, name) for name in _KINDS}
        row |= dict(
            zip(
                ("unmatched", "denial", "denied"), support.of(chunk, spans[i].span)[3:], strict=True
            )
        )
        rows.append([row[name] for name in CONFIDENCE])
    return np.array(rows, np.float64).reshape(-1, len(CONFIDENCE))


def words_of(candidate: Candidate) -> str:
    """Return the candidate's words without case and line breaks."""
    return folded(candidate.text)
