"""Digests: sentences of several passages as one, to be weighed against each other."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from aiqa.reading.coverage import shares
from aiqa.sentences import sentences
from aiqa.training.examples import Example, Passage
from aiqa.types import Span

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
        answering = [
            sentence
            for sentence in sentences(passage.text)
            if any(sentence.holds(answer) for answer in passage.answers)
        ]
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
        answers: tuple[Span, ...] = ()
        if not parts or chance.random() >= _UNANSWERED:
            start = sum(len(part) + 1 for part in parts[:place]) - chosen.start
            parts.insert(place, passage.text[chosen.start : chosen.end])
            answers = tuple(
                Span(start + answer.start, start + answer.end)
                for answer in passage.answers
                if chosen.holds(answer)
            )
        yield Example(
            f"{example.id}.digest", example.question, (Passage(" ".join(parts), answers),)
        )


@lru_cache(20_000)
def _sentences(text: str) -> tuple[str, ...]:
    return tuple(text[s.start : s.end] for s in sentences(text))
