"""How many of a question's words a passage has."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from aiqa.text.analysis import terms
from aiqa.types import ScoredChunk


def coverage(question: str, chunks: Sequence[ScoredChunk]) -> list[float]:
    """For each chunk the share of the question's content words that it or its headings have.

    Words that are rare among these chunks count for more.
    """
    return shares(question, [f"{hit.chunk.context}\n{hit.chunk.text}" for hit in chunks])


def shares(question: str, texts: Sequence[str]) -> list[float]:
    """The same for texts; words count for more if they are rare among these."""
    wanted = set(terms(question))
    held = [wanted & set(terms(text)) for text in texts]
    frequency = Counter(term for words in held for term in words)
    idf = {term: math.log(1 + len(texts) / (1 + frequency[term])) for term in wanted}
    # Sets have another order in every process; fsum's last digit does not hang on it.
    total = math.fsum(idf.values())
    return [math.fsum(idf[term] for term in words) / total if total else 0.0 for words in held]
