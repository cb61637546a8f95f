"""What people see in the terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from aiqa.errors import AiqaError
from aiqa.types import (
    Failure,
    IndexCheck,
    IndexStatus,
    IngestReport,
    Omission,
)

if TYPE_CHECKING:
    from rich.progress import Progress

    from aiqa.assistant import Assistant
    from aiqa.server.tokens import ApiToken
    from aiqa.types import Progress as IngestProgress

_LISTED = 10
"""Failures, and omissions, that a report tells one by one."""

_BREAKS = {ord(one): "\N{SYMBOL FOR NEWLINE}" for one in "\n\r\u2028\u2029\t"}

_out = Console()
_err = Console(stderr=True)


def print_ingest_report(report: IngestReport) -> None:
    """What an ingest or a removal did."""
    _out.print(
        f"{report.added} added, {report.updated} updated, {report.removed} removed, "
        f"{report.unchanged} unchanged; the index holds {report.documents} documents "
        f"in {report.chunks} passages."
    )
    if report.failed or report.read:
        _out.print(_summary(report))
    _shortcomings(report.failed, report.omissions, most=_LISTED)


def print_plan(report: IngestReport) -> None:
    """What an ingest would do."""
    signs = {"added": ("+", "green"), "updated": ("~", "yellow"), "removed": ("-", "red")}
    for change in report.changes:
        sign, style = signs[change.what]
        _out.print(line(f"{sign} {change.source}", style))
    _out.print(
        f"It would add {report.added} files, update {report.updated} and remove "
        f"{report.removed}; {report.unchanged} are unchanged. Nothing was done."
    )
    _shortcomings(report.failed, report.omissions, most=_LISTED)


def print_status(state: IndexStatus) -> None:
    """What the index holds."""
    from rich.table import Table

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
        table.add_row(shown(name, "bold"), shown(value))
    sources = [Padding(line(source), (0, 0, 0, 2)) for source in state.sources]
    _out.print(Group(table, *sources))
    _shortcomings(state.failures, state.omissions)


def print_failures(state: IndexStatus) -> None:
    """What could not be read or was left out, and why."""
    if not state.failures and not state.omissions:
        _out.print("Every file was read, and nothing left out.")
    _shortcomings(state.failures, state.omissions)


def print_check(found: IndexCheck) -> None:
    """Whether the index is whole."""
    for problem in found.problems:
        _out.print(line(problem, "yellow"))
    for source in found.lost:
        _out.print(line(f"Lost: {source}", "red"))
    if found.lost:
        _out.print(
            shown(
                "`aiqa doctor --repair` deletes what is damaged, then `aiqa ingest` reads it anew. "
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
    _out.print(shown(words))


def print_lines(lines: Iterable[str]) -> None:
    """Lines after an empty one."""
    _out.print()
    for words in lines:
        _out.print(shown(words, "dim"))


def print_interrupted() -> None:
    """That Ctrl-C was heard."""
    _err.print("Interrupted. What was done is kept; run it again to go on.")


def print_serving(address: str, *, page: bool) -> None:
    """Where the chat is, or else what programs call."""
    if page:
        _out.print(f"The chat is at [bold]{address}[/bold]; Ctrl-C ends it.")
    else:
        _out.print(f"Programs can call [bold]{address}/api/v1[/bold]; Ctrl-C ends it.")


def print_token(token: str) -> None:
    """A new token, which is shown once."""
    _out.print(token, highlight=False, soft_wrap=True)
    _err.print("Keep it: it is not shown again. Send it as `Authorization: Bearer TOKEN`.")


def print_tokens(tokens: Sequence[ApiToken]) -> None:
    """The tokens of a user, a line each."""
    for token in tokens:
        until = datetime.fromtimestamp(token.expires).astimezone().date().isoformat()
        _out.print(f"{token.id}  {token.role}, until {until}  {escape(token.label)}".rstrip())
    if not tokens:
        _out.print("There are no tokens.")


def print_borrowed_confidence(assistant: Assistant) -> None:
    """Say so where confidence was fitted to another reader than the one in use."""
    if not assistant.is_calibrated:
        _err.print(
            f"[yellow]Note:[/yellow] confidence was not fitted to the reader "
            f"{escape(assistant.settings.reader)}; `aiqa calibrate GOLD` does that."
        )


def print_error(error: AiqaError) -> None:
    """A deliberate error: what happened, and what to do."""
    _err.print(shown("Error: ", "bold red") + line(error.message))
    if error.remedy:
        _err.print(line(error.remedy))


@contextmanager
def ingest_progress(*, quiet: bool) -> Iterator[Callable[[IngestProgress], None]]:
    """A bar over files; on standard error, so that output can be piped."""
    with progress_bar(quiet=quiet, counted=False) as bar:
        task, started = bar.add_task("Comparing", total=None), time.monotonic()

        def on_progress(progress: IngestProgress) -> None:
            name = line(Path(progress.source).name).plain
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
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

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
    return ", ".join(f"{count} {line(name).plain}" for name, count in counts.items())


def _summary(report: IngestReport) -> Text:
    """Return how much was read, in numbers."""
    left_out = len({omission.source for omission in report.omissions})
    words = f"{report.read} read, {len(report.failed)} not read"
    if left_out:
        words += f"; {left_out} with parts left out"
    return shown(f"{words}{'.' if report.is_complete else ':'}")


def _shortcomings(
    failures: Sequence[Failure], omissions: Sequence[Omission], most: int | None = None
) -> None:
    """Print what was not read and what was left out, ``most`` lines of each."""
    lines = [
        [f"Not read: {failure.source}: {failure.error}" for failure in failures],
        [f"Not all read: {omission.source}: {omission.what}" for omission in omissions],
    ]
    for some in lines:
        for words in some[:most]:
            _out.print(line(words, "yellow"))
    hidden = sum(max(len(some) - (most or len(some)), 0) for some in lines)
    if hidden:
        _out.print(shown(f"And {hidden} more: `aiqa status --failures` lists all.", "yellow"))


def shown(words: str, style: str = "") -> Text:
    """``words`` in a style."""
    return Text(plain(words), style=style)


def line(words: str, style: str = "") -> Text:
    """``words`` in a style, on one line: the name of a file may have line breaks."""
    return shown(words.translate(_BREAKS), style)


def plain(words: str) -> str:
    """``words`` without what could steer a terminal: documents are not to be trusted."""
    return "".join(
        c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in words
    )
