"""The commands for gold sets: ``aiqa gold check`` and ``aiqa gold add``."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from aiqa.assistant import Assistant
from aiqa.cli import evaluation_output, gold_review
from aiqa.cli.gold_options import DatasetFormatOption, GoldArgument
from aiqa.cli.options import INDEX, IndexOption, JsonOption, emit
from aiqa.errors import GoldError
from aiqa.evaluation.loaders import load_dataset

app = typer.Typer(
    no_args_is_help=True, help="Check gold sets; extend them from feedback or from the documents."
)
app.command("propose")(gold_review.propose_command)
app.command("review")(gold_review.review_command)


@app.command("check")
def check_command(
    gold: GoldArgument,
    index: IndexOption = INDEX,
    gold_format: DatasetFormatOption = "auto",
    *,
    as_json: JsonOption = False,
) -> None:
    """Check a gold set: format, evidence, duplicates, leakage between splits."""
    from aiqa.evaluation.validation import validate_dataset

    questions = load_dataset(gold, gold_format=gold_format)
    if questions.passages:
        findings = validate_dataset(
            questions, [passage.document() for passage in questions.passages]
        )
    else:
        with Assistant.open(index) as assistant:
            findings = validate_dataset(questions, assistant.documents())
    data = {
        "questions": len(questions.questions),
        "answerable": sum(question.answerable for question in questions.questions),
        "splits": dict(Counter(question.split for question in questions.questions)),
        "findings": [asdict(finding) for finding in findings],
    }
    emit(
        data,
        lambda: evaluation_output.print_findings(findings, len(questions.questions)),
        as_json=as_json,
    )
    if findings:
        raise typer.Exit(GoldError.exit_code)


@app.command()
def add(
    gold: GoldArgument,
    feedback: Annotated[
        Path,
        typer.Option("--from-feedback", metavar="FILE", help="feedback.jsonl of an index folder."),
    ],
    *,
    as_json: JsonOption = False,
) -> None:
    """Add the feedback on answers in the chat to a gold set of JSON lines."""
    from aiqa.evaluation.from_feedback import append, feedback_questions, read_feedback

    existing = load_dataset(gold, gold_format="jsonl").questions if gold.exists() else ()
    result = feedback_questions(read_feedback(feedback), existing)
    append(gold, result.questions)
    data = {"added": len(result.questions), "skipped": result.skipped}
    emit(
        data,
        lambda: evaluation_output.print_added(len(result.questions), result.skipped, gold),
        as_json=as_json,
    )
