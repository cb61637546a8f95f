"""Standing questions asked again by the commands that change an index."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from aiqa.assistant import Assistant
from aiqa.cli.output import plain
from aiqa.errors import AiqaError

if TYPE_CHECKING:
    from aiqa.standing.store import Notice

_out = Console()
_err = Console(stderr=True)

_STYLES = {"kept": "", "gone": "red strike", "new": "green underline"}


def ask_again(assistant: Assistant, *, quiet: bool = False) -> None:
    """Ask the standing questions of an index that has any, and tell what changed.

    ``quiet`` leaves the terminal's part for ``aiqa watch-question check``.
    """
    from aiqa.standing.store import StandingStore

    store = StandingStore(assistant.folder)
    if not store.exists:
        return
    from aiqa.standing.check import check_standing, tell, tell_terminal

    try:
        if not check_standing(assistant):
            print_trouble("Another process changes the index; it asks the standing questions.")
        if not quiet:
            tell_terminal(store, print_notices)
        tell(store, time.sleep, print_trouble)
    except AiqaError as error:
        # The documents are in the index: what asks beside it must not end a watch or an ingest.
        print_trouble(str(error))


def print_notices(notices: Sequence[Notice]) -> None:
    """What changed, marked as it is in the feed, and in colour where the terminal has any."""
    from aiqa.standing.redline import marked, redline

    for notice in notices:
        _out.print(Text(plain(f"The answer to “{notice.question}” changed:"), style="bold"))
        line = Text("    ")
        for kind, text in redline(notice.before.text(), notice.after.text()):
            for number, part in enumerate(marked(kind, text).split("\n")):
                line.append("\n    " if number else "")
                line.append(plain(part), style=_STYLES[kind])
        _out.print(line)


def print_trouble(sentence: str) -> None:
    """What could not be done."""
    _err.print(Text(plain(sentence), style="yellow"))
