"""The plainest system there is: the best paragraph by BM25, and its sentence with most words.

``aiqa eval eval/gold.jsonl --system eval.systems.first_sentence:prepare``
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log

from aiqa.evaluation import CitedPlace, SourceText, SystemAnswer

_K1, _B = 1.2, 0.75
_FOUND = 20


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph, where it begins in its document, and how often it has each word."""

    source: str
    start: int
    text: str
    words: Counter[str]

    @property
    def place(self) -> CitedPlace:
        """Where it stands."""
        return CitedPlace(source=self.source, start=self.start, end=self.start + len(self.text))


def prepare(documents: Sequence[SourceText]) -> Callable[[str], SystemAnswer]:
    """Return what answers from ``documents``."""
    passages = paragraphs(documents)
    mean = sum(passage.words.total() for passage in passages) / len(passages)
    having = Counter(word for passage in passages for word in passage.words)

    def score(asked: Counter[str], passage: Passage) -> float:
        length = _K1 * (1 - _B + _B * passage.words.total() / mean)
        return sum(
            log(1 + (len(passages) - having[word] + 0.5) / (having[word] + 0.5))
            * passage.words[word]
            * (_K1 + 1)
            / (passage.words[word] + length)
            for word in asked & passage.words
        )

    def answer(question: str) -> SystemAnswer:
        asked = words(question)
        ranked = sorted(passages, key=lambda passage: -score(asked, passage))[:_FOUND]
        best = ranked[0]
        sentences = [*re.finditer(r"\S.*?(?:[.!?](?=\s|$)|$)", best.text)]
        chosen = max(sentences, key=lambda one: (asked & words(one[0])).total())
        start = best.start + chosen.start()
        return SystemAnswer(
            text=chosen[0],
            citations=(CitedPlace(source=best.source, start=start, end=start + len(chosen[0])),),
            retrieved=tuple(passage.place for passage in ranked),
        )

    return answer


def paragraphs(documents: Sequence[SourceText]) -> list[Passage]:
    """Return the paragraphs of ``documents``: each is a line of its text."""
    return [
        Passage(one.source, found.start(), found[0], words(found[0]))
        for one in documents
        for found in re.finditer(r"\S[^\n]*", one.text)
    ]


def words(text: str) -> Counter[str]:
    """Return how often ``text`` has each word."""
    return Counter(re.findall(r"\w+", text.casefold()))
