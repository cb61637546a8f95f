"""What people see in the terminal of evaluations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from aiqa.cli.show import plain, progress_bar
from aiqa.ingestion import Progress

if TYPE_CHECKING:
    from aiqa.evaluation.runs import Run

_out = Console()


def headline(run: Run, folder: Path) -> None:
    """The figures of a run: where answers go wrong first, then how good they are."""
    figures = run.figures
    wrong = sum(figures.stages.values())
    stages = Table(title=f"{wrong} of {figures.n} questions went wrong, by the stage to blame")
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
    _out.print(Text(plain(f"Every question's row is in {folder / 'rows.jsonl'}.")))


@contextmanager
def progress(
    questions: int, *, quiet: bool
) -> Iterator[tuple[Callable[[Progress], None], Callable[[int], None]]]:
    """A bar over passages, if any are indexed first, and then over questions."""
    with progress_bar(quiet=quiet) as shown:
        passages = shown.add_task("Passages", total=None, visible=False)
        asked = shown.add_task("Questions", total=questions)
        yield (
            lambda now: shown.update(
                passages, completed=now.done, total=now.total, visible=now.done < now.total
            ),
            lambda done: shown.update(asked, completed=done),
        )
