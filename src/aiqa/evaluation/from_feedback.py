"""Gold questions from feedback in the chat."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from aiqa.errors import GoldError
from aiqa.evaluation.dataset import EvalExample, Evidence
from aiqa.evaluation.loaders.io import objects
from aiqa.feedback import Feedback
from aiqa.validation_errors import validation_message

TAG = "feedback"


@dataclass(frozen=True, slots=True)
class FeedbackQuestions:
    """New gold questions, and the number of skipped rows by reason."""

    questions: tuple[EvalExample, ...]
    skipped: dict[str, int]


def read_feedback(path: Path) -> Iterator[Feedback]:
    """Return the rows of a feedback file, oldest first.

    Raises:
        GoldError: the file cannot be read, or a line is not feedback.
    """
    try:
        for place, row in objects(path):
            try:
                yield Feedback.model_validate(row)
            except ValidationError as error:
                complaint = validation_message(error, most=1)
                raise GoldError(f"{place} is no feedback: {complaint}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise GoldError(f"The feedback {path} cannot be read: {error}.") from error


def feedback_questions(
    feedback: Iterable[Feedback], known: Sequence[EvalExample]
) -> FeedbackQuestions:
    """Create gold questions from feedback; the last verdict on a question counts.

    A liked answer becomes gold with its citations as evidence, a liked abstention an unanswerable
    question, and a disliked answer becomes gold if the user selected the right words. Questions
    that ``known`` contains and questions with filters are skipped.
    """
    skipped: Counter[str] = Counter()
    last: dict[object, Feedback] = {}
    for row in feedback:
        key = _asked(row.question, _history(row))
        skipped["judged again later"] += key in last
        last[key] = row
    have = {_asked(question.question, question.history) for question in known}
    questions = []
    for key, row in last.items():
        question = _question(row)
        if key in have:
            skipped["in the gold set already"] += 1
        elif any(row.filters.values()):
            skipped["asked of a part of the documents"] += 1
        elif question is None:
            skipped["disliked without a right answer"] += 1
        else:
            questions.append(question)
    return FeedbackQuestions(
        tuple(questions), {reason: count for reason, count in skipped.items() if count}
    )


def append(path: Path, questions: Sequence[EvalExample]) -> None:
    """Append ``questions`` to the gold set at ``path``, which is created if it is missing.

    Raises:
        GoldError: it cannot be written.
    """
    lines = [
        json.dumps(question.model_dump(exclude_defaults=True, mode="json"), ensure_ascii=False)
        for question in questions
    ]
    try:
        with path.open("a+b") as file:
            size = file.seek(0, 2)
            if size:
                file.seek(size - 1)
                if file.read(1) != b"\n":
                    file.write(b"\n")
            file.write("".join(f"{line}\n" for line in lines).encode())
    except OSError as error:
        raise GoldError(f"The gold set {path} cannot be written: {error.strerror}.") from error


def _question(row: Feedback) -> EvalExample | None:
    if row.verdict == "up":
        answers = tuple(filter(None, [row.answer.get("text")]))
        places = row.answer["citations"] if answers else ()
        evidence = [Evidence(source=place["source"], quote=place["quote"]) for place in places]
    elif row.correct:
        answers = (row.correct.quote,)
        evidence = [Evidence(source=row.correct.source, quote=row.correct.quote)]
    else:
        return None
    return EvalExample(
        id=f"{TAG}-{row.id}",
        question=row.question,
        answers=answers,
        evidence=tuple(dict.fromkeys(evidence)),
        tags=(TAG,),
        history=_history(row),
    )


def _history(row: Feedback) -> tuple[str, ...]:
    return tuple(str(turn["question"]) for turn in row.history)


def _asked(question: str, history: Sequence[str]) -> object:
    return question.strip().casefold(), tuple(history)
