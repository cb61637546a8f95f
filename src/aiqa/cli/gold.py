"""The commands for gold sets: ``aiqa gold check`` and ``aiqa gold add``."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, help="Check gold sets, and make them of feedback.")


@app.callback()
def _gold() -> None:
    """Check gold sets, and make them of feedback."""
