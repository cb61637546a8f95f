"""State of sessions across restarts: the key of their cookies, and those signed out.

Sessions themselves are signed cookies (see ``starlette.middleware.sessions``) that the server does
not keep. A cookie that was signed out must not be valid again, so its id is kept until it expires,
and so is the time at which a user ended all sessions.
Deleting the file and restarting ends all sessions.
"""

from __future__ import annotations

import logging
import secrets
import time
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ValidationError

from aiqa.errors import SettingsError
from aiqa.server.private_file import locked, write_private

SESSION_SECONDS = 12 * 3600

log = logging.getLogger("aiqa.web")


class _Stored(BaseModel):
    key: str
    signed_out: dict[str, float] = {}
    ended_at: dict[str, float] = {}
    """The time at which a user ended all sessions."""


class Sessions(Protocol):
    """What is known of sessions beside their cookies."""

    @property
    def key(self) -> str:
        """The secret that cookies are signed with."""
        ...

    def is_signed_out(self, session: str) -> bool:
        """Tell whether the session with this id was ended."""
        ...

    def sign_out(self, session: str) -> None:
        """End the session with this id."""
        ...

    def has_ended(self, user: str, began: float) -> bool:
        """Tell whether ``user`` has ended all sessions since ``began``."""
        ...

    def sign_out_everywhere(self, user: str) -> None:
        """End all sessions of ``user`` that have begun."""
        ...


class SessionStore:
    """The file at ``path``, readable by its owner only; made if it is missing."""

    def __init__(self, path: Path) -> None:
        """Read or make the file.

        Raises:
            SettingsError: it cannot be read or written, or is damaged.
        """
        self._path = path
        self._stored = self._update()

    @property
    def key(self) -> str:
        """The secret that cookies are signed with."""
        return self._stored.key

    def is_signed_out(self, session: str) -> bool:
        """Tell whether the session with this id was ended."""
        return session in self._stored.signed_out

    def sign_out(self, session: str) -> None:
        """End the session with this id."""
        if self.is_signed_out(session):
            return
        self._stored.signed_out[session] = time.time() + SESSION_SECONDS
        self._keep()

    def has_ended(self, user: str, began: float) -> bool:
        """Tell whether ``user`` has ended all sessions since ``began``."""
        return began <= self._stored.ended_at.get(user, 0)

    def sign_out_everywhere(self, user: str) -> None:
        """End all sessions of ``user`` that have begun."""
        self._stored.ended_at[user] = time.time()
        self._keep()

    def _keep(self) -> None:
        try:
            self._stored = self._update(self._stored)
        except SettingsError as error:
            log.warning("Sessions are signed out until the next start only: %s", error)

    def _update(self, known: _Stored | None = None) -> _Stored:
        try:
            with locked(self._path):
                stored = self._read() or _Stored(key=secrets.token_urlsafe(32))
                now = time.time()
                if known:
                    stored.signed_out |= known.signed_out
                    stored.ended_at |= known.ended_at
                stored.signed_out = {k: end for k, end in stored.signed_out.items() if end > now}
                stored.ended_at = {
                    user: end
                    for user, end in stored.ended_at.items()
                    if end > now - SESSION_SECONDS
                }
                write_private(self._path, stored.model_dump_json())
        except OSError as error:
            raise SettingsError(
                f"The key of sessions cannot be kept in {self._path}: {error.strerror}.",
                "Move the users' file to a folder that the server may write to.",
            ) from error
        return stored

    def _read(self) -> _Stored | None:
        if not self._path.exists():
            return None
        try:
            return _Stored.model_validate_json(self._path.read_bytes())
        except ValidationError as error:
            raise SettingsError(
                f"{self._path} is damaged.", "Delete it; everybody has to sign in again then."
            ) from error
