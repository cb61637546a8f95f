"""The command line."""

from aiqa.cli.main import main

__all__ = ["main"]
