"""Conversations in the database of a cluster, which all servers share."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from aiqa.cluster.postgres import Connection, Postgres
from aiqa.cluster.postgres_schema import prepare_tables
from aiqa.errors import CatalogError
from aiqa.server.history import (
    MOST_LISTED,
    HistoryError,
    HistoryPage,
    Kept,
    require_room,
    turn_text,
)

_MOST_WORDS = 20


class SharedHistory:
    """Conversations in ``database``; see ``server.history.Conversations``.

    Deleted rows leave the files of PostgreSQL when it vacuums them.
    """

    def __init__(self, database: Postgres) -> None:
        """Prepare the tables.

        Raises:
            CatalogError: the database cannot be used.
        """
        prepare_tables(database)
        self._db = database

    def conversations(self, user: str, text: str = "") -> list[Kept]:
        """Return the user's conversations with all words of ``text``, the newest first."""
        words = {
            f"word{number}": _stored(word)
            for number, word in enumerate(text.casefold().split()[:_MOST_WORDS])
        }
        has_word = (
            "(position(:{0} IN folded_name) > 0 OR EXISTS (SELECT 1 FROM turns "
            "WHERE turns.owner = kept.owner AND conversation = kept.id "
            "AND position(:{0} IN words) > 0))"
        )
        where = " AND ".join(["owner = :user", *(has_word.format(name) for name in words)])
        with self._explained():
            rows = self._db.rows(
                f"SELECT id, name, changed FROM conversations AS kept WHERE {where} "
                f"ORDER BY changed DESC, id LIMIT {MOST_LISTED}",
                user=user,
                **words,
            )
        return [Kept(conversation, _told(name), changed) for conversation, name, changed in rows]

    def turns(self, user: str, conversation: str, start: int | None, most: int) -> HistoryPage:
        """Return at most ``most`` turns from ``start`` on; the last ones if it is None."""
        whose = {"user": user, "conversation": conversation}
        where = "WHERE owner = :user AND conversation = :conversation"
        with self._explained():
            ((count,),) = self._db.rows(f"SELECT count(*) FROM turns {where}", **whose)
            first = max(count - most, 0) if start is None else start
            rows = self._db.rows(
                f"SELECT record FROM turns {where} ORDER BY number LIMIT :most OFFSET :first",
                most=most,
                first=first,
                **whose,
            )
        return HistoryPage([json.loads(_told(record)) for (record,) in rows], first, count)

    def add(self, user: str, conversation: str, record: Mapping[str, Any], words: str) -> None:
        """Append a turn; see ``History.add``.

        Raises:
            HistoryError: the turn is too large, or the user has no room left.
        """
        text = _stored(turn_text(record))
        name = str(record["question"])[:80]
        with self._changing() as db:
            ((used,),) = db.rows(
                "SELECT CAST(coalesce(sum(bytes), 0) AS bigint) FROM conversations "
                "WHERE owner = :user",
                user=user,
            )
            require_room(used + len(text))
            db.rows(
                "INSERT INTO conversations (owner, id, name, folded_name, changed) "
                "VALUES (:user, :id, :name, :folded, :now) ON CONFLICT DO NOTHING",
                user=user,
                id=conversation,
                name=_stored(name),
                folded=_stored(name.casefold()),
                now=time.time(),
            )
            added = db.change(
                "INSERT INTO turns (owner, conversation, id, record, words) "
                "VALUES (:user, :conversation, :id, :record, :words) ON CONFLICT DO NOTHING",
                user=user,
                conversation=conversation,
                id=record["id"],
                record=text,
                words=_stored(words.casefold()),
            )
            db.rows(
                "UPDATE conversations SET bytes = bytes + :size, changed = :now "
                "WHERE owner = :user AND id = :id",
                size=len(text) * added,
                now=time.time(),
                user=user,
                id=conversation,
            )

    def rename(self, user: str, conversation: str, name: str) -> None:
        """Give a conversation another name."""
        with self._changing() as db:
            db.rows(
                "UPDATE conversations SET name = :name, folded_name = :folded "
                "WHERE owner = :user AND id = :id",
                name=_stored(name),
                folded=_stored(name.casefold()),
                user=user,
                id=conversation,
            )

    def delete(self, user: str, conversation: str | None = None) -> None:
        """Delete a conversation, or all of the user's."""
        with self._changing() as db:
            if conversation is None:
                db.rows("DELETE FROM conversations WHERE owner = :user", user=user)
            else:
                db.rows(
                    "DELETE FROM conversations WHERE owner = :user AND id = :id",
                    user=user,
                    id=conversation,
                )

    @contextmanager
    def _changing(self) -> Iterator[Connection]:
        with self._explained(), self._db.transaction() as connection:
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except CatalogError as error:
            raise HistoryError(error.message, error.remedy) from error


def _stored(text: str) -> bytes:
    """Return ``text`` as it is stored: PostgreSQL's own texts have no zero character."""
    return text.encode("utf-8", "surrogatepass")


def _told(stored: bytes) -> str:
    return stored.decode("utf-8", "surrogatepass")
