"""The commands ``aiqa watch-question``: questions that are asked again when documents change."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from aiqa.assistant import Assistant
from aiqa.cli.options import INDEX, IndexOption, JsonOption, emit
from aiqa.cli.output import plain
from aiqa.cli.standing import print_notices, print_trouble
from aiqa.errors import SettingsError
from aiqa.standing.store import Channel, Notice, StandingQuestion, StandingStore

_out = Console()

app = typer.Typer(
    no_args_is_help=True,
    help="Keep questions that are asked again after each ingest; be told when an answer changes.",
)


@app.command("add")
def add_watched(question: str, index: IndexOption = INDEX, *, as_json: JsonOption = False) -> None:
    """Ask a question now and again whenever the documents change."""
    from aiqa.standing.check import stand

    with Assistant.open(index) as assistant:
        kept = stand(assistant, question)
    emit(_fields(kept), lambda: _show(kept), as_json=as_json)


@app.command("list")
def list_command(index: IndexOption = INDEX, *, as_json: JsonOption = False) -> None:
    """Show the standing questions with their last answers, and where changes are told."""
    store = _store(index)
    questions, channels, errors = store.questions(), store.channels(), store.errors()

    def show() -> None:
        for question in questions:
            _show(question)
        for channel in channels:
            _say(f"Changes are told to the {channel.name} {channel.target}.")
        for name, error in errors:
            print_trouble(f"The {name} has not been told yet: {error}")
        if not questions:
            _say("There are no standing questions.")

    data = {
        "questions": [_fields(question) for question in questions],
        "channels": [asdict(channel) for channel in channels],
        "errors": [{"channel": name, "error": error} for name, error in errors],
    }
    emit(data, show, as_json=as_json)


@app.command("remove")
def remove_watched(
    number: Annotated[int, typer.Argument(help="Its number, as `list` shows it.")],
    index: IndexOption = INDEX,
    *,
    as_json: JsonOption = False,
) -> None:
    """Forget a standing question."""
    gone = _store(index).remove(number)
    emit(_fields(gone), lambda: _say(f"“{gone.text}” is not asked again."), as_json=as_json)


@app.command("check")
def check_watched(index: IndexOption = INDEX, *, as_json: JsonOption = False) -> None:
    """Ask them now, if the documents have changed, and tell what no terminal was told yet."""
    from aiqa.standing import check as standing
    from aiqa.standing.webhook import payload

    store = _store(index)
    with Assistant.open(index) as assistant:
        is_asked = standing.check_standing(assistant)

    def show(notices: Sequence[Notice]) -> None:
        data = {"asked": is_asked, "changed": [payload(one) for one in notices]}
        emit(data, lambda: print_notices(notices), as_json=as_json)

    standing.tell_terminal(store, show)
    if not is_asked:
        print_trouble("Another process changes the index; ask again when it is done.")
    standing.tell(store, time.sleep, print_trouble)


@app.command("tell")
def tell_watched(
    feed: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write changes to this Atom feed.")
    ] = None,
    webhook: Annotated[
        str | None, typer.Option(metavar="URL", help="Post changes to this address of yours.")
    ] = None,
    index: IndexOption = INDEX,
    *,
    own_network: Annotated[
        bool,
        typer.Option(
            "--own-network", help="The address is on this machine or in your private network."
        ),
    ] = False,
    off: Annotated[
        bool, typer.Option("--off", help="Tell nobody but the terminal any more.")
    ] = False,
) -> None:
    """Say where changes are told, beside the terminal."""
    from aiqa.standing.check import set_channel

    store = _store(index)
    if not (feed or webhook or off):
        raise SettingsError("It is not said where.", "Give --feed FILE, --webhook URL or --off.")
    if off:
        store.drop_channel("feed")
        store.drop_channel("webhook")
    if feed:
        set_channel(store, Channel("feed", str(feed.absolute())))
    if webhook:
        set_channel(store, Channel("webhook", webhook, own_network))
    told = [f"the {one.name} {one.target}" for one in store.channels()]
    _say(f"Changes are told to the terminal{''.join(f' and {one}' for one in told)}.")


def _store(index: str) -> StandingStore:
    """Return the standing questions of an index that there is."""
    with Assistant.open(index) as assistant:
        assistant.status()
    return StandingStore(assistant.folder)


def _show(question: StandingQuestion) -> None:
    _out.print(Text(plain(f"{question.number}. {question.text}"), style="bold"))
    for line in question.answer.text().split("\n"):
        _out.print(Text(plain(f"    {line}")))


def _say(sentence: str) -> None:
    _out.print(Text(plain(sentence)))


def _fields(question: StandingQuestion) -> dict[str, Any]:
    fields = asdict(question)
    del fields["stamp"]
    return fields
