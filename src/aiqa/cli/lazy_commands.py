"""Commands whose modules are imported when they are called, so that the others start faster."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

_PLACES = {
    "status": "index:status",
    "doctor": "index:doctor",
    "export": "index:export_command",
    "import": "index:import_command",
    "move": "cluster:move_command",
    "maintain": "cluster:maintain_command",
    "chat": "serve:chat",
    "serve": "serve:serve_api",
    "chat-user": "users:chat_user",
    "chat-token": "users:chat_token",
    "eval": "evaluate:app",
    "calibrate": "evaluate:calibrate_command",
    "verify": "proof:verify_command",
    "key": "proof:key_commands",
    "audit": "audit:app",
    "replay": "audit:replay_command",
    "gold": "dataset:app",
    "watch-question": "watch_question:app",
    "train": "train:app",
}
"""The module and name of each command: a function, or a ``Typer`` with commands below it."""


class LazyCommands(TyperGroup):
    """The commands of ``aiqa.cli.main``, and those of other modules."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands, in the order of the help page."""
        return [*super().list_commands(ctx), *_PLACES]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command of that name; None if there is none."""
        if cmd_name not in _PLACES:
            return super().get_command(ctx, cmd_name)
        module, _, name = _PLACES[cmd_name].partition(":")
        command = getattr(import_module(f"aiqa.cli.{module}"), name)
        if isinstance(command, typer.Typer):
            group = get_group(command)
            group.name = cmd_name
            return group
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        alone.command(cmd_name)(command)
        return get_command(alone)
