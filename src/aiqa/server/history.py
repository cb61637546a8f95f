"""Conversations kept on the server: one SQLite file, in which each user finds only their own."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from aiqa.document_store import beside_index
from aiqa.errors import AiqaError, SettingsError

_VERSION = 1
_SCHEMA = """
CREATE TABLE conversations (
    user TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL,
    changed REAL NOT NULL, bytes INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (user, id)
) WITHOUT ROWID;
CREATE TABLE turns (
    number INTEGER PRIMARY KEY,
    user TEXT NOT NULL, conversation TEXT NOT NULL, id TEXT NOT NULL,
    record TEXT NOT NULL, words TEXT NOT NULL,
    UNIQUE (user, conversation, id),
    FOREIGN KEY (user, conversation) REFERENCES conversations ON DELETE CASCADE
);
CREATE INDEX turns_in_order ON turns (user, conversation, number);
"""
_BUSY_SECONDS = 5
_MOST_TURN_BYTES = 512_000
_MOST_USER_BYTES = 200_000_000
_MOST_FILE_BYTES = 20_000_000_000
MOST_LISTED = 1000


def history_file(folder: Path) -> Path:
    """Return the file of the users' conversations: beside the index ``folder``, no part of it."""
    return beside_index(folder, "history.sqlite")


class HistoryError(AiqaError):
    """A conversation cannot be kept or read."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A conversation in the list; ``changed`` is the time of its last turn in seconds."""

    id: str
    name: str
    changed: float


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Turns ``start`` to ``start + len(records)`` of a conversation that has ``count``."""

    records: Sequence[Mapping[str, Any]]
    start: int
    count: int


class Conversations(Protocol):
    """Where conversations are kept; every method is about those of its first argument, a user."""

    def conversations(self, user: str, text: str = "") -> list[Kept]:
        """Return the user's conversations with all words of ``text``, the newest first."""
        ...

    def turns(self, user: str, conversation: str, start: int | None, most: int) -> HistoryPage:
        """Return at most ``most`` turns from ``start`` on; the last ones if it is None."""
        ...

    def add(self, user: str, conversation: str, record: Mapping[str, Any], words: str) -> None:
        """Append a turn, in a new conversation if there is none with that id.

        Raises:
            HistoryError: the turn is too large, or the user has no room left.
        """
        ...

    def rename(self, user: str, conversation: str, name: str) -> None:
        """Give a conversation another name."""
        ...

    def delete(self, user: str, conversation: str | None = None) -> None:
        """Delete a conversation, or all of the user's."""
        ...


def turn_text(record: Mapping[str, Any]) -> str:
    """Return a turn as JSON.

    Raises:
        HistoryError: it is too large.
    """
    text = json.dumps(record, ensure_ascii=False)
    if len(text.encode("utf-8", "surrogatepass")) > _MOST_TURN_BYTES:
        raise HistoryError("This answer is too large to be kept.")
    return text


def require_room(size: int) -> None:
    """Raise ``HistoryError`` if a user's conversations of ``size`` bytes are too many."""
    if size > _MOST_USER_BYTES:
        raise HistoryError("There is no room left.", "Delete conversations.")


class History:
    """The file at ``path``, readable by its owner only; several threads and processes may use it.

    Every method takes the user first, and reads and changes that user's rows only.
    """

    def __init__(self, path: Path) -> None:
        """Open or create the file.

        Raises:
            SettingsError: it cannot be used, or is of another version.
        """
        self._path = path
        try:
            # SQLite gives its other files the permissions of this one.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            path.chmod(0o600)
            with self._connection() as db:
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("BEGIN IMMEDIATE")
                (version,) = db.execute("PRAGMA user_version").fetchone()
                if version == 0:
                    for statement in _SCHEMA.split(";\n"):
                        db.execute(statement)
                    db.execute(f"PRAGMA user_version = {_VERSION}")
                db.execute("COMMIT")
        except (OSError, HistoryError) as error:
            raise SettingsError(
                f"Conversations cannot be kept in {path}: {error}",
                "Move the file elsewhere, or start without --history.",
            ) from error
        if version not in (0, _VERSION):
            raise SettingsError(
                f"{path} was made by another version of aiqa.", "Move it elsewhere; see --history."
            )

    def conversations(self, user: str, text: str = "") -> list[Kept]:
        """Return the user's conversations with all words of ``text``, the newest first."""
        query = "SELECT id, name, changed FROM conversations AS c WHERE user = ?"
        values: list[object] = [user]
        for word in text.casefold().split()[:20]:
            query += (
                " AND (instr(fold(name), ?) OR EXISTS (SELECT 1 FROM turns AS t WHERE"
                " t.user = c.user AND t.conversation = c.id AND instr(t.words, ?)))"
            )
            values += [word, word]
        query += " ORDER BY changed DESC, id LIMIT ?"
        with self._connection() as db:
            return [Kept(*row) for row in db.execute(query, (*values, MOST_LISTED))]

    def turns(self, user: str, conversation: str, start: int | None, most: int) -> HistoryPage:
        """Return at most ``most`` turns from ``start`` on; the last ones if it is None."""
        with self._connection() as db:
            (count,) = db.execute(
                "SELECT count(*) FROM turns WHERE user = ? AND conversation = ?",
                (user, conversation),
            ).fetchone()
            first = max(count - most, 0) if start is None else start
            rows = db.execute(
                "SELECT record FROM turns WHERE user = ? AND conversation = ?"
                " ORDER BY number LIMIT ? OFFSET ?",
                (user, conversation, most, first),
            )
            return HistoryPage([json.loads(record) for (record,) in rows], first, count)

    def add(self, user: str, conversation: str, record: Mapping[str, Any], words: str) -> None:
        """Append a turn, in a new conversation if there is none with that id.

        A turn that is there already is left as it is. ``words`` is the text it is found by.

        Raises:
            HistoryError: the turn is too large, or the user has no room left.
        """
        text = turn_text(record)
        size = len(text.encode("utf-8", "surrogatepass"))
        with self._changing() as db:
            (used,) = db.execute(
                "SELECT coalesce(sum(bytes), 0) FROM conversations WHERE user = ?", (user,)
            ).fetchone()
            require_room(used + size)
            db.execute(
                "INSERT INTO conversations (user, id, name, changed) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                (user, conversation, str(record["question"])[:80], time.time()),
            )
            added = db.execute(
                "INSERT INTO turns (user, conversation, id, record, words) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                (user, conversation, record["id"], text, words.casefold()),
            ).rowcount
            db.execute(
                "UPDATE conversations SET bytes = bytes + ?, changed = ? WHERE user = ? AND id = ?",
                (size * added, time.time(), user, conversation),
            )

    def rename(self, user: str, conversation: str, name: str) -> None:
        """Give a conversation another name."""
        with self._changing() as db:
            db.execute(
                "UPDATE conversations SET name = ? WHERE user = ? AND id = ?",
                (name, user, conversation),
            )

    def delete(self, user: str, conversation: str | None = None) -> None:
        """Delete a conversation, or all of the user's, without a trace in the file."""
        with self._changing() as db:
            if conversation is None:
                db.execute("DELETE FROM conversations WHERE user = ?", (user,))
            else:
                db.execute(
                    "DELETE FROM conversations WHERE user = ? AND id = ?", (user, conversation)
                )
        with self._connection() as db:
            # Else the deleted words stay in the log that SQLite writes ahead.
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        with self._connection() as db:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Return a connection; what is not committed when it closes is undone."""
        try:
            with closing(
                sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
            ) as db:
                db.create_function("fold", 1, str.casefold, deterministic=True)
                db.execute("PRAGMA foreign_keys = ON")
                db.execute("PRAGMA secure_delete = ON")
                db.execute("PRAGMA synchronous = NORMAL")
                (page_size,) = db.execute("PRAGMA page_size").fetchone()
                db.execute(f"PRAGMA max_page_count = {_MOST_FILE_BYTES // page_size}")
                yield db
        except sqlite3.Error as error:
            raise HistoryError(f"The conversations cannot be kept or read: {error}.") from error
