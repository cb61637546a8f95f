"""What people see in the terminal of evaluations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from aiqa.cli.output import plain, progress_bar
from aiqa.types import Progress

if TYPE_CHECKING:
    from aiqa.evaluation.compare import Comparison
    from aiqa.evaluation.run_store import Run
    from aiqa.evaluation.validation import Finding

_out = Console()

_SIGNIFICANT = 0.05


def print_headline(run: Run, folder: Path, short: Sequence[str] = ()) -> None:
    """The figures of a run: where answers go wrong first, then how good they are.

    ``short`` are sentences about figures that fell short.
    """
    figures = run.figures
    wrong = sum(figures.stages.values())
    stages = Table(title=f"{wrong} of {figures.n} questions went wrong, by the stage that failed")
    stages.add_column("stage")
    stages.add_column("questions", justify="right")
    for stage, count in figures.stages.items():
        stages.add_row(stage, str(count))
    table = Table(title=f"{figures.n} questions, {figures.answerable} of them answerable")
    for column in ("figure", "value", "95 % interval"):
        table.add_column(column, justify="left" if column == "figure" else "right")
    for name, value in figures.values.items():
        if value is not None:
            low, high = figures.intervals[name]
            table.add_row(name, f"{value:.3f}", f"{low:.3f} – {high:.3f}")
    for part, points in figures.latency_ms.items():
        table.add_row(f"{part}, median", f"{points['p50']:.0f} ms", "")
        table.add_row(f"{part}, 95th percentile", f"{points['p95']:.0f} ms", "")
    _out.print(stages, table)
    _out.print(Text(plain(f"The report is {folder / 'report.html'}.")))
    for sentence in short:
        _out.print(Text(sentence, style="bold red"))


def print_comparison(result: Comparison) -> None:
    """What differs between two runs, and the questions that flipped."""
    names = [name.partition(" ")[0] for name in result.systems]
    if len(set(names)) > 1:
        _out.print(Text(plain(f"a is {names[0]}, b is {names[1]}.")))
    table = Table(title=f"{result.questions} questions in both runs")
    for column in ("figure", "a", "b", "change", "95 % interval", "p"):
        table.add_column(column, justify="left" if column == "figure" else "right")
    for name, d in result.differences.items():
        low, high = d.interval
        style = "bold" if d.p < _SIGNIFICANT else ""
        table.add_row(
            *(name, f"{d.a:.3f}", f"{d.b:.3f}", f"{d.change:+.3f}"),
            *(f"{low:+.3f} – {high:+.3f}", f"{d.p:.3f}"),
            style=style,
        )
    _out.print(table)
    for flip in result.flips:
        better = flip.got == "better"
        _out.print(
            Text(plain(f"{'+' if better else '-'} {flip.question}"), "green" if better else "red")
        )
        for name, words in (("gold", " | ".join(flip.gold)), ("a", flip.a), ("b", flip.b)):
            _out.print(Text(plain(f"    {name:4}  {words or 'no answer'}"), style="dim"))
    if result.only_a or result.only_b:
        _out.print(f"{result.only_a} questions are only in a, {result.only_b} only in b.")


def print_findings(result: Sequence[Finding], questions: int) -> None:
    """What is wrong with a gold set."""
    for finding in result:
        _out.print(Text(plain(f"{finding.id}: {finding.kind}: {finding.problem}"), style="yellow"))
    if not result:
        _out.print(f"All {questions} questions are sound.")


def print_added(count: int, skipped: Mapping[str, int], gold: Path) -> None:
    """What became of feedback."""
    _out.print(Text(plain(f"{count} questions were added to {gold}.")))
    for reason, number in skipped.items():
        _out.print(f"{number} skipped: {reason}.")


@contextmanager
def progress(
    questions: int, *, quiet: bool
) -> Iterator[tuple[Callable[[Progress], None], Callable[[int], None]]]:
    """A bar over passages, if any are indexed first, and then over questions."""
    with progress_bar(quiet=quiet) as shown:
        passages = shown.add_task("Passages", total=None, visible=False)
        questions_bar = shown.add_task("Questions", total=questions)
        yield (
            lambda now: shown.update(
                passages, completed=now.done, total=now.total, visible=now.done < now.total
            ),
            lambda done: shown.update(questions_bar, completed=done),
        )
