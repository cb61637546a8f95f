"""What an audit log is told: who signed in or out, and who added or deleted what.

This module only says how it is told. Whoever starts the server gives it the function that records.
"""

from __future__ import annotations

import logging
from typing import Protocol

from aiqa.errors import AiqaError

log = logging.getLogger("aiqa.web")


class Audit(Protocol):
    """Records an event; it may be called from any thread."""

    def __call__(self, event: str, user: str, **details: str) -> None:
        """Record ``event`` of ``user``, with what else is known of it."""


def unrecorded(event: str, user: str, **details: str) -> None:
    """Record nothing."""


def told_if_it_fails(audit: Audit) -> Audit:
    """Return ``audit``, whose errors become warnings in the log.

    An upload is stored and a document deleted when it is recorded: on a full disk this must work.
    """

    def recorded(event: str, user: str, **details: str) -> None:
        try:
            audit(event, user, **details)
        except AiqaError as error:
            log.warning("It is not recorded: %s of %s: %s", event, user, error)

    return recorded
