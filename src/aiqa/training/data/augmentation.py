"""Passages and questions that look as if they had an answer, and have none.

The words that are exchanged are in ``augmentation.toml``.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from aiqa.text.sentences import sentences
from aiqa.training.data.examples import Example, Passage

_NAME = re.compile(r"(?<!^)(?<![.!?:] )\b[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*")
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_NUMBER = re.compile(r"\b\d[\d,.]*\b")
_WORDS: dict[str, Any] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
_OPPOSITES: dict[str, str] = dict(_WORDS["opposites"])
_OPPOSITES |= {value: key for key, value in _OPPOSITES.items()}
_OPPOSITE = re.compile(rf"\b({'|'.join(_OPPOSITES)})\b", re.IGNORECASE)
_ALTERNATIVE_OF = {
    word: group for group in map(str.split, _WORDS["alternatives"]) for word in group
}
_ALTERNATIVE = re.compile(rf"\b({'|'.join(_ALTERNATIVE_OF)})\b", re.IGNORECASE)


def near_misses(examples: Sequence[Example], share: float, seed: int) -> Iterator[Example]:
    """Questions that their own passages no longer answer: a name, number or word is exchanged.

    About ``share`` as many as there are ``examples``. The new name is another one of the passage or
    of another question. After the rule-based negatives of Rajpurkar, Jia & Liang, "Know what you
    don't know", ACL 2018.
    """
    chance = random.Random(seed)
    pool = defaultdict[re.Pattern[str], list[str]](list)
    for example in examples:
        for kind in (_NAME, _YEAR, _NUMBER):
            pool[kind] += kind.findall(example.question)
    for example in examples:
        if chance.random() >= share:
            continue
        text = example.passages[0].text
        if question := _exchanged(example.question, text, pool, chance):
            yield Example(f"{example.id}.near", question, (Passage(text),), example.heading)


def without_answers(examples: Iterable[Example], share: float, seed: int) -> Iterator[Example]:
    """Questions put to their own passages less every sentence that an answer stands in.

    About ``share`` as many as there are ``examples``; none where an answer's words stand in what is
    left, or where nothing is.
    """
    chance = random.Random(seed)
    for example in examples:
        if chance.random() >= share:
            continue
        passage = example.passages[0]
        if passage.is_answering and not passage.answers:
            continue  # nobody said which sentences to leave out
        kept = [
            passage.text[s.start : s.end]
            for s in sentences(passage.text)
            if not any(s.start < a.end and a.start < s.end for a in passage.answers)
        ]
        text = " ".join(kept)
        if text and not example.may_be_answered_by(text):
            yield Example(
                f"{example.id}.without", example.question, (Passage(text),), example.heading
            )


def _exchanged(
    question: str, text: str, pool: dict[re.Pattern[str], list[str]], chance: random.Random
) -> str | None:
    kinds: list[re.Pattern[str]] = [_NAME, _YEAR, _NUMBER, _OPPOSITE, _ALTERNATIVE]
    chance.shuffle(kinds)
    words = (_OPPOSITE, _ALTERNATIVE)
    for kind in kinds:
        matches = [m for m in kind.finditer(question) if m[0] in text or kind in words]
        if not matches:
            continue
        match = chance.choice(matches)
        if kind is _OPPOSITE:
            new = _OPPOSITES[match[0].casefold()]
        elif kind is _ALTERNATIVE:
            group = _ALTERNATIVE_OF[match[0].casefold()]
            new = chance.choice([word for word in group if word != match[0].casefold()])
        elif beside := [name for name in kind.findall(text) if name not in question]:
            new = chance.choice((chance.choice(beside), chance.choice(pool[kind])))
        else:
            new = chance.choice(pool[kind])
        if new == match[0] or (kind in words and new in text):
            continue
        return question[: match.start()] + new + question[match.end() :]
    return None
