"""Questions with passages and every place in them that answers."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiqa.errors import GoldError
from aiqa.text.sentences import sentences
from aiqa.types import Span


@dataclass(frozen=True, slots=True)
class Passage:
    """Text with the spans that answer a question; none where it does not answer it."""

    text: str
    answers: tuple[Span, ...] = ()

    def answering(self) -> list[Passage]:
        """The sentences that hold an answer whole, each as a passage of its own."""
        return [
            Passage(
                self.text[sentence.start : sentence.end],
                tuple(
                    Span(answer.start - sentence.start, answer.end - sentence.start)
                    for answer in self.answers
                    if sentence.holds(answer)
                ),
            )
            for sentence in sentences(self.text)
            if any(sentence.holds(answer) for answer in self.answers)
        ]

    def among(self, texts: Sequence[str], place: int) -> Passage:
        """One passage of ``texts`` and this one, which stands before the one at ``place``."""
        start = sum(len(text) + 1 for text in texts[:place])
        return Passage(
            " ".join([*texts[:place], self.text, *texts[place:]]),
            tuple(Span(start + answer.start, start + answer.end) for answer in self.answers),
        )


@dataclass(frozen=True, slots=True)
class Example:
    """A question with the passages that are read for it, the one that may answer it first."""

    id: str
    question: str
    passages: tuple[Passage, ...]

    @property
    def wordings(self) -> list[str]:
        """The answers' words."""
        return [p.text[span.start : span.end] for p in self.passages for span in p.answers]

    def may_be_answered_by(self, text: str) -> bool:
        """Whether an answer's words stand in ``text``, in capitals or not."""
        folded = text.casefold()
        return any(wording.casefold() in folded for wording in self.wordings)


def read_examples(path: Path) -> list[Example]:
    """Rows ``{"id", "question", "context", "answers": [{"text", "start"}]}`` of a JSONL(.gz) file.

    Every answer counts that its annotators gave, and no other: the same words elsewhere in the
    passage may stand there for something else.

    Raises:
        GoldError: the file is missing, or a row has no such fields or an answer out of place.
    """
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
            return [_example(row, f"{path}, line {number}") for number, row in _rows(lines)]
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise GoldError(f"{path} cannot be read: {error}.") from error


def _rows(lines: Any) -> Iterator[tuple[int, str]]:
    return ((number, line) for number, line in enumerate(lines, 1) if line.strip())


def _example(line: str, place: str) -> Example:
    try:
        row = json.loads(line)
        text = row["context"]
        spans = [Span(a["start"], a["start"] + len(a["text"])) for a in row["answers"]]
        for span, answer in zip(spans, row["answers"], strict=True):
            if text[span.start : span.end] != answer["text"]:
                raise GoldError(f"{place}: {answer['text']!r} does not stand at its place.")
        answers = dict.fromkeys(span for span in spans if span.start < span.end)
        return Example(str(row["id"]), row["question"], (Passage(text, tuple(answers)),))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise GoldError(
            f"{place} is not a question with its context: {error!r}.",
            'Each line is {"id", "question", "context", "answers": [{"text", "start"}]}.',
        ) from error


def contexts(examples: Sequence[Example]) -> list[str]:
    """The different texts of all passages, in order."""
    return list(dict.fromkeys(p.text for example in examples for p in example.passages))
