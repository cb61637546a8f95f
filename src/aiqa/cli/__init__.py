"""The command line."""

from aiqa.cli.commands import main

__all__ = ["main"]
