"""`aiqa chat` and `aiqa serve`: serve the documents."""

from __future__ import annotations

from functools import wraps
from pathlib import Path
from typing import Annotated, Any

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
        typer.Option(
            metavar="FILE",
            help="Only for the users in this file, or in the `database`; see chat-user.",
        ),
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
    quota_mb: Annotated[
        int, typer.Option(min=1, help="What one user may upload in all, in MB.")
    ] = 10_000,
    quota_files: Annotated[
        int, typer.Option(min=1, help="Files that one user may upload in all.")
    ] = 10_000,
    oidc: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Let users sign in by OpenID Connect, as the file says."),
    ] = None,
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
    page: Annotated[bool, typer.Option(hidden=True)] = True,
    as_json: JsonOption = False,
) -> None:
    """Serve the chat, and what programs can call, until Ctrl-C."""
    from aiqa.server import Service, serve
    from aiqa.server.actor import signed_in
    from aiqa.server.audit import unrecorded
    from aiqa.server.owners import Quota

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
        page=page,
        log_questions=log_questions,
        per_minute=per_minute,
        upload_mb=upload_mb,
        upload_characters=upload_characters,
        quota=Quota(quota_mb, quota_files),
        oidc=oidc,
        audit=log.record if log else unrecorded,
    )

    def ready(address: str) -> None:
        output.print_borrowed_confidence(assistant)
        emit({"url": address}, lambda: output.print_serving(address, page=page), as_json=as_json)

    with opened(index, min_confidence, max_risk) as assistant:
        assistant.audit = log
        serve(assistant, service, on_ready=ready)


@wraps(chat)
def serve_api(**options: Any) -> None:  # noqa: D103  # below: it would be that of ``chat``
    chat(**options | {"page": False})


serve_api.__doc__ = "Serve only what programs can call, without the chat, until Ctrl-C."
