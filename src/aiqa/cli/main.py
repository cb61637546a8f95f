"""The command line: the commands that ingest, remove, ask and search, and the entry point."""

from __future__ import annotations

import atexit
import gc
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from aiqa.assistant import Assistant
from aiqa.cli import answer_output, output
from aiqa.cli.lazy_commands import LazyCommands
from aiqa.cli.options import (
    INDEX,
    CollectionOption,
    ConfidenceOption,
    FormatOption,
    IndexOption,
    JsonOption,
    RiskOption,
    SourceOption,
    TitleOption,
    emit,
    opened,
)
from aiqa.cli.profile import Profile
from aiqa.cli.standing import ask_again
from aiqa.errors import AiqaError, SourceError
from aiqa.serialization import answer_dict, hit_dict
from aiqa.types import Filters, IngestReport

app = typer.Typer(
    cls=LazyCommands,
    help="Answers from your documents, in the documents' own words, with citations.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

_INTERRUPTED = 130
"""Exit code after Ctrl-C, by the convention of shells: 128 plus the signal number."""


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders with all their files.")],
    index: IndexOption = INDEX,
    include: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN", help="Ingest only files like this, e.g. '*.pdf'."),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN", help="Skip files and folders like this, e.g. 'drafts'."),
    ] = None,
    collection: Annotated[
        str | None, typer.Option(metavar="NAME", help="The collection of the files.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Read by so many workers at once, into a cluster."),
    ] = None,
    *,
    cluster: Annotated[
        bool, typer.Option("--cluster", help="The workers run on the nodes of a Ray cluster.")
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Also read files whose size and time are unchanged.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be done.")
    ] = False,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="Exit with 3 if anything was not read, or left out of what was."
        ),
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Keep following changes until Ctrl-C.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make the index match files and folders: add, update and remove what changed."""
    options: dict[str, Any] = {
        "include": include or (),
        "exclude": exclude or (),
        "collection": collection,
        "verify": verify,
    }
    with Assistant.open(index) as assistant:
        if dry_run:
            plan = assistant.ingest(*paths, **options, dry_run=True)
            _report(plan, as_json=as_json, plan=True)
            _end_if_incomplete(plan, strict=strict)
            return
        ingest_all = assistant.ingest
        if workers or cluster:
            from aiqa.cli.workers import ingest_by_workers

            ingest_all = ingest_by_workers(assistant, index, workers, on_ray=cluster)
        with output.ingest_progress(quiet=as_json) as on_progress:
            report = ingest_all(*paths, **options, on_progress=on_progress)
        _report(report, as_json=as_json)
        ask_again(assistant, quiet=as_json)
        _end_if_incomplete(report, strict=strict)
        if watch:
            from aiqa.cli.watch import follow

            for outcome in follow(assistant, paths, options):
                if isinstance(outcome, AiqaError):
                    _error(outcome, as_json=as_json)
                else:
                    _report(outcome, as_json=as_json)
                    ask_again(assistant, quiet=as_json)


@app.command("remove")
def remove_command(
    sources: Annotated[list[str], typer.Argument(help="Sources as `aiqa status` lists them.")],
    index: IndexOption = INDEX,
    *,
    as_json: JsonOption = False,
) -> None:
    """Remove documents, or all documents in a folder."""
    with Assistant.open(index) as assistant:
        report = assistant.remove(*sources)
        _report(report, as_json=as_json)
        ask_again(assistant, quiet=as_json)


@app.command()
def ask(
    question: str,
    index: IndexOption = INDEX,
    source: SourceOption = None,
    title: TitleOption = None,
    format_: FormatOption = None,
    collection: CollectionOption = None,
    min_confidence: ConfidenceOption = None,
    max_risk: RiskOption = None,
    *,
    receipt: Annotated[
        Path | None,
        typer.Option("--receipt", metavar="FILE", help="Also write a signed receipt there."),
    ] = None,
    profile: Annotated[
        bool, typer.Option("--profile", help="Also show how long each stage took.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Answer a question in the documents' own words; show candidates if unsure."""
    with opened(index, min_confidence, max_risk) as assistant:
        stages = Profile.of_loading(assistant) if profile else None
        filters = Filters.parse(source, title, format_, collection)
        answer = assistant.ask(question, filters=filters)
        if receipt:
            assistant.receipt(answer, filters=filters).write(receipt)
        output.print_borrowed_confidence(assistant)
    data = answer_dict(answer)
    if stages:
        stages.add(answer)
        data["profile"] = stages.as_dict()
    emit(data, lambda: answer_output.print_answer(answer), as_json=as_json)
    if receipt and not as_json:
        output.print_lines([f"The receipt is in {receipt}; `aiqa verify` checks it."])
    if stages and not as_json:
        output.print_lines(stages.lines())


@app.command()
def search(
    question: str,
    index: IndexOption = INDEX,
    source: SourceOption = None,
    title: TitleOption = None,
    format_: FormatOption = None,
    collection: CollectionOption = None,
    k: Annotated[int, typer.Option("--top", min=1, max=1000, help="Passages to show.")] = 10,
    *,
    as_json: JsonOption = False,
) -> None:
    """Show the passages nearest to a question."""
    with Assistant.open(index) as assistant:
        hits = assistant.search(
            question, k=k, filters=Filters.parse(source, title, format_, collection)
        )
    data = {"question": question, "hits": [hit_dict(hit) for hit in hits]}
    emit(data, lambda: answer_output.print_hits(hits), as_json=as_json)


def main() -> None:
    """Run the command line; an ``AiqaError`` is printed as a sentence and sets the exit code."""
    # A process that ends gives its memory back at once; to take the models apart before takes time.
    atexit.register(gc.freeze)
    try:
        app(prog_name="aiqa")
    except KeyboardInterrupt:
        output.print_interrupted()
        sys.exit(_INTERRUPTED)
    except AiqaError as error:
        _error(error, as_json="--json" in sys.argv)
        sys.exit(error.exit_code)


def _report(report: IngestReport, *, as_json: bool, plan: bool = False) -> None:
    show_it = output.print_plan if plan else output.print_ingest_report
    emit(asdict(report), lambda: show_it(report), as_json=as_json)


def _end_if_incomplete(report: IngestReport, *, strict: bool) -> None:
    if strict and not report.is_complete:
        raise typer.Exit(SourceError.exit_code)


def _error(error: AiqaError, *, as_json: bool) -> None:
    data = {"error": error.message, "remedy": error.remedy}
    emit(data, lambda: output.print_error(error), as_json=as_json)
