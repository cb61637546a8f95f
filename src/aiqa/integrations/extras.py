"""Errors about frameworks that are not installed."""

from __future__ import annotations

from aiqa.errors import DependencyError


def missing_framework(extra: str, error: ModuleNotFoundError) -> DependencyError:
    """Return the error that says which ``extra`` of aiqa brings what ``error`` misses."""
    return DependencyError(
        f"aiqa.integrations.{extra.replace('-', '_')} needs {error.name}, which is not installed.",
        f"Run `pip install 'aiqa[{extra}]'`.",
    )
