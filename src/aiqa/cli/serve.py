"""`aiqa chat` and `aiqa chat-user`: serve the documents, and say who may use what is served."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aiqa.cli import output
from aiqa.cli.options import (
    INDEX,
    ConfidenceOption,
    IndexOption,
    JsonOption,
    RiskOption,
    emit,
    opened,
)
from aiqa.receipts.audit_log import AuditLog

UsersArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The file of users.")]


def chat(
    index: IndexOption = INDEX,
    host: Annotated[str, typer.Option(help="The address to serve on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to serve on.")] = 7860,
    name: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A name that browsers may call this machine by."),
    ] = None,
    trusted_proxy: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ADDRESS",
            help="A proxy or network whose X-Forwarded-For and -Proto are believed.",
        ),
    ] = None,
    auth: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Only for the users in this file; see chat-user."),
    ] = None,
    audit: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Record what is asked and answered; see `aiqa audit`."),
    ] = None,
    min_confidence: ConfidenceOption = None,
    max_risk: RiskOption = None,
    per_minute: Annotated[
        int, typer.Option(min=2, help="Requests that one client may make in a minute.")
    ] = 240,
    upload_mb: Annotated[
        int, typer.Option(min=1, help="Largest file that may be uploaded, in MB.")
    ] = 100,
    upload_characters: Annotated[
        int, typer.Option(min=1, help="Most text of an uploaded file, in characters.")
    ] = 20_000_000,
    *,
    without_auth: Annotated[
        bool, typer.Option("--without-auth", help="For everybody who can reach this machine.")
    ] = False,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Documents can be asked, but not added or removed.")
    ] = False,
    history: Annotated[
        bool,
        typer.Option("--history", help="Keep each user's conversations here, beside the index."),
    ] = False,
    mcp: Annotated[
        bool, typer.Option("--mcp", help="Also serve tools for MCP clients, at /mcp.")
    ] = False,
    log_questions: Annotated[
        bool, typer.Option("--log-questions", help="Write into the log what is asked.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Serve the chat until Ctrl-C."""
    from aiqa.server import Service, serve
    from aiqa.server.signed_in import signed_in

    log = AuditLog(audit, signed_in) if audit else None
    service = Service(
        host=host,
        port=port,
        names=tuple(name or ()),
        trusted_proxies=tuple(trusted_proxy or ()),
        accounts=auth,
        without_accounts=without_auth,
        read_only=read_only,
        history=history,
        mcp=mcp,
        log_questions=log_questions,
        per_minute=per_minute,
        upload_mb=upload_mb,
        upload_characters=upload_characters,
    )

    def ready(address: str) -> None:
        output.print_borrowed_confidence(assistant)
        emit({"url": address}, lambda: output.print_serving(address), as_json=as_json)

    with opened(index, min_confidence, max_risk) as assistant:
        assistant.audit = log
        serve(assistant, service, on_ready=ready)


def chat_user(
    file: UsersArgument,
    name: Annotated[str, typer.Argument(help="The user's name.")],
    index: IndexOption = INDEX,
    *,
    reader: Annotated[
        bool, typer.Option("--reader", help="A user who may add and remove no documents.")
    ] = False,
    remove: Annotated[
        bool,
        typer.Option(
            "--remove", help="Take the user out instead, with the conversations kept for the index."
        ),
    ] = False,
) -> None:
    """Add a user for `aiqa chat --auth FILE`, or reset a password."""
    from aiqa.server.history import History, history_file
    from aiqa.server.users import add_user, remove_user

    if remove:
        remove_user(file, name)
        output.print_done(f"{name} is no longer in {file}.")
        kept = history_file(index)
        if kept.is_file():
            History(kept).delete(name)
            output.print_done(f"Conversations of {name} in {kept} are deleted.")
        else:
            output.print_done(f"There is no {kept} with conversations; see --index.")
        return
    password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    add_user(file, name, password, is_reader=reader)
    output.print_done(f"{name} is in {file} now.")
