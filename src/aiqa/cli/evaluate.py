"""The commands ``aiqa eval``, to ask a gold set and compare runs, and ``aiqa calibrate``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from typer.core import TyperGroup

from aiqa.cli import evaluation_output, output
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
from aiqa.evaluation.dataset import Split
from aiqa.evaluation.loaders import DatasetFormat, load_dataset
from aiqa.evaluation.systems import Mode
from aiqa.evaluation.thresholds import below, dropped, read_limits

FELL_SHORT = 9
"""Exit code of a run whose figures are worse than they may be."""


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
            help="Ask the index; a temporary one of the set's passages; or each passage by itself. "
            "Unless given, sets that bring passages along are asked openly."
        ),
    ] = None,
    gold_format: Annotated[
        DatasetFormat, typer.Option("--format", help="What the gold set is; auto: by its name.")
    ] = "auto",
    split: Annotated[Split | None, typer.Option(help="Only this part of the set.")] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most this many questions, evenly chosen.")
    ] = None,
    withhold: Annotated[
        float,
        typer.Option(
            min=0, max=1, help="Leave out the passages of this share of the questions (open mode)."
        ),
    ] = 0.0,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the run; by default in runs/, beside the gold set or, if that brings "
            "passages along, here."
        ),
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="A run to hold this one against; see --max-drop.")
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
    """Ask every question of a gold set and tell how the answers did."""
    from aiqa.evaluation.report import write_report
    from aiqa.evaluation.run_store import Run, perform
    from aiqa.evaluation.systems import open_system

    limits = read_limits(fail_under, "--fail-under") if fail_under else {}
    drops = read_limits(max_drop, "--max-drop") if max_drop else {}
    if bool(drops) != bool(baseline):
        raise SettingsError("--baseline and --max-drop go together.", "Give both or neither.")
    before = Run.load(baseline).figures.headline() if baseline else {}
    questions = load_dataset(gold, split, gold_format)
    chosen = mode or ("open" if questions.passages else "corpus")
    if limit:
        questions = questions.limit(limit)
    if withhold:
        if chosen != "open":
            raise SettingsError("--withhold is for questions asked openly.", "Add --mode open.")
        questions = questions.withhold(withhold)
    parts = [questions.name, split, chosen if questions.passages else None]
    beside = Path() if questions.passages else gold.parent
    folder = out or beside / "runs" / "-".join(filter(None, parts))
    with (
        opened(index, min_confidence, max_risk) as assistant,
        evaluation_output.progress(len(questions.questions), quiet=as_json) as (
            on_passage,
            on_question,
        ),
        open_system(questions, chosen, assistant, on_passage) as subject,
    ):
        output.print_borrowed_confidence(assistant)
        done = perform(questions, chosen, withhold, subject, folder, on_question)
        write_report(done, folder / "report.html")
    headline = done.figures.headline()
    short = [*below(headline, limits), *dropped(headline, before, drops)]
    data = headline | ({"fell_short": short} if limits or drops else {})
    emit(data, lambda: evaluation_output.print_headline(done, folder, short), as_json=as_json)
    if short:
        raise typer.Exit(FELL_SHORT)


@app.command("compare")
def compare_command(
    a: Annotated[Path, typer.Argument(help="Folder of a run.")],
    b: Annotated[Path, typer.Argument(help="Folder of another.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Tell what differs between two runs, whether it is chance, and which questions flipped."""
    from aiqa.evaluation.compare import compare
    from aiqa.evaluation.run_store import Run

    found = compare(Run.load(a), Run.load(b))
    emit(asdict(found), lambda: evaluation_output.print_comparison(found), as_json=as_json)


if TYPE_CHECKING:
    from aiqa.evaluation.recalibrate import Recalibration

_out = Console()


def calibrate_command(
    gold: Annotated[Path, typer.Argument(metavar="GOLD", help="A gold set about the index.")],
    index: IndexOption = INDEX,
    gold_format: Annotated[
        DatasetFormat, typer.Option("--format", help="What the gold set is; auto: by its name.")
    ] = "auto",
    split: Annotated[Split | None, typer.Option(help="Only this part of the set.")] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Fit confidence to your documents with a gold set; the index keeps it from then on."""
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
