"""What people see in the terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.markup import escape
from rich.padding import Padding
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from aiqa.answers.calibration import in_percent
from aiqa.errors import AiqaError
from aiqa.types import (
    Answer,
    Citation,
    Failure,
    IndexCheck,
    IndexStatus,
    IngestReport,
    ScoredChunk,
    Statement,
)

if TYPE_CHECKING:
    from aiqa.assistant import Assistant
    from aiqa.ingestion.pipeline import Progress as IngestProgress

_out = Console()
_err = Console(stderr=True)


def print_answer(answer: Answer) -> None:
    """The answer with its sources, or the abstention with what came nearest."""
    if answer.text is None:
        _out.print(Text("The documents don't say.", style="bold yellow"))
        _out.print(_text(answer.reason or ""))
        _others("Nearest passages", answer.alternatives)
        return
    _out.print(_text(answer.text, "bold"))
    _out.print(_text(f"confidence {in_percent(answer.confidence)}", "green"))
    _out.print()
    for number, citation in enumerate(answer.citations, 1):
        _out.print(_text(f"[{number}] {_place(citation)}", "cyan"))
        if citation.sentence != citation.quote:
            _out.print(Padding(_text(citation.sentence), (0, 0, 0, 4)))
    _others("Also possible", answer.alternatives)


def print_hits(hits: Sequence[ScoredChunk]) -> None:
    """Retrieved passages, best first."""
    for number, hit in enumerate(hits, 1):
        chunk = hit.chunk
        place = ", ".join(part for part in (chunk.title, chunk.locator, chunk.source) if part)
        _out.print(_text(f"[{number}] {hit.score:.3f}  {place}", "cyan"))
        _out.print(Padding(_text(hit.chunk.text), (0, 0, 1, 4)))


def print_ingest_report(report: IngestReport) -> None:
    """What an ingest or a removal did."""
    _out.print(
        f"{report.added} added, {report.updated} updated, {report.removed} removed, "
        f"{report.unchanged} unchanged; the index holds {report.documents} documents "
        f"in {report.chunks} passages."
    )
    _failures(report.failed)


def print_plan(report: IngestReport) -> None:
    """What an ingest would do."""
    signs = {"added": ("+", "green"), "updated": ("~", "yellow"), "removed": ("-", "red")}
    for change in report.changes:
        sign, style = signs[change.what]
        _out.print(_text(f"{sign} {change.source}", style))
    _out.print(
        f"It would add {report.added} files, update {report.updated} and remove "
        f"{report.removed}; {report.unchanged} are unchanged. Nothing was done."
    )
    _failures(report.failed)


def print_status(state: IndexStatus) -> None:
    """What the index holds."""
    table = Table.grid(padding=(0, 2))
    sizes = ", ".join(
        f"{name} {size / 1e6:.1f} MB" for name, size in state.bytes_on_disk.items() if size
    )
    rows = [
        ("Index", f"{state.index} (generation {state.generation})"),
        ("Documents", f"{state.documents} ({_counts(state.formats)})"),
        ("Collections", _counts(state.collections)),
        ("Passages", f"{state.chunks}, about {state.chunk_tokens} tokens each"),
        ("Embedder", state.embedder),
        ("On disk", sizes),
    ]
    if state.last_run:
        numbers = ("added", "updated", "removed", "unchanged", "failed")
        did = ", ".join(f"{state.last_run[name]} {name}" for name in numbers)
        run = f"{state.last_run['started']}, {state.last_run['seconds']} s: {did}"
        rows.append(("Last run", run))
    for name, value in rows:
        table.add_row(_text(name, "bold"), _text(value))
    sources = [Padding(_text(source), (0, 0, 0, 2)) for source in state.sources]
    _out.print(Group(table, *sources))
    _shortcomings(state)


def print_failures(state: IndexStatus) -> None:
    """What could not be read, and why."""
    if not state.failures and not state.unread_pages:
        _out.print("Every file was read.")
    _shortcomings(state)


def print_check(found: IndexCheck) -> None:
    """Whether the index is whole."""
    for problem in found.problems:
        _out.print(_text(problem, "yellow"))
    for source in found.lost:
        _out.print(_text(f"Lost: {source}", "red"))
    if found.lost:
        _out.print(
            _text(
                "`aiqa doctor --mend` forgets what is damaged, then `aiqa ingest` reads it again. "
                "If that fails, delete the index folder and ingest the documents anew."
            )
        )
    elif not found.problems:
        _out.print("The index is whole: all texts and vectors are as they were stored.")
    if found.recall is not None:
        _out.print(
            f"Vector search ({found.vector_index}) finds {found.recall:.1%} of the "
            f"{found.recall_at} nearest passages, over {found.recall_questions} questions at most."
        )


def print_done(words: str) -> None:
    """That something was done."""
    _out.print(_text(words))


def print_interrupted() -> None:
    """That Ctrl-C was heard."""
    _err.print("Interrupted. What was done is kept; run it again to go on.")


def print_serving(address: str) -> None:
    """Where the chat is."""
    _out.print(f"The chat is at [bold]{address}[/bold]; Ctrl-C ends it.")


def print_borrowed_confidence(assistant: Assistant) -> None:
    """Say so where confidence was fitted to another reader than the one in use."""
    if not assistant.is_calibrated:
        _err.print(
            f"[yellow]Note:[/yellow] confidence was not fitted to the reader "
            f"{escape(assistant.settings.reader)}; `aiqa calibrate GOLD` does that."
        )


def print_error(error: AiqaError) -> None:
    """A deliberate error: what happened, and what to do."""
    _err.print(_text("Error: ", "bold red") + _text(error.message))
    if error.remedy:
        _err.print(_text(error.remedy))


@contextmanager
def ingest_progress(*, quiet: bool) -> Iterator[Callable[[IngestProgress], None]]:
    """A bar over files; on standard error, so that output can be piped."""
    with progress_bar(quiet=quiet, counted=False) as bar:
        task, started = bar.add_task("Comparing", total=None), time.monotonic()

        def on_progress(progress: IngestProgress) -> None:
            name = plain(Path(progress.source).name)
            seconds = time.monotonic() - started
            bar.update(
                task,
                completed=progress.bytes_done,
                total=progress.bytes_total or 1,
                description=f"{progress.done}/{progress.total} files, "
                f"{progress.chunks / seconds:.0f} passages/s  {name}",
            )

        yield on_progress


def progress_bar(*, quiet: bool, counted: bool = True) -> Progress:
    """A bar with the time left; ``counted`` also shows the numbers that it stands for."""
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn() if counted else TaskProgressColumn(),
        TimeRemainingColumn(),
        console=_err,
        transient=True,
        disable=quiet,
    )


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {plain(name)}" for name, count in counts.items())


def _shortcomings(state: IndexStatus) -> None:
    _failures(state.failures)
    for source, pages in state.unread_pages.items():
        numbers = ", ".join(map(str, pages))
        _out.print(
            _text(f"Not all read: {source}: no text on p. {numbers}, probably scanned", "yellow")
        )


def _failures(failures: Sequence[Failure]) -> None:
    for failure in failures:
        _out.print(_text(f"Not read: {failure.source}: {failure.error}", "yellow"))


def _others(heading: str, alternatives: Sequence[Statement]) -> None:
    if alternatives:
        _out.print()
        _out.print(Text(f"{heading}:", style="dim"))
    for alternative in alternatives:
        _out.print(_text(f"  {alternative.confidence:4.0%}  {alternative.text}", "dim"))
        _out.print(_text(f"        {_place(alternative.citations[0])}", "dim cyan"))


def _place(citation: Citation) -> str:
    inside = f", {citation.locator}" if citation.locator else ""
    return f"{citation.title}{inside} ({citation.source})"


def _text(words: str, style: str = "") -> Text:
    return Text(plain(words), style=style)


def plain(words: str) -> str:
    """``words`` without what could steer a terminal: documents are not to be trusted."""
    return "".join(
        c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in words
    )
