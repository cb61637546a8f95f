"""Questions asked, and what became of each."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from eval.reader.progress import say
from eval.reader.sets import Case, Collection

from aiqa.answers.calibration import Flags, Matrix
from aiqa.evaluation.metrics.answers import exact_match, token_f1
from aiqa.evaluation.scoring import LEAST_F1
from aiqa.reader.qa_models import SpanModel
from aiqa.reader.second_pass import reread
from aiqa.reader.span_decoder import Candidate, candidates, read_windows
from aiqa.reader.span_reader import SpanReader
from aiqa.types import Chunk, ScoredChunk, ScoredSpan


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its chunks and candidates; ``removed``: its own passage was held back.

    Nothing answers a question whose passage was held back, nor one without accepted answers.
    """

    collection: str
    case: Case
    removed: bool
    hits: Sequence[ScoredChunk]
    found: Sequence[Candidate]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The best span for a question that was asked, and how good it is.

    ``confidence``: the probability that it is right, once a calibration has judged it.
    """

    asked: Asked
    best: ScoredSpan
    em: float
    f1: float
    confidence: float = math.nan

    @property
    def right(self) -> bool:
        """Whether the answer is right; where nothing answers, none is."""
        return self.answerable and self.f1 >= LEAST_F1

    @property
    def answerable(self) -> bool:
        """Whether something among the chunks answers."""
        return not self.asked.removed and bool(self.asked.case.answers)

    @property
    def passage_first(self) -> bool:
        """Whether the answer is from the question's own passage."""
        return self.best.chunk.source == self.asked.case.source


def ask(model: SpanModel, collection: Collection, case: Case, *, removed: bool) -> Asked:
    """Retrieve and read."""
    hits = collection.search(case, removed=removed)
    return Asked(collection.name, case, removed, hits, _found(model, case.question, hits))


def asked_twice(model: SpanModel, collection: Collection, cases: Sequence[Case]) -> list[Asked]:
    """Each question, with its passage there and with it held back."""
    found = []
    for number, case in enumerate(cases, 1):
        found += [ask(model, collection, case, removed=removed) for removed in (False, True)]
        if number % 250 == 0:
            say(f"{collection.name}: {number} asked")
    return found


def ask_alone(name: str, model: SpanModel, row: dict[str, Any], dense: float = 0.0) -> Asked:
    """Read the row's own context, ``dense`` its cosine with the question, and nothing else."""
    hits = [whole(row["context"], dense)]
    found = _found(model, row["question"], hits)
    return Asked(name, Case.of(row, ""), removed=False, hits=hits, found=found)


def _found(model: SpanModel, question: str, hits: Sequence[ScoredChunk]) -> list[Candidate]:
    return reread(model, question, candidates(read_windows(model, question, hits)))


def outcomes(reader: SpanReader, asked: Iterable[Asked]) -> list[Outcome]:
    """What the reader would answer."""
    found = []
    for item in asked:
        spans = reader.weighed(item.case.question, item.found, item.hits)
        if spans:
            text, gold = spans[0].text, item.case.answers or ("",)
            found.append(Outcome(item, spans[0], exact_match(text, gold), token_f1(text, gold)))
    return found


def whole(context: str, dense: float = 0.0) -> ScoredChunk:
    """A context as the one chunk that was found."""
    return ScoredChunk(Chunk("", "", "", "text", (), None, 0, len(context), context), 1.0, dense)


def evidence(found: Sequence[Outcome]) -> tuple[Matrix, Flags, Flags]:
    """The evidence of each, whether it is right, and whether something answers."""
    return (
        np.array([o.best.evidence for o in found]),
        np.array([o.right for o in found]),
        np.array([o.answerable for o in found]),
    )
