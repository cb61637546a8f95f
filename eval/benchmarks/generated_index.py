"""Indexes of as many passages as are asked for, always the same: Zipf's words and drawn vectors.

Documents have 20 passages of about 95 words. Words follow the law of Zipf and Mandelbrot: the most
frequent are English stop words, the others are made of syllables. Vectors lie around 2,000
centres, as in ``eval.benchmarks.vectors``. A question has words of one passage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from eval.benchmarks.vectors import drawn
from numpy.typing import NDArray

from aiqa.checksums import content_id
from aiqa.embedders import Embedder, Vectors
from aiqa.index import Index, IndexRecipe, StoredFile
from aiqa.types import Chunk, Document, Span

RECIPE = IndexRecipe("drawn", 384, 160, 0)
CHUNKS = 20
"""Passages of a document."""

_AT_ONCE = 500
"""Documents of a transaction."""

_DRAWN = 4096
"""Vectors that are drawn for questions."""

_VOCABULARY = 300_000
_MANDELBROT = 2.7
_SENTENCE = 19
_STOP_WORDS = (
    "the of and to in a is that for it as was with be by on not he his are this at from but or"
)
_ONSETS = "b c d f g h j k l m n p r s t v w z br ch cl dr fl gr pl pr sh sl sp st th tr"
_NUCLEI = "a e i o u ai ea ou"
_CODAS = "l m n r s t x nd rk"


class DrawnEmbedder:
    """Embeds texts with ``model``, for its time, and returns vectors that are drawn in turn."""

    identity, dimensions, max_tokens = RECIPE.embedder, RECIPE.dimensions, 256

    def __init__(self, model: Embedder) -> None:
        self._model = model
        self._vectors = drawn(_DRAWN, seed=7)
        self._next = 0

    def encode(
        self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """Return the next vectors, which begin anew once all were given."""
        self._model.encode(texts, on_progress)
        rows = np.arange(self._next, self._next + len(texts)) % _DRAWN
        self._next += len(texts)
        return self._vectors[rows]

    def count_tokens(self, text: str) -> int:
        """Return the number of words."""
        return len(text.split())


@cache
def vocabulary() -> NDArray[np.object_]:
    """Return all words, the most frequent first."""
    onsets, nuclei, codas = _ONSETS.split(), _NUCLEI.split(), _CODAS.split()
    syllables = [a + b + c for a in onsets for b in nuclei for c in codas]
    made = np.random.default_rng(5).choice(np.array(syllables, dtype=object), (_VOCABULARY, 3))
    count = np.random.default_rng(6).integers(1, 4, _VOCABULARY)
    words = ["".join(row[:n]) for row, n in zip(made, count, strict=True)]
    return np.array(list(dict.fromkeys([*_STOP_WORDS.split(), *words])), dtype=object)


@cache
def _shares() -> NDArray[np.float64]:
    """Return the share of words up to each one."""
    weights = 1 / (np.arange(len(vocabulary())) + _MANDELBROT)
    return np.cumsum(weights / weights.sum())


def words(number: int) -> list[NDArray[np.object_]]:
    """Return the words of each passage of document ``number``."""
    chance = np.random.default_rng((11, number))
    ends = np.cumsum(chance.integers(60, 131, CHUNKS))
    drawn_words = vocabulary()[np.searchsorted(_shares(), chance.random(ends[-1]))]
    return np.split(drawn_words, ends[:-1])


def questions(documents: int, count: int) -> Iterator[str]:
    """Yield questions, each with five words of one passage that are not stop words."""
    chance = np.random.default_rng(3)
    stop_words = set(_STOP_WORDS.split())
    for number in chance.integers(0, documents, count):
        passage = words(int(number))[int(chance.integers(0, CHUNKS))]
        telling = list(dict.fromkeys(word for word in passage if word not in stop_words))
        yield f"What of the {' '.join(telling[:5])}?"


def document(number: int) -> tuple[Document, list[Chunk]]:
    """Return document ``number`` with its passages."""
    title, source = f"Report {number}", f"reports/{number % 10}/{number}.md"
    passages = [[f"{' '.join(part)}." for part in _sentences(one)] for one in words(number)]
    text = "\n".join(" ".join(passage) for passage in passages)
    made = Document(content_id(text.encode()), source, "markdown", title, text, (), ())
    chunks, start = [], 0
    for passage in passages:
        spans = []
        for sentence in passage:
            spans.append(Span(start, start + len(sentence)))
            start += len(sentence) + 1
        first, end = spans[0].start, spans[-1].end
        chunks.append(
            Chunk(
                made.id, source, title, "markdown", ("Part",), None, first, end,
                text[first:end], tuple(spans),
            )
        )  # fmt: skip
    return made, chunks


def generate(folder: Path, size: int) -> None:
    """Write an index of ``size`` passages to ``folder``."""
    index = Index(folder, lambda: RECIPE)
    for start in range(0, size // CHUNKS, _AT_ONCE):
        numbers = range(start, min(start + _AT_ONCE, size // CHUNKS))
        vectors = drawn(len(numbers) * CHUNKS, seed=start + 1)
        with index.writing(), index.catalog.transaction() as changes:
            for row, number in enumerate(numbers):
                made, chunks = document(number)
                changes.put(made, 1)
                rows = vectors[row * CHUNKS : (row + 1) * CHUNKS]
                changes.put_chunks(made.id, RECIPE, chunks, rows)
                changes.file(StoredFile(made.source, "default", 1, 1, made.id, 1))
                changes.link(made.source, made.source, made.id)
    index.refresh_snapshot()
    index.close()


def _sentences(passage: NDArray[np.object_]) -> list[NDArray[np.object_]]:
    return np.array_split(passage, max(1, len(passage) // _SENTENCE))
