"""Examples without annotators: words that come back in a passage answer for where they stood.

Ram et al., "Few-shot question answering by pretraining span selection", ACL 2021. There the words
are masked in place; here the sentence around one of them becomes the question, so that the reader
learns with the same input that it will read.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from aiqa.text.analysis import content_terms
from aiqa.text.sentences import sentences
from aiqa.training.examples import Example, Passage
from aiqa.types import Span

_MASK = "[MASK]"
_WORD = re.compile(r"\w+(?:[-'’.,]\w+)*")
_MOST_WORDS = 6
_LEAST_QUESTION = 5
"""Words that a sentence must hold beside those that are asked for."""


def recurring_span_examples(
    contexts: Iterable[str], per_context: int, seed: int
) -> Iterator[Example]:
    """Up to ``per_context`` examples of each context, in its order."""
    chance = random.Random(seed)  # noqa: S311  # not for secrets
    for number, context in enumerate(contexts):
        spans = list(_recurring(context).values())
        chance.shuffle(spans)
        places = sentences(context)
        taken = 0
        for group in spans:
            if taken == per_context:
                break
            if example := _example(context, group, places, chance, f"r{number}.{taken}"):
                taken += 1
                yield example


def _recurring(context: str) -> dict[str, list[Span]]:
    """Maximal runs of words that stand in several places, by their words."""
    words = [Span(*match.span()) for match in _WORD.finditer(context)]
    lowered = [context[word.start : word.end].casefold() for word in words]
    content = [bool(content_terms(context[word.start : word.end])) for word in words]
    places = defaultdict[tuple[str, ...], list[int]](list)
    for length in range(1, _MOST_WORDS + 1):
        for first in range(len(words) - length + 1):
            if content[first] and content[first + length - 1]:
                places[tuple(lowered[first : first + length])].append(first)
    found = {}
    for run, firsts in places.items():
        longer = {
            len(places.get((*run, *lowered[f + len(run) : f + len(run) + 1]), ())) for f in firsts
        }
        if len(firsts) > 1 and len(firsts) not in longer:
            found[" ".join(run)] = [
                Span(words[f].start, words[f + len(run) - 1].end) for f in firsts
            ]
    return found


def _example(
    context: str, group: list[Span], places: list[Span], chance: random.Random, name: str
) -> Example | None:
    asked = chance.choice(group)
    place = next((s for s in places if s.start <= asked.start and asked.end <= s.end), None)
    if place is None:
        return None
    question = context[place.start : asked.start] + _MASK + context[asked.end : place.end]
    if len(_WORD.findall(question)) <= _LEAST_QUESTION:
        return None
    gap = place.end - place.start
    rest = [span for span in group if span.end <= place.start or span.start >= place.end]
    answers = tuple(
        span if span.end <= place.start else Span(span.start - gap, span.end - gap) for span in rest
    )
    if not answers:
        return None
    return Example(
        name, question, (Passage(context[: place.start] + context[place.end :], answers),)
    )
