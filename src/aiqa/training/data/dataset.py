"""A training set on disk: every example once, texts that come again written once.

It is all that a machine needs to train on: what takes time without an accelerator (mixing, vectors,
the search for hard negatives) is done before.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aiqa.errors import GoldError
from aiqa.training.data.examples import Example, Passage
from aiqa.types import Span


def write_dataset(examples: Sequence[Example], path: Path) -> None:
    """Write ``examples`` to ``path``, at once or not at all.

    The file is xz-compressed JSON lines: the distinct texts first, then a row for each example
    whose passages are numbers of texts with the spans of answers and evidence.
    """
    numbers: dict[str, int] = {}
    for example in examples:
        for passage in example.passages:
            numbers.setdefault(passage.text, len(numbers))
    draft = path.with_name(f"{path.name}.draft")
    with lzma.open(draft, "wt", encoding="utf-8", preset=6) as file:
        file.write(json.dumps(list(numbers), ensure_ascii=False) + "\n")
        for e in examples:
            passages = [_packed(p, numbers[p.text]) for p in e.passages]
            row = [e.id, e.question, e.heading, e.polarity, passages]
            file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
    draft.replace(path)


def _packed(passage: Passage, number: int) -> list[Any]:
    return [
        number,
        [[s.start, s.end] for s in passage.answers],
        [[s.start, s.end] for s in passage.evidence],
        int(passage.is_answering),
    ]


def read_dataset(path: Path) -> list[Example]:
    """Read what ``write_dataset`` wrote.

    Raises:
        GoldError: the file cannot be read.
    """
    try:
        return _read(path)
    except (OSError, EOFError, ValueError, TypeError, StopIteration, lzma.LZMAError) as error:
        raise GoldError(f"{path} is no training set: {error!r}.") from error


def _read(path: Path) -> list[Example]:
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
