"""Validation of a gold set: missing evidence, duplicates, leakage between splits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from aiqa.evaluation.dataset import EvalDataset, EvalExample
from aiqa.evaluation.evidence import EvidenceMap
from aiqa.evaluation.metrics.answers import normalise
from aiqa.text.analysis import terms
from aiqa.types import Document

_ALIKE = 0.8
"""Questions that share this much of their words (Jaccard 1901) ask for the same."""

FindingKind = Literal["evidence", "duplicate", "leakage"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with the question ``id``."""

    id: str
    kind: FindingKind
    problem: str


def validate_dataset(gold: EvalDataset, documents: Iterable[Document]) -> list[Finding]:
    """Return the faults of ``gold``, in order of its questions.

    All evidence must be in ``documents``. No question may occur twice with the same passage and
    history, nor in two splits with nearly the same words, which would leak training data.
    """
    wanted = {item.source for question in gold.questions for item in question.evidence}
    evidence = EvidenceMap(document for document in documents if document.source in wanted)
    order = {question.id: number for number, question in enumerate(gold.questions)}
    findings = [*_missing(gold.questions, evidence), *_duplicates(gold), *_leaks(gold.questions)]
    return sorted(findings, key=lambda finding: order[finding.id])


def _missing(questions: Sequence[EvalExample], evidence: EvidenceMap) -> Iterator[Finding]:
    for question in questions:
        for complaint in evidence.locate(question).missing:
            yield Finding(question.id, "evidence", f"{complaint}.")


def _duplicates(gold: EvalDataset) -> Iterator[Finding]:
    first: dict[object, str] = {}
    for question in gold.questions:
        context = (gold.contexts or {}).get(question.id)
        key = normalise(question.question), question.history, context
        before = first.setdefault(key, question.id)
        if before != question.id:
            yield Finding(question.id, "duplicate", f"This is the same question as {before}.")


def _leaks(questions: Sequence[EvalExample]) -> Iterator[Finding]:
    words = {question.id: frozenset(terms(question.question)) for question in questions}
    by_split: dict[str, list[EvalExample]] = {}
    for question in questions:
        if not question.history:
            by_split.setdefault(question.split, []).append(question)
    for (name, one), (_, other) in combinations(by_split.items(), 2):
        for question in other:
            for earlier in one:
                if _alike(words[question.id], words[earlier.id]):
                    yield Finding(
                        question.id,
                        "leakage",
                        f"{earlier.id} of split {name} asks nearly the same.",
                    )


def _alike(a: frozenset[str], b: frozenset[str]) -> bool:
    return bool(a) and len(a & b) >= _ALIKE * len(a | b)
