"""How like a question the sentences of its candidates are, by the embedder."""

from __future__ import annotations

from collections.abc import Sequence

from aiqa.embedders import Embedder
from aiqa.reader.features import Support
from aiqa.reader.span_decoder import Candidate


def likeness(
    question: str,
    found: Sequence[Candidate],
    kept: Sequence[Candidate],
    support: Support,
    embedder: Embedder,
) -> list[float]:
    """For each of ``found`` the cosine of its sentence with the question.

    A passage is about many things and its vector is their mean; the sentence is about the answer.
    Only the sentences of ``kept`` are embedded: a candidate from another has its chunk's cosine.
    """
    sentences = [support.sentence(c.hit.chunk, c.span) for c in found]
    texts = list(dict.fromkeys(support.sentence(c.hit.chunk, c.span) for c in kept))
    vectors = embedder.encode([question, *texts])
    near = dict(zip(texts, map(float, vectors[1:] @ vectors[0]), strict=True))
    return [near.get(text, c.hit.dense) for text, c in zip(sentences, found, strict=True)]
