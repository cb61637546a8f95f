"""The commands ``aiqa eval``, which evaluates on a gold set, and ``aiqa calibrate``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from typer.core import TyperGroup

from aiqa.cli import evaluation_output, output
from aiqa.cli.gold_options import DatasetFormatOption, GoldArgument, SplitOption
from aiqa.cli.options import (
    INDEX,
    ConfidenceOption,
    IndexOption,
    JsonOption,
    RiskOption,
    emit,
    opened,
)
from aiqa.errors import SettingsError
from aiqa.evaluation.loaders import load_dataset
from aiqa.evaluation.systems import Mode
from aiqa.evaluation.thresholds import missed_limits, read_limits, regressions

if TYPE_CHECKING:
    from aiqa.evaluation.recalibrate import Recalibration

_out = Console()

FELL_SHORT = 9
"""Exit code of a run with figures below a threshold."""


class _GoldOrCommand(TyperGroup):
    """``aiqa eval GOLD`` is short for ``aiqa eval run GOLD``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in {*self.commands, "--help"}:
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_GoldOrCommand,
    no_args_is_help=True,
    help="Ask a gold set and measure the answers: `aiqa eval GOLD`; or compare runs.",
)


@app.command()
def run(
    gold: Annotated[Path, typer.Argument(metavar="GOLD", help="The gold set, or a BEIR folder.")],
    index: IndexOption = INDEX,
    mode: Annotated[
        Mode | None,
        typer.Option(
            help="Ask the index; a temporary index of the set's passages; or each passage alone. "
            "The default is open for sets with passages, otherwise corpus."
        ),
    ] = None,
    system: Annotated[
        str | None,
        typer.Option(
            metavar="MODULE:FUNCTION",
            help="Judge another system, by a Python function that answers or that is given the "
            "documents and returns one that does.",
        ),
    ] = None,
    gold_format: DatasetFormatOption = "auto",
    split: SplitOption = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most this many questions, evenly spaced.")
    ] = None,
    withhold: Annotated[
        float,
        typer.Option(
            min=0, max=1, help="Remove the passages of this share of the questions (open mode)."
        ),
    ] = 0.0,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the run. The default is in runs/ beside the gold set, or in the "
            "working folder if the set has passages."
        ),
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="A run to compare with; see --max-drop.")
    ] = None,
    fail_under: Annotated[
        str | None,
        typer.Option(metavar="FIGURE=VALUE,…", help="Exit with 9 if a figure is worse than this."),
    ] = None,
    max_drop: Annotated[
        str | None,
        typer.Option(
            metavar="FIGURE=CHANGE,…", help="Exit with 9 if it is worse than the baseline by more."
        ),
    ] = None,
    min_confidence: ConfidenceOption = None,
    max_risk: RiskOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Ask every question of a gold set and measure the answers."""
    from aiqa.evaluation.external_systems import external_system
    from aiqa.evaluation.report import write_report
    from aiqa.evaluation.run_store import AIQA, Run, perform
    from aiqa.evaluation.systems import open_system

    limits = read_limits(fail_under, "--fail-under") if fail_under else {}
    drops = read_limits(max_drop, "--max-drop") if max_drop else {}
    if bool(drops) != bool(baseline):
        raise SettingsError("--baseline and --max-drop go together.", "Give both or neither.")
    before = Run.load(baseline).figures.headline() if baseline else {}
    questions = load_dataset(gold, split, gold_format)
    mode = mode or ("open" if questions.passages else "corpus")
    if limit:
        questions = questions.limit(limit)
    if withhold:
        if mode != "open":
            raise SettingsError("--withhold needs the open mode.", "Add --mode open.")
        questions = questions.withhold(withhold)
    if system and mode == "reading":
        raise SettingsError("--system needs a search.", "Add --mode open, or leave --mode out.")
    parts = [questions.name, split, mode if questions.passages else None]
    parts += [system.replace(":", ".")] if system else []
    beside = Path() if questions.passages else gold.parent
    folder = out or beside / "runs" / "-".join(filter(None, parts))
    with (
        opened(index, min_confidence, max_risk) as assistant,
        evaluation_output.progress(len(questions.questions), quiet=as_json) as (
            on_passage,
            on_question,
        ),
        open_system(questions, mode, assistant, on_passage) as subject,
    ):
        asked, name = external_system(system, subject) if system else (subject, AIQA)
        if not system:
            output.print_borrowed_confidence(assistant)
        result = perform(questions, mode, withhold, asked, folder, on_question, name)
        write_report(result, folder / "report.html")
    headline = result.figures.headline()
    short = [*missed_limits(headline, limits), *regressions(headline, before, drops)]
    data = headline | ({"fell_short": short} if limits or drops else {})
    emit(data, lambda: evaluation_output.print_headline(result, folder, short), as_json=as_json)
    if short:
        raise typer.Exit(FELL_SHORT)


@app.command("compare")
def compare_command(
    a: Annotated[Path, typer.Argument(help="Folder of a run.")],
    b: Annotated[Path, typer.Argument(help="Folder of another.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Compare two runs: differences, their significance, and the questions that flipped."""
    from aiqa.evaluation.compare import compare
    from aiqa.evaluation.run_store import Run

    comparison = compare(Run.load(a), Run.load(b))
    emit(
        asdict(comparison), lambda: evaluation_output.print_comparison(comparison), as_json=as_json
    )


def calibrate_command(
    gold: GoldArgument,
    index: IndexOption = INDEX,
    gold_format: DatasetFormatOption = "auto",
    split: SplitOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Fit confidence to your documents with a gold set; it is stored in the index."""
    from aiqa.evaluation.recalibrate import calibrate

    questions = load_dataset(gold, split, gold_format)
    with (
        opened(index) as assistant,
        evaluation_output.progress(len(questions.questions), quiet=as_json) as (_, on_question),
    ):
        result = calibrate(assistant, questions, on_question)
    emit(asdict(result), lambda: _show(result), as_json=as_json)


def _show(result: Recalibration) -> None:
    _out.print(
        f"Calibrated on {result.outcomes} answers, {result.right} of them right; for "
        f"{result.held_back} the answering passages were hidden."
    )
    _out.print(
        f"The calibration error was {result.ece_before:.3f} and is now "
        f"{result.ece_after:.3f}, by cross-validation."
    )
    table = Table(title="Risk and coverage")
    for column in ("wrong at most", "min. confidence", "answerable questions answered"):
        table.add_column(column, justify="right")
    for level in result.risks:
        is_met = level.coverage > 0
        table.add_row(
            f"{level.risk:.0%}",
            f"{level.min_confidence:.2f}" if is_met else "–",
            f"{level.coverage:.0%}" if is_met else "too few questions",
        )
    _out.print(table)
