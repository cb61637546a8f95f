"""A training set on disk: every example once, texts that come again written once.

What a machine needs to train on is this one file: mixing, mining and the search for sentences,
which need all of aiqa, are done before.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aiqa.training.examples import Example, Passage
from aiqa.types import Span


def write_dataset(examples: Sequence[Example], path: Path) -> None:
    """Write ``examples`` to ``path``, xz-compressed JSON lines, the distinct texts first."""
    numbers: dict[str, int] = {}
    for example in examples:
        for passage in example.passages:
            numbers.setdefault(passage.text, len(numbers))
    with lzma.open(path, "wt", encoding="utf-8", preset=6) as file:
        file.write(json.dumps(list(numbers), ensure_ascii=False) + "\n")
        for e in examples:
            row = [e.id, e.question, e.heading, e.polarity]
            row += [[_packed(p, numbers[p.text]) for p in e.passages]]  # type: ignore[list-item]
            file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


def _packed(passage: Passage, number: int) -> list[Any]:
    return [
        number,
        [[s.start, s.end] for s in passage.answers],
        [[s.start, s.end] for s in passage.evidence],
        int(passage.is_answering),
    ]


def read_dataset(path: Path) -> list[Example]:
    """Read what ``write_dataset`` wrote."""
    examples = []
    with lzma.open(path, "rt", encoding="utf-8") as file:
        texts = json.loads(next(file))
        for line in file:
            name, question, heading, polarity, passages = json.loads(line)
            read = tuple(
                Passage(
                    texts[number],
                    tuple(Span(*s) for s in answers),
                    tuple(Span(*s) for s in evidence),
                    bool(answering),
                )
                for number, answers, evidence, answering in passages
            )
            examples.append(Example(name, question, read, heading, polarity))
    return examples
