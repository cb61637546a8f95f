"""Evaluations that programs ask for: one at a time, a question at a time between other calls."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

from aiqa.errors import AiqaError, GoldError
from aiqa.server.access_log import log
from aiqa.server.calls import BusyError, Calls

if TYPE_CHECKING:
    from aiqa.evaluation import EvalExample, Row
    from aiqa.evaluation.runner import Timings

MOST_QUESTIONS = 200
_MOST_UNFINISHED = 8
_MOST_KEPT = 100
_MOST_OCCURRENCES = 200
_PAUSE_SECONDS = 0.005

JobState = Literal["waiting", "running", "done", "failed", "cancelled"]


@dataclass(slots=True)
class EvaluationJob:
    """An evaluation: how far it has come, and its figures or why there are none.

    ``owner`` is who asked for it; "" where nobody signs in.
    """

    owner: str
    total: int
    id: str = field(default_factory=lambda: uuid4().hex)
    state: JobState = "waiting"
    done: int = 0
    figures: dict[str, Any] | None = None
    error: str = ""
    remedy: str = ""
    is_cancelled: bool = False

    @property
    def is_finished(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in ("done", "failed", "cancelled")


class EvaluationJobs:
    """Runs evaluations in a thread; ``calls`` gives each of their questions its turn."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._jobs: dict[str, EvaluationJob] = {}
        self._lock = Lock()
        self._worker = ThreadPoolExecutor(1, "evaluations")

    @property
    def unfinished(self) -> int:
        """The number of evaluations that wait or run."""
        with self._lock:
            return sum(not job.is_finished for job in self._jobs.values())

    def submit(self, questions: Sequence[EvalExample], owner: str) -> EvaluationJob:
        """Begin to evaluate on ``questions`` when it is their turn.

        Raises:
            BusyError: too many evaluations are waiting.
            GoldError: an id stands twice.
        """
        if len({question.id for question in questions}) < len(questions):
            raise GoldError("An id stands twice.", "Give each question an id of its own.")
        if self.unfinished >= _MOST_UNFINISHED:
            raise BusyError("Busy: too many evaluations are waiting.", "Try again in some minutes.")
        job = EvaluationJob(owner, len(questions))
        with self._lock:
            self._jobs[job.id] = job
            finished = [one.id for one in self._jobs.values() if one.is_finished]
            for identity in finished[: max(len(self._jobs) - _MOST_KEPT, 0)]:
                del self._jobs[identity]
        self._worker.submit(self._run, job, questions)
        return job

    def find(self, identity: str, owner: str) -> EvaluationJob | None:
        """Return the evaluation of that id; None if ``owner`` has none."""
        job = self._jobs.get(identity)
        return job if job and job.owner == owner else None

    def cancel(self, job: EvaluationJob) -> None:
        """End an evaluation that is not finished, at once or after its present question."""
        job.is_cancelled = True
        if job.state == "waiting":
            job.state = "cancelled"

    def stop(self) -> None:
        """End all evaluations."""
        for job in list(self._jobs.values()):
            self.cancel(job)
        self._worker.shutdown(cancel_futures=True)

    def _run(self, job: EvaluationJob, questions: Sequence[EvalExample]) -> None:
        if job.is_cancelled:
            return
        job.state = "running"
        try:
            figures = self._figures(job, questions)
        except AiqaError as error:
            job.error, job.remedy = error.message, error.remedy
            job.state = "failed"
        except Exception:  # noqa: BLE001  # told to whoever asks for the figures, and logged
            log.exception("An evaluation failed")
            job.error = "Something went wrong here; it is logged."
            job.state = "failed"
        else:
            job.figures = figures
            job.state = "cancelled" if figures is None else "done"

    def _figures(
        self, job: EvaluationJob, questions: Sequence[EvalExample]
    ) -> dict[str, Any] | None:
        """Return the figures; None if the evaluation was cancelled."""
        from aiqa.evaluation import EvalDataset, Figures, evaluate, open_system

        self._check_quotes(questions)
        gold = EvalDataset("posted", tuple(questions))
        rows: list[Row] = []
        timings: list[Timings] = []
        with open_system(gold, "corpus", self._calls.assistant) as system:
            outcomes = evaluate(system, gold.questions)
            while not job.is_cancelled:
                with self._calls.turn:
                    outcome = next(outcomes, None)
                if outcome is None:
                    return Figures.of(rows, timings).headline()
                rows.append(outcome[0])
                timings.append(outcome[1])
                job.done += 1
                # A lock alone would let this thread have turn after turn.
                time.sleep(_PAUSE_SECONDS)
        return None

    def _check_quotes(self, questions: Sequence[EvalExample]) -> None:
        """Refuse quotes that stand in so many places that looking at each would take long."""
        from aiqa.evaluation.quote_matching import occurrences

        for question in questions:
            for item in question.evidence:
                document = self._calls.assistant.document_at(item.source)
                for quote in item.quotes:
                    if document and len(occurrences(document.text, quote)) > _MOST_OCCURRENCES:
                        raise GoldError(
                            f"A quote of question {question.id} stands in {item.source} more than "
                            f"{_MOST_OCCURRENCES} times.",
                            "Quote more words.",
                        )
