"""State of sessions in the database of a cluster: who signs out of one server has of all."""

from __future__ import annotations

import secrets
import time

from aiqa.cluster.postgres import Postgres
from aiqa.cluster.postgres_schema import prepare_tables
from aiqa.server.sessions import SESSION_SECONDS


class SharedSessions:
    """Sessions in ``database``; see ``server.sessions.Sessions``.

    Raises:
        CatalogError: the database cannot be used; from any method.
    """

    def __init__(self, database: Postgres) -> None:
        """Read the key, or make one."""
        prepare_tables(database)
        self._db = database
        database.rows(
            "INSERT INTO session_key VALUES (true, :key) ON CONFLICT DO NOTHING",
            key=secrets.token_urlsafe(32),
        )
        ((self.key,),) = database.rows("SELECT key FROM session_key")

    def is_signed_out(self, session: str) -> bool:
        """Tell whether the session with this id was ended."""
        return bool(
            self._db.rows("SELECT 1 FROM signed_out WHERE session = :session", session=session)
        )

    def sign_out(self, session: str) -> None:
        """End the session with this id."""
        now = time.time()
        self._db.rows("DELETE FROM signed_out WHERE expires <= :now", now=now)
        self._db.rows(
            "INSERT INTO signed_out VALUES (:session, :expires) ON CONFLICT DO NOTHING",
            session=session,
            expires=now + SESSION_SECONDS,
        )

    def has_ended(self, user: str, began: float) -> bool:
        """Tell whether ``user`` has ended all sessions since ``began``."""
        return bool(
            self._db.rows(
                "SELECT 1 FROM ended_sessions WHERE account = :user AND ended >= :began",
                user=user,
                began=began,
            )
        )

    def sign_out_everywhere(self, user: str) -> None:
        """End all sessions of ``user`` that have begun."""
        now = time.time()
        self._db.rows("DELETE FROM ended_sessions WHERE ended <= :past", past=now - SESSION_SECONDS)
        self._db.rows(
            "INSERT INTO ended_sessions VALUES (:user, :now) "
            "ON CONFLICT (account) DO UPDATE SET ended = excluded.ended",
            user=user,
            now=now,
        )
