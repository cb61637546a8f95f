"""How well the search finds evidence when questions are put the way people type them.

``python -m eval.benchmarks.phrasings GOLD [--index index] [--weights 1 0.6]``

Prints for the answerable questions of a gold set about an index how often evidence is the first
passage, among the first five and among the first ten: as the questions are, with a typo or two in
each, as keywords, and with British for American spelling or the other way round.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np

from aiqa import Assistant, Settings
from aiqa.evaluation import EvalExample, load_dataset
from aiqa.evaluation.evidence import EvidenceMap, Located
from aiqa.training.data.phrasing import keywords, mistyped, respelled

CUTOFFS = (1, 5, 10)
_NOT_FOUND = 1000

_PHRASINGS: dict[str, Callable[[str, random.Random], str]] = {
    "as it is": lambda question, _: question,
    "with typos": mistyped,
    "keywords": lambda question, _: keywords(question),
    "respelled": lambda question, _: respelled(question),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--index", type=Path, default=Path("index"))
    default = Settings.load()
    parser.add_argument(
        "--weights",
        type=float,
        nargs=2,
        default=(default.dense_weight, default.lexical_weight),
        help="of vector search and of word search",
    )
    options = parser.parse_args()
    questions = [q for q in load_dataset(options.gold).questions if q.answerable and not q.history]
    dense, lexical = options.weights
    with Assistant.open(
        options.index, dense_weight=dense, lexical_weight=lexical, candidates=50
    ) as assistant:
        evidence = EvidenceMap(assistant.documents())
        located = [evidence.locate(question) for question in questions]
        for name, phrase in _PHRASINGS.items():
            ranks = np.array(_ranks(assistant, questions, located, phrase))
            shares = " / ".join(f"{(ranks < cutoff).mean():.3f}" for cutoff in CUTOFFS)
            print(f"{name:12} {len(ranks)} questions: {shares}", flush=True)


def _ranks(
    assistant: Assistant,
    questions: list[EvalExample],
    located: list[Located],
    phrase: Callable[[str, random.Random], str],
) -> list[int]:
    """Return the rank of the first passage with evidence for each question, from 0."""
    ranks = []
    for number, (question, places) in enumerate(zip(questions, located, strict=True)):
        chance = random.Random(number)  # noqa: S311 - the same typos in each run
        hits = assistant.passages(phrase(question.question, chance), k=max(CUTOFFS))
        found = (i for i, h in enumerate(hits) if places.holds(h.chunk.document_id, h.chunk.span))
        ranks.append(next(found, _NOT_FOUND))
    return ranks


if __name__ == "__main__":
    main()
