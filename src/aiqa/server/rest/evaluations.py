"""``/evaluations``: a gold set posted, its figures back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field

from aiqa.errors import DocumentError, GoldError
from aiqa.evaluation import EvalExample, Evidence
from aiqa.server.actor import user_name
from aiqa.server.call_schemas import Name, QuestionText
from aiqa.server.evaluation_jobs import MOST_QUESTIONS, EvaluationJob, EvaluationJobs, JobState
from aiqa.server.rest.schemas import Offset

EvaluationPath = Annotated[str, InPath(pattern=r"^[0-9a-f]{32}$")]


class GoldEvidence(BaseModel):
    """A place that states the answer: words of a document."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Name
    quote: str | None = Field(
        default=None,
        min_length=1,
        max_length=5000,
        description="Without it, the whole document counts.",
    )
    start: Offset | None = None


class GoldQuestion(BaseModel):
    """A question of a gold set; without evidence, one that the documents do not answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(default="", max_length=200, description="Its number in the set, if left out.")
    question: QuestionText
    answers: list[str] = Field(default=[], max_length=20, description="Accepted wordings.")
    evidence: list[GoldEvidence] = Field(default=[], max_length=10)
    history: list[QuestionText] = Field(
        default=[], max_length=8, description="The questions before it, oldest first."
    )
    tags: list[Name] = Field(default=[], max_length=20)


class EvaluationBody(BaseModel):
    """A gold set."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "questions": [
                        {
                            "question": "What is the price of SenseRobot?",
                            "answers": ["800 US dollars"],
                            "evidence": [
                                {"source": "robots/senserobot.html", "quote": "800 US dollars"}
                            ],
                        },
                        {"question": "Who won the chess match?"},
                    ]
                }
            ]
        },
    )

    questions: list[GoldQuestion] = Field(min_length=1, max_length=MOST_QUESTIONS)

    def examples(self) -> tuple[EvalExample, ...]:
        """Return the questions as the evaluation takes them.

        Raises:
            GoldError: there are answers without evidence.
        """
        return tuple(_example(number, one) for number, one in enumerate(self.questions, 1))


class EndBody(BaseModel):
    """What is to become of an evaluation."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"act": "cancel"}]}
    )

    act: Literal["cancel"]


class EvaluationEntry(BaseModel):
    """An evaluation on its way; `figures`, once `state` is "done", are those of `aiqa eval`."""

    id: str
    state: JobState
    is_finished: bool
    done: int
    total: int
    figures: dict[str, float | None] | None
    error: str
    remedy: str


User = Annotated[str, Depends(user_name)]


def evaluations_api(jobs: EvaluationJobs) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/evaluations", tags=["evaluations"])

    @router.post("", status_code=202, response_model=EvaluationEntry)
    def evaluate(body: EvaluationBody, user: User) -> Mapping[str, Any]:
        """Begin to ask all questions of a gold set and to measure the answers."""
        return _entry(jobs.submit(body.examples(), user))

    @router.get("/{evaluation_id}", response_model=EvaluationEntry)
    def get_evaluation(evaluation_id: EvaluationPath, user: User) -> Mapping[str, Any]:
        """Tell how far an evaluation has come, and its figures when it is done."""
        return _entry(_known(jobs, evaluation_id, user))

    @router.post("/{evaluation_id}", response_model=EvaluationEntry)
    def decide_evaluation(
        evaluation_id: EvaluationPath,
        body: EndBody,  # noqa: ARG001  # there is one thing that it can say
        user: User,
    ) -> Mapping[str, Any]:
        """End an evaluation that is not finished."""
        job = _known(jobs, evaluation_id, user)
        jobs.cancel(job)
        return _entry(job)

    return router


def _known(jobs: EvaluationJobs, identity: str, user: str) -> EvaluationJob:
    job = jobs.find(identity, user)
    if job is None:
        raise DocumentError(
            f"There is no evaluation {identity}.", "The latest are kept until the server ends."
        )
    return job


def _entry(job: EvaluationJob) -> Mapping[str, Any]:
    return asdict(job) | {"is_finished": job.is_finished}


def _example(number: int, gold: GoldQuestion) -> EvalExample:
    if gold.answers and not gold.evidence:
        raise GoldError(
            f"Question {gold.id or number} has answers, but no evidence.",
            "Quote the places that state them.",
        )
    return EvalExample(
        id=gold.id or str(number),
        question=gold.question,
        answers=tuple(gold.answers),
        evidence=tuple(
            Evidence(source=one.source, quote=one.quote, start=one.start) for one in gold.evidence
        ),
        tags=tuple(gold.tags),
        history=tuple(gold.history),
    )
