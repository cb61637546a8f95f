"""Digests: sentences of several passages as one, to be weighed against each other."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from aiqa.reader.features import shares
from aiqa.reader.qa_models import SpanModel
from aiqa.reader.span_decoder import candidates, read_windows
from aiqa.text.sentences import sentences
from aiqa.training.examples import Example, Passage
from aiqa.types import Chunk, ScoredChunk, Span

_PASSAGES = 5
_SENTENCES = 8
_UNANSWERED = 0.15
"""The share of digests without the sentence that answers."""

Retrieved = Mapping[str, Sequence[str]]
"""By the ids of examples, what the retriever finds for them."""


def digests(
    examples: Iterable[Example], likely: Mapping[str, Sequence[str]], seed: int
) -> Iterator[Example]:
    """Each question put to a sentence that answers it among those that seem ``likely`` to.

    These are given by the example's id, the likeliest first, and stand in chance order; those with
    an answer's words are left out. Every now and then the sentence that answers is missing. A
    question stays as it is where no sentence holds an answer whole.
    """
    chance = random.Random(seed)  # noqa: S311  # not for secrets
    for example in examples:
        answering = example.passages[0].answering()
        if not answering:
            yield example
            continue
        chosen = chance.choice(answering)
        others = [s for s in likely[example.id] if not example.may_be_answered_by(s)]
        parts = others[: _SENTENCES - 1]
        chance.shuffle(parts)
        place = chance.randint(0, len(parts))
        is_answered = not parts or chance.random() >= _UNANSWERED
        digest = chosen.among(parts, place) if is_answered else Passage(" ".join(parts))
        yield replace(example, passages=(digest,))


def by_words(examples: Iterable[Example], retrieved: Retrieved) -> dict[str, list[str]]:
    """For each example the sentences of its passages that share most of its question's words.

    Of those without an answer's words, so that these make no other word less rare.
    """
    found = {}
    for example in examples:
        texts = _texts(example, retrieved)
        every = dict.fromkeys(s for text in texts for s in _sentences(text).values())
        others = [sentence for sentence in every if not example.may_be_answered_by(sentence)]
        likeness = shares(example.question, others)
        order = sorted(range(len(others)), key=lambda i: (-likeness[i], i))
        found[example.id] = [others[i] for i in order]
    return found


def by_reader(
    examples: Iterable[Example], retrieved: Retrieved, model: SpanModel
) -> dict[str, list[str]]:
    """For each example the sentences of its passages that ``model`` takes the best answers from.

    They are what the second look is given: what the first one mistakes for an answer.
    """
    found = {}
    for example in examples:
        hits = [
            ScoredChunk(Chunk(str(n), "", "", "text", (), None, 0, len(text), text), 0.0, 0.0)
            for n, text in enumerate(_texts(example, retrieved))
        ]
        best: dict[str, float] = {}
        for candidate in candidates(read_windows(model, example.question, hits)):
            text = candidate.hit.chunk.text
            for sentence, words in _sentences(text).items():
                if sentence.overlaps(candidate.span):
                    best[words] = max(best.get(words, -math.inf), candidate.score)
        found[example.id] = sorted(best, key=lambda words: -best[words])
    return found


def _texts(example: Example, retrieved: Retrieved) -> list[str]:
    return list(
        dict.fromkeys([example.passages[0].text, *retrieved.get(example.id, ())[:_PASSAGES]])
    )


@lru_cache(20_000)
def _sentences(text: str) -> dict[Span, str]:
    return {s: text[s.start : s.end] for s in sentences(text)}
