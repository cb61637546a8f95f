"""Passages that search finds for a question and that do not answer it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aiqa.training.data.examples import Example, contexts

_BLOCK = 512
"""Questions compared with all passages at once."""


def hard_negatives(
    examples: Sequence[Example],
    questions: NDArray[np.float32],
    passages: NDArray[np.float32],
    depth: int,
) -> dict[str, list[str]]:
    """Return, by example id, up to ``depth`` passages that look like an answer and hold none.

    ``questions`` and ``passages`` are the unit vectors of the examples' questions and of
    ``contexts(examples)``, shape ``(n, size)``. Half of what is returned is nearest by vectors,
    half by TF-IDF, as aiqa's search has both. Passages that hold an answer's words are left out:
    they may well answer.
    """
    texts = contexts(examples)
    sparse_questions, sparse_passages = _lexical(examples, texts)
    found: dict[str, list[str]] = {}
    for start in range(0, len(examples), _BLOCK):
        part = slice(start, min(start + _BLOCK, len(examples)))
        dense = questions[part] @ passages.T
        sparse = (sparse_questions[part] @ sparse_passages.T).toarray()
        for row, example in enumerate(examples[part]):
            own = {p.text for p in example.passages}
            order = [
                int(index)
                for pair in zip(_best(dense[row]), _best(sparse[row]), strict=True)
                for index in pair
            ]
            picked = [
                texts[index]
                for index in dict.fromkeys(order)
                if texts[index] not in own and not example.may_be_answered_by(texts[index])
            ]
            found[example.id] = picked[:depth]
    return found


def _best(scores: NDArray[np.float32], depth: int = 12) -> NDArray[np.int64]:
    depth = min(depth, len(scores))
    best = np.argpartition(-scores, depth - 1)[:depth]
    return best[np.lexsort((best, -scores[best]))].astype(np.int64)


def _lexical(examples: Sequence[Example], texts: Sequence[str]) -> tuple[Any, Any]:
    """The TF-IDF vectors of the questions and of ``texts``, as sparse matrices."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(sublinear_tf=True, stop_words="english", dtype=np.float32)
    held = vectorizer.fit_transform(texts)
    return vectorizer.transform([e.question for e in examples]), held
