"""The command ``aiqa calibrate``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from aiqa.cli import evaluation_output
from aiqa.cli.options import INDEX, IndexOption, JsonOption, emit, opened
from aiqa.evaluation.dataset import Split
from aiqa.evaluation.loaders import GoldFormat, read_gold

if TYPE_CHECKING:
    from aiqa.evaluation.recalibrate import Recalibration

_out = Console()


def calibrate(
    gold: Annotated[Path, typer.Argument(metavar="GOLD", help="A gold set about the index.")],
    index: IndexOption = INDEX,
    gold_format: Annotated[
        GoldFormat, typer.Option("--format", help="What the gold set is; auto: by its name.")
    ] = "auto",
    split: Annotated[Split | None, typer.Option(help="Only this part of the set.")] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Fit confidence to your documents with a gold set; the index keeps it from then on."""
    from aiqa.evaluation.recalibrate import calibrate as fit

    questions = read_gold(gold, split, gold_format)
    with (
        opened(index) as assistant,
        evaluation_output.progress(len(questions.questions), quiet=as_json) as (_, on_question),
    ):
        result = fit(assistant, questions, on_question)
    emit(asdict(result), lambda: _show(result), as_json=as_json)


def _show(result: Recalibration) -> None:
    _out.print(
        f"Calibrated on {result.outcomes} answers, {result.right} of them right; for "
        f"{result.held_back} the passages that answer were held back."
    )
    _out.print(
        f"Confidence was off by {result.ece_before:.3f} on average and is now off by "
        f"{result.ece_after:.3f}, on questions not fitted on."
    )
    table = Table(title="What caution costs")
    for column in ("wrong at most", "confidence asked for", "answerable questions answered"):
        table.add_column(column, justify="right")
    for level in result.risks:
        kept = level.coverage > 0
        table.add_row(
            f"{level.risk:.0%}",
            f"{level.min_confidence:.2f}" if kept else "–",
            f"{level.coverage:.0%}" if kept else "too few questions to promise it",
        )
    _out.print(table)
