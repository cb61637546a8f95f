"""What an audit log is told: who signed in or out, and who added or deleted what.

This module only says how it is told. Whoever starts the server gives it the function that records.
"""

from __future__ import annotations

from typing import Protocol


class Audit(Protocol):
    """Records an event; it may be called from any thread."""

    def __call__(self, event: str, user: str, **details: str) -> None:
        """Record ``event`` of ``user``, with what else is known of it."""


def unrecorded(event: str, user: str, **details: str) -> None:
    """Record nothing."""
