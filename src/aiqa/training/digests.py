"""Digests: sentences of several passages as one, to be weighed against each other."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from aiqa.reading.coverage import shares
from aiqa.sentences import sentences
from aiqa.training.examples import Example, Passage

_PASSAGES = 5
_SENTENCES = 8
_UNANSWERED = 0.15
"""The share of digests without the sentence that answers."""


def digests(
    examples: Iterable[Example], retrieved: Mapping[str, Sequence[str]], seed: int
) -> Iterator[Example]:
    """Each question put to a sentence that answers it among those that share its words most.

    These are of its own passage and of those ``retrieved`` for it, in chance order; none has an
    answer's words. Every now and then the sentence that answers is missing. A question stays as it
    is where no sentence holds an answer whole.
    """
    chance = random.Random(seed)  # noqa: S311  # not for secrets
    for example in examples:
        passage = example.passages[0]
        answering = passage.answering()
        if not answering:
            yield example
            continue
        chosen = chance.choice(answering)
        texts = [passage.text, *retrieved.get(example.id, ())[:_PASSAGES]]
        others = [
            sentence
            for sentence in dict.fromkeys(s for text in texts for s in _sentences(text))
            if not example.may_be_answered_by(sentence)
        ]
        likeness = shares(example.question, others)
        order = sorted(range(len(others)), key=lambda i: (-likeness[i], i))
        parts = [others[i] for i in order[: _SENTENCES - 1]]
        chance.shuffle(parts)
        place = chance.randint(0, len(parts))
        is_answered = not parts or chance.random() >= _UNANSWERED
        digest = chosen.among(parts, place) if is_answered else Passage(" ".join(parts))
        yield replace(example, passages=(digest,))


@lru_cache(20_000)
def _sentences(text: str) -> tuple[str, ...]:
    return tuple(text[s.start : s.end] for s in sentences(text))
