"""Answers against gold answers, one question at a time; all in [0, 1], higher is better."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalise(text: str) -> str:
    """Lower case, no ASCII punctuation, no articles, single blanks.

    Rajpurkar et al., "SQuAD: 100,000+ questions for machine comprehension of text", EMNLP 2016,
    in the order of its evaluation script v1.1.
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(answer: str, gold: Iterable[str]) -> float:
    """1 if the normalised answer equals a normalised gold answer (SQuAD 1.1), else 0."""
    return float(any(normalise(answer) == normalise(wording) for wording in gold))


def token_f1(answer: str, gold: Iterable[str]) -> float:
    """Best F1 of the answer's normalised words and a gold answer's, as bags (SQuAD 1.1)."""
    return max((_f1(normalise(answer).split(), normalise(g).split()) for g in gold), default=0.0)


def _f1(answer: Sequence[str], gold: Sequence[str]) -> float:
    common = (Counter(answer) & Counter(gold)).total()
    if not common:
        return 0.0
    precision, recall = common / len(answer), common / len(gold)
    return 2 * precision * recall / (precision + recall)


def set_f1(given: AbstractSet[object], gold: AbstractSet[object]) -> float:
    """F1 of what is ``given`` against ``gold``: 0 if they share nothing.

    Over sentences this is the sentence-level F1 of long answers (Yang et al., "HotpotQA", EMNLP
    2018, call it the F1 of supporting facts).
    """
    common = len(given & gold)
    return 2 * common / (len(given) + len(gold)) if common else 0.0
