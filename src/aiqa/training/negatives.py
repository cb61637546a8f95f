"""Passages and questions that look as if they had an answer, and have none."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from aiqa.text.sentences import sentences
from aiqa.training.examples import Example, Passage

_NAME = re.compile(r"(?<!^)(?<![.!?:] )\b[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*")
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_NUMBER = re.compile(r"\b\d[\d,.]*\b")
_OPPOSITES = {
    "first": "last", "largest": "smallest", "more": "less", "most": "least", "before": "after",
    "highest": "lowest", "increase": "decrease", "increased": "decreased", "oldest": "newest",
    "north": "south", "east": "west", "longest": "shortest", "best": "worst", "early": "late",
    "always": "never", "maximum": "minimum", "earliest": "latest", "began": "ended",
    "can": "cannot", "with": "without", "inside": "outside", "high": "low",
    "good": "bad", "new": "old", "same": "different", "won": "lost", "love": "hate",
    "loved": "hated", "liked": "disliked", "recommend": "avoid", "easy": "hard",
    "start": "finish", "started": "finished", "left": "joined", "strong": "weak", "wet": "dry",
    "include": "exclude", "included": "excluded", "accepted": "rejected", "bought": "sold",
    "small": "large", "smaller": "larger", "short": "long", "younger": "older", "top": "bottom",
    "possible": "impossible", "happy": "unhappy", "public": "private", "cheap": "expensive",
    "southern": "northern", "western": "eastern", "major": "minor",
    "allowed": "forbidden", "born": "killed", "male": "female", "success": "failure",
}  # fmt: skip
_OPPOSITES |= {value: key for key, value in _OPPOSITES.items()}
_OPPOSITE = re.compile(rf"\b({'|'.join(_OPPOSITES)})\b", re.IGNORECASE)
_ALTERNATIVES = [
    group.split()
    for group in (
        "father mother brother sister wife husband son daughter uncle aunt grandfather",
        "fathers mothers brothers sisters wives husbands sons daughters children parents",
        "employee employer contractor supplier customer provider tenant landlord client vendor",
        "employees employers contractors suppliers customers providers tenants landlords clients",
        "buyer seller lender borrower licensor licensee lessor lessee",
        "manager director officer assistant intern trainee volunteer student teacher parent",
        "cost weigh measure last", "price weight height width length age size speed",
        "sold bought priced made shipped returned founded built designed tested cancelled",
        "sell buy make ship return build test cancel rent lease repair",
        "written directed produced published performed translated edited",
        "wrote directed produced published performed translated edited painted",
        "days weeks months years hours minutes", "day week month year hour minute",
        "daily weekly monthly quarterly annually", "deadline fee penalty discount budget limit",
        "monday tuesday wednesday thursday friday saturday sunday",
        "january february march april may june july august september october november december",
        "phone email address website fax", "breakfast lunch dinner hotel flight taxi parking",
        "sick maternity paternity parental annual unpaid bereavement", "first second third fourth",
        "domestic international foreign local", "part-time full-time temporary permanent",
        "approve reject sign review submit archive delete", "liable entitled eligible exempt",
        "capital population area currency language president mayor governor",
    )
]
"""Words of which another would make another question: attributes, roles, actions, times."""
_ALTERNATIVE_OF = {word: group for group in _ALTERNATIVES for word in group}
_ALTERNATIVE = re.compile(rf"\b({'|'.join(_ALTERNATIVE_OF)})\b", re.IGNORECASE)


def with_mined(
    examples: Iterable[Example], retrieved: dict[str, list[str]], most: int, seed: int
) -> Iterator[Example]:
    """Each example with up to ``most`` of the passages ``retrieved`` for it that do not answer.

    A passage that holds an answer's words is left out: it may well answer.
    """
    chance = random.Random(seed)  # noqa: S311  # not for secrets
    for example in examples:
        own = {passage.text for passage in example.passages}
        others = [
            text
            for text in retrieved.get(example.id, ())
            if text not in own and not example.may_be_answered_by(text)
        ]
        picked = chance.sample(others, min(most, len(others)))
        yield replace(example, passages=(*example.passages, *map(Passage, picked)))


def near_misses(examples: Sequence[Example], share: float, seed: int) -> Iterator[Example]:
    """Questions that their own passages no longer answer: a name, number or word is exchanged.

    About ``share`` as many as there are ``examples``. The new name is another one of the passage or
    of another question. After the rule-based negatives of Rajpurkar, Jia & Liang, "Know what you
    don't know", ACL 2018.
    """
    chance = random.Random(seed)  # noqa: S311  # not for secrets
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
    chance = random.Random(seed)  # noqa: S311  # not for secrets
    for example in examples:
        if chance.random() >= share:
            continue
        passage = example.passages[0]
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
