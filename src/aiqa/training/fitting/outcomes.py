"""What becomes of questions: features of chunks and spans, and which of them are right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from aiqa.evaluation.metrics.answers import exact_match, token_f1
from aiqa.evaluation.scoring import LEAST_F1
from aiqa.reader.answer_type import of_asked_type
from aiqa.reader.features import Support
from aiqa.reader.first_reading import FirstReading
from aiqa.reader.linear_model import FeatureTable, Values
from aiqa.reader.qa_models import SpanModel
from aiqa.reader.span_decoder import Candidate, ReadWindow, candidates, read_windows
from aiqa.reader.span_features import (
    chunk_features,
    span_features,
)
from aiqa.reader.span_reader import Ranked, SpanReader
from aiqa.training.fitting.cases import Case

_CHUNK_GAIN = 0.5
"""The gain of any candidate of a chunk with evidence; the other half is for its words."""


@dataclass(frozen=True, slots=True)
class FirstPass:
    """A question whose chunks the first model has read; ``gain`` is 1 for chunks with evidence."""

    case: Case
    support: Support
    read: tuple[ReadWindow, ...]
    first: FirstReading
    table: FeatureTable
    gain: Values


@dataclass(frozen=True, slots=True)
class SecondPass:
    """The same with the candidate spans, their features and the gain of each."""

    passed: FirstPass
    read: tuple[ReadWindow, ...]
    found: tuple[Candidate, ...]
    table: FeatureTable
    gain: Values


@dataclass(frozen=True, slots=True)
class Outcome:
    """The best span of a question: how good it is, and what speaks for it."""

    case: Case
    ranked: Ranked
    em: float
    f1: float

    @property
    def right(self) -> bool:
        """Whether it answers the question; where nothing answers, none does."""
        return self.case.answerable and self.f1 >= LEAST_F1


def first_pass(
    model: SpanModel, cases: Sequence[Case], say: Callable[[str], None]
) -> list[FirstPass]:
    """Let the first model read the chunks of each question that has any."""
    found = []
    for number, case in enumerate(cases, 1):
        if not case.hits:
            continue
        question = case.example.question
        support = Support(question, case.hits)
        read = read_windows(model, question, case.hits, headings=False)
        first = FirstReading(read)
        gain = np.array([float(case.is_evidence(hit)) for hit in case.hits])
        table = chunk_features(case.hits, first, support)
        found.append(FirstPass(case, support, tuple(read), first, table, gain))
        if number % 200 == 0:
            say(f"first pass: {number} of {len(cases)}")
    return found


def second_pass(
    first: SpanModel,
    second: SpanModel | None,
    reader: SpanReader,
    passed: Sequence[FirstPass],
    say: Callable[[str], None],
) -> list[SecondPass]:
    """Let ``second`` read the promising chunks, then the sentences of its best spans.

    Without a second model, the spans are those of ``first``, which then reads their sentences.
    """
    found = []
    for number, one in enumerate(passed, 1):
        read: Sequence[ReadWindow] = one.read
        question = one.case.example.question
        if second is not None:
            again = reader.promising(one.table, one.case.hits)
            read = read_windows(second, question, again, headings=True)
        spans = of_asked_type(question, candidates(read))
        check = reader.check(second or first, question, spans)
        table = span_features(spans, one.first, one.support, check)
        gain = np.array([_gain(one.case, span) for span in spans])
        found.append(SecondPass(one, tuple(read), tuple(spans), table, gain))
        if number % 100 == 0:
            say(f"second pass: {number} of {len(passed)}")
    return found


def _gain(case: Case, candidate: Candidate) -> float:
    if not case.holds(candidate.hit.chunk.document_id, candidate.hit.chunk.span):
        return 0.0
    return _CHUNK_GAIN + (1 - _CHUNK_GAIN) * token_f1(candidate.text, case.example.answers)


def outcomes(reader: SpanReader, passed: Sequence[SecondPass]) -> list[Outcome]:
    """Return what ``reader`` makes of each question that has a candidate."""
    found = []
    for one in passed:
        case = one.passed.case
        ranked = reader.ranked(one.found, one.table, one.passed.support, one.read)
        if ranked.candidates:
            text, gold = ranked.candidates[0].text, case.example.answers or ("",)
            found.append(Outcome(case, ranked, exact_match(text, gold), token_f1(text, gold)))
    return found
