"""`aiqa audit` and `aiqa replay`: whether an audit log holds, and its questions asked again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from aiqa.assistant import Assistant
from aiqa.cli import proof_output
from aiqa.cli.options import INDEX, IndexOption, JsonOption, emit
from aiqa.config import Settings
from aiqa.errors import ReceiptError
from aiqa.receipts.audit_log import AuditLog
from aiqa.receipts.replay import replay

app = typer.Typer(
    help="The audit log of `aiqa chat --audit`.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

LogArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The audit log.")]


@app.callback()
def group() -> None:
    """The audit log of `aiqa chat --audit`."""


@app.command("check")
def audit_check_command(
    file: LogArgument,
    head: Annotated[
        str | None,
        typer.Option(metavar="HASH", help="The hash of a line, as an earlier check told it."),
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Say whether no line was changed, moved, added or taken out."""
    found = AuditLog(file).check(head)
    emit(asdict(found), lambda: proof_output.print_audit_check(found), as_json=as_json)
    if found.faults:
        raise typer.Exit(ReceiptError.exit_code)


def replay_command(
    file: LogArgument,
    index: IndexOption = INDEX,
    *,
    as_json: JsonOption = False,
) -> None:
    """Ask every question of an audit log again, and say what is not answered as it was."""
    log = AuditLog(file)
    faults = log.check().faults
    with ExitStack() as stack:
        found = list(replay(log, _shared(index, stack)))
    data = {"faults": faults, "questions": [{**asdict(one), "same": one.is_same} for one in found]}
    emit(data, lambda: proof_output.print_replay(found, faults), as_json=as_json)
    if faults or not all(one.is_same for one in found):
        raise typer.Exit(ReceiptError.exit_code)


def _shared(index: str, stack: ExitStack) -> Callable[[Settings], Assistant]:
    """Return a function that opens one assistant over ``index`` for all questions with a setting.

    What it opens is closed with ``stack``.
    """
    opened: dict[Settings, Assistant] = {}

    def assistant(settings: Settings) -> Assistant:
        if settings not in opened:
            opened[settings] = stack.enter_context(Assistant.open(index, settings))
        return opened[settings]

    return assistant
