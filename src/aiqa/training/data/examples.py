"""Training examples: a question, the passages read for it, and every span that answers it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from aiqa.errors import GoldError
from aiqa.types import Span

Polarity = Literal["yes", "no", "neither"]


@dataclass(frozen=True, slots=True)
class Passage:
    """Text with the spans that answer a question; none where it does not answer it.

    ``evidence`` holds the sentences that the answers stand in. ``is_answering`` marks a passage
    that answers, also where no annotator said in which words (as in BoolQ). ``heading`` is its own,
    where passages of one question have different ones.
    """

    text: str
    answers: tuple[Span, ...] = ()
    evidence: tuple[Span, ...] = ()
    is_answering: bool = False
    heading: str = ""

    def among(self, texts: Sequence[str], place: int) -> Passage:
        """Join ``texts`` and this passage, which stands before the one at ``place``."""
        start = sum(len(text) + 1 for text in texts[:place])
        return replace(
            self,
            text=" ".join([*texts[:place], self.text, *texts[place:]]),
            answers=tuple(Span(start + a.start, start + a.end) for a in self.answers),
            evidence=tuple(Span(start + e.start, start + e.end) for e in self.evidence),
        )


@dataclass(frozen=True, slots=True)
class Example:
    """A question with the passages that are read for it, the one that may answer it first.

    ``heading`` is the title of the document that the passages are from, ``polarity`` whether the
    first passage answers yes or no; None where nobody said.
    """

    id: str
    question: str
    passages: tuple[Passage, ...]
    heading: str = ""
    polarity: Polarity | None = None

    @property
    def wordings(self) -> list[str]:
        """The answers' words."""
        return [p.text[span.start : span.end] for p in self.passages for span in p.answers]

    def may_be_answered_by(self, text: str) -> bool:
        """Return whether an answer's words stand in ``text``, whatever their case."""
        folded = text.casefold()
        return any(wording.casefold() in folded for wording in self.wordings)


def read_examples(path: Path) -> list[Example]:
    """Read rows ``{"id", "question", "context", "answers": [{"text", "start"}]}`` of JSONL(.gz).

    ``title`` and ``polarity`` are optional. Every span that an annotator marked counts, and no
    other: the same words elsewhere in the passage may stand there for something else.

    Raises:
        GoldError: the file is missing, or a row lacks a field or has an answer out of place.
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
        polarity = row.get("polarity")
        marked = row.get("answers", []) if polarity else row["answers"]
        spans = [Span(a["start"], a["start"] + len(a["text"])) for a in marked]
        for span, answer in zip(spans, marked, strict=True):
            if text[span.start : span.end] != answer["text"]:
                raise GoldError(f"{place}: {answer['text']!r} does not stand at its place.")
        answers = tuple(dict.fromkeys(span for span in spans if span.start < span.end))
        passage = Passage(text, answers, is_answering=bool(answers or polarity))
        heading = row.get("title") or ""
        return Example(str(row["id"]), row["question"], (passage,), heading, polarity)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise GoldError(
            f"{place} is not a question with its context: {error!r}.",
            'Each line is {"id", "question", "context", "answers": [{"text", "start"}]}.',
        ) from error


def contexts(examples: Sequence[Example]) -> list[str]:
    """Return the distinct texts of all passages, in order."""
    return list(dict.fromkeys(p.text for example in examples for p in example.passages))
