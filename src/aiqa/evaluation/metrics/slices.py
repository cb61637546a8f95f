"""The figures of parts of a gold set: by tag, by document format, by question word."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from aiqa.evaluation.metrics.aggregate import Ratio
from aiqa.evaluation.scoring import Row

Slices = Mapping[str, Mapping[str, Mapping[str, float | None]]]
"""What is sliced by, then the slice, then its figures and its number of questions ``n``."""

_WORDS = re.compile(
    r"\b(how\s+(?:many|much)|how|what|when|where|which|why|who)(?:m|se)?\b", re.IGNORECASE
)
_NONE = "none"


def slices(rows: Sequence[Row], ratios: Mapping[str, Ratio]) -> Slices:
    """Every slice, the largest first; a question may have several tags."""
    kinds: dict[str, dict[str, list[int]]] = {"tag": {}, "format": {}, "question word": {}}
    for number, row in enumerate(rows):
        for tag in row.question.tags:
            kinds["tag"].setdefault(tag, []).append(number)
        kinds["format"].setdefault(row.format or _NONE, []).append(number)
        kinds["question word"].setdefault(question_word(row.question.question), []).append(number)
    return {
        kind: {
            name: {"n": len(members)} | _values(members, ratios)
            for name, members in sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
        }
        for kind, found in kinds.items()
    }


def question_word(question: str) -> str:
    """The first question word, how many and how much apart from how; "none" if there is none.

    Whom and whose are counted as who.
    """
    word = _WORDS.search(question)
    return " ".join(word[1].lower().split()) if word else _NONE


def _values(members: Sequence[int], ratios: Mapping[str, Ratio]) -> dict[str, float | None]:
    indices = np.array(members)
    return {name: ratio.take(indices).value for name, ratio in ratios.items()}
