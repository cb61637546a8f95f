"""Single sentences to read, each without what stands around it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

from aiqa.text.sentences import sentences
from aiqa.training.examples import Example, Passage


def alone(examples: Iterable[Example], share: float, seed: int) -> Iterator[Example]:
    """Questions put to one sentence that answers, and to another of the passage that does not.

    About ``share`` as many as there are ``examples``; none where no sentence holds an answer whole.
    A sentence with an answer's words is not taken for one that does not answer.
    """
    chance = random.Random(seed)  # noqa: S311  # not for secrets
    for example in examples:
        if chance.random() >= share:
            continue
        passage = example.passages[0]
        answering = passage.answering()
        if not answering:
            continue
        chosen = chance.choice(answering)
        texts = [passage.text[s.start : s.end] for s in sentences(passage.text)]
        others = [text for text in texts if not example.may_be_answered_by(text)]
        yield Example(
            f"{example.id}.alone",
            example.question,
            (chosen, *map(Passage, chance.sample(others, min(1, len(others))))),
        )
