"""An evaluation run: ask every gold question and score every answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from aiqa.errors import GoldError
from aiqa.evaluation.dataset import EvalExample
from aiqa.evaluation.error_analysis import PipelineStage, failed_stage, visible_stage
from aiqa.evaluation.evidence import EvidenceMap, Located
from aiqa.evaluation.scoring import Row, judge
from aiqa.evaluation.systems import SystemUnderTest
from aiqa.types import ScoredChunk, Span

Timings = Mapping[str, float]
"""Wall-clock milliseconds by stage, apart from rows: they differ from run to run."""


def evaluate(
    system: SystemUnderTest, questions: Sequence[EvalExample], done: int = 0
) -> Iterator[tuple[Row, Timings]]:
    """Ask the questions from number ``done`` on, and give each one's row with its timings.

    Raises:
        GoldError: none of the evidence is in the documents, so they are the wrong ones.
        CatalogError: there is no usable index.
    """
    wanted = {item.source for question in questions for item in question.evidence}
    evidence = EvidenceMap(d for d in system.documents() if d.source in wanted)
    located = [evidence.locate(question) for question in questions]
    _check(questions, located)
    for number, (question, places) in enumerate(zip(questions, located, strict=True)):
        if number >= done:
            if number == done:
                system.ask(question)  # loads what is loaded once, so that no timing holds it
            yield _ask(system, question, places)


def _ask(system: SystemUnderTest, question: EvalExample, located: Located) -> tuple[Row, Timings]:
    answer = system.ask(question)
    hits = system.search(question)
    row = judge(question, answer, hits, located, system)
    stage = _stage(row, hits, located, system)
    return row.model_copy(update={"stage": stage}), answer.timings_ms


def _stage(
    row: Row, hits: Sequence[ScoredChunk] | None, located: Located, system: SystemUnderTest
) -> PipelineStage | None:
    """Return the stage that caused an error, if any."""
    question = row.question
    if not question.answerable:
        return "answered wrongly" if row.shown else None
    if row.right:
        return None if row.shown else "abstained wrongly"
    if not system.reads_spans:
        return visible_stage(located, row.ranking)

    def is_right_within(document_id: str, span: Span) -> bool:
        answer = system.read(row.answer.interpreted or question.question, document_id, span)
        return judge(question, answer, None, located, system).right

    return failed_stage(located, hits, system.chunks, is_right_within)


def _check(questions: Sequence[EvalExample], located: Sequence[Located]) -> None:
    """Single pieces that are not found count as not parsed; if all are, something else is wrong."""
    missing = [
        (question, places.missing[0])
        for question, places in zip(questions, located, strict=True)
        if places.missing
    ]
    if missing and not any(places.places for places in located):
        question, complaint = missing[0]
        raise GoldError(
            f"No evidence of this gold set is in the documents. Question {question.id}: "
            f"{complaint}.",
            "Ingest the documents that it is about; `aiqa gold check` lists what is not there.",
        )
