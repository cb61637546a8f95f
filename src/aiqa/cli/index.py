"""The commands for an index as a whole: ``status``, ``doctor``, ``export`` and ``import``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from aiqa.assistant import Assistant
from aiqa.cli import output
from aiqa.cli.options import INDEX, IndexOption, JsonOption, emit
from aiqa.documents.sandbox.confinement import unavailable
from aiqa.errors import CatalogError
from aiqa.types import IndexCheck


def status(
    index: IndexOption = INDEX,
    *,
    failures: Annotated[
        bool,
        typer.Option("--failures", help="Only what could not be read or was left out, and why."),
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Also verify all stored data and measure the search.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what the index contains."""
    with Assistant.open(index) as assistant:
        state = assistant.status()
        result = assistant.check() if check else None
    data = asdict(state)
    if failures:
        data = {name: data[name] for name in ("failures", "omissions", "unread_pages")}
    if result:
        data["check"] = asdict(result)

    def for_people() -> None:
        if failures:
            output.print_failures(state)
        else:
            output.print_status(state)
        if result:
            output.print_check(result)

    emit(data, for_people, as_json=as_json)
    _exit_if_faulty(result)


def doctor(
    index: IndexOption = INDEX,
    *,
    repair: Annotated[
        bool,
        typer.Option("--repair", help="Delete what is damaged; the next ingest reads it again."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Verify the index and list what is lost, if anything, and what keeps parsers in check."""
    with Assistant.open(index) as assistant:
        result = assistant.check(repair=repair)
        is_exposed = assistant.store.is_exposed
    lacking = unavailable()

    def for_people() -> None:
        output.print_check(result)
        for measure in lacking:
            output.print_done(f"This machine lacks {measure}.")
        if is_exposed:
            output.print_done(
                f"Other users of this machine can read the documents' texts in {index}; "
                "`chmod 700` keeps them to you."
            )

    emit({**asdict(result), "lacking": lacking, "exposed": is_exposed}, for_people, as_json=as_json)
    if not repair:
        _exit_if_faulty(result)


def export_command(
    file: Annotated[Path, typer.Argument(help="The new file to write.")],
    index: IndexOption = INDEX,
) -> None:
    """Write the index to one file, as a backup or to move it."""
    with Assistant.open(index) as assistant:
        assistant.export(file)
        name = assistant.store.location.name
    output.print_done(f"The index {name} is now also in {file}.")


def import_command(
    file: Annotated[Path, typer.Argument(help="A file that `aiqa export` wrote.")],
    index: IndexOption = INDEX,
) -> None:
    """Create an index from a file that `aiqa export` wrote."""
    with Assistant.open(index) as assistant:
        assistant.import_from(file)
        state = assistant.status()
    output.print_done(f"The index {state.index} holds {state.documents} documents.")


def _exit_if_faulty(result: IndexCheck | None) -> None:
    if result and (result.lost or result.vector_index is None):
        raise typer.Exit(CatalogError.exit_code)
