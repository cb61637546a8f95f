"""The commands: each parses, calls the assistant, and prints the result by ``output``."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from aiqa.assistant import Assistant
from aiqa.cli import answer_output, dataset, evaluate, output, serve, train
from aiqa.cli.options import (
    INDEX,
    ConfidenceOption,
    IndexOption,
    JsonOption,
    RiskOption,
    emit,
    opened,
)
from aiqa.cli.watch import follow
from aiqa.errors import AiqaError, CatalogError, SourceError
from aiqa.serialization import answer_dict, hit_dict
from aiqa.types import Filters, Format, IndexCheck, IngestReport

app = typer.Typer(
    help="Answers from your documents, in the documents' own words, with citations.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(train.app, name="train")
app.add_typer(evaluate.app, name="eval")
app.add_typer(dataset.app, name="gold")
app.command("calibrate")(evaluate.calibrate_command)
app.command()(serve.chat)
app.command()(serve.chat_user)

SourceOption = Annotated[
    list[str] | None,
    typer.Option("--source", metavar="PATTERN", help="Only sources like this, e.g. 'docs/a*'."),
]
TitleOption = Annotated[
    str | None, typer.Option("--title", help="Only documents with this in their title.")
]
FormatOption = Annotated[
    list[str] | None,
    typer.Option(
        "--format", metavar="|".join(get_args(Format)), help="Only documents of this format."
    ),
]
CollectionOption = Annotated[
    list[str] | None,
    typer.Option("--collection", metavar="NAME", help="Only documents of this collection."),
]
_INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it: 128 and the number of the signal."""


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders to match as a whole.")],
    index: IndexOption = INDEX,
    include: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN", help="Only such files of a folder, e.g. '*.pdf'."),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN", help="No such files or folders, e.g. 'drafts'."),
    ] = None,
    collection: Annotated[
        str | None, typer.Option(metavar="NAME", help="The collection that the files belong to.")
    ] = None,
    *,
    verify: Annotated[
        bool, typer.Option("--verify", help="Look into files that seem not to have changed.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would be done.")
    ] = False,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="Exit with 3 if anything was not read, or left out of what was."
        ),
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on following changes, until Ctrl-C.")
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
        with output.ingest_progress(quiet=as_json) as on_progress:
            report = assistant.ingest(*paths, **options, on_progress=on_progress)
        _report(report, as_json=as_json)
        _end_if_incomplete(report, strict=strict)
        if watch:
            for outcome in follow(assistant, paths, options):
                if isinstance(outcome, AiqaError):
                    _error(outcome, as_json=as_json)
                else:
                    _report(outcome, as_json=as_json)


@app.command("remove")
def remove_command(
    sources: Annotated[list[str], typer.Argument(help="Sources as `aiqa status` lists them.")],
    index: IndexOption = INDEX,
    *,
    as_json: JsonOption = False,
) -> None:
    """Forget documents, or all documents in a folder."""
    with Assistant.open(index) as assistant:
        report = assistant.remove(*sources)
    _report(report, as_json=as_json)


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
    as_json: JsonOption = False,
) -> None:
    """Answer a question in the documents' own words, or say what may answer, or that none does."""
    with opened(index, min_confidence, max_risk) as assistant:
        answer = assistant.ask(question, filters=Filters.parse(source, title, format_, collection))
        output.print_borrowed_confidence(assistant)
    emit(answer_dict(answer), lambda: answer_output.print_answer(answer), as_json=as_json)


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


@app.command()
def status(
    index: IndexOption = INDEX,
    *,
    failures: Annotated[
        bool,
        typer.Option("--failures", help="Only what could not be read or was left out, and why."),
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Also read everything again and measure the search.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Tell what the index holds."""
    with Assistant.open(index) as assistant:
        state = assistant.status()
        found = assistant.check() if check else None
    data = asdict(state)
    if failures:
        data = {name: data[name] for name in ("failures", "omissions", "unread_pages")}
    if found:
        data["check"] = asdict(found)

    def for_people() -> None:
        if failures:
            output.print_failures(state)
        else:
            output.print_status(state)
        if found:
            output.print_check(found)

    emit(data, for_people, as_json=as_json)
    _end_if_faulty(found)


@app.command()
def doctor(
    index: IndexOption = INDEX,
    *,
    mend: Annotated[
        bool,
        typer.Option("--mend", help="Forget what is damaged; the next ingest reads it again."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Examine the index and tell what is lost, if anything is."""
    with Assistant.open(index) as assistant:
        found = assistant.check(mend=mend)
    emit(asdict(found), lambda: output.print_check(found), as_json=as_json)
    if not mend:
        _end_if_faulty(found)


@app.command("export")
def export_command(
    file: Annotated[Path, typer.Argument(help="The new file to write.")],
    index: IndexOption = INDEX,
) -> None:
    """Write the index to one file, to be kept or taken elsewhere."""
    with Assistant.open(index) as assistant:
        assistant.export(file)
    output.print_done(f"The index {index} is now also in {file}.")


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="A file that `aiqa export` wrote.")],
    index: IndexOption = INDEX,
) -> None:
    """Make an index of an exported one."""
    with Assistant.open(index) as assistant:
        assistant.bring_in(file)
        state = assistant.status()
    output.print_done(f"The index {index} holds {state.documents} documents.")


def main() -> None:
    """Run the command line; deliberate errors are told in a sentence and set the exit code."""
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


def _end_if_faulty(found: IndexCheck | None) -> None:
    if found and (found.lost or found.vector_index is None):
        raise typer.Exit(CatalogError.exit_code)
