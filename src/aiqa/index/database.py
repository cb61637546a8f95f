"""The SQLite file of the catalog: connections, transactions, versions and errors."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, local
from typing import Any

from aiqa.errors import CatalogError
from aiqa.index.schema import APPLICATION_ID, TABLES, VERSION
from aiqa.index.upgrade import UPGRADES, upgrade

_GENERATIONS_KEPT = 1000
"""Generations whose stamp is stored: a snapshot of one of them can be updated."""


class Database:
    """One catalog file. Each thread has its own connection while it uses the file.

    Raises:
        CatalogError: the file is damaged, of another version, or cannot be written; from any
            method.
    """

    def __init__(self, path: Path, *, create: bool = False) -> None:
        """Open the catalog at ``path``; with ``create``, create it if it is missing."""
        self.path = path
        self._local = local()
        self._idle: list[sqlite3.Connection] = []
        self._lock = Lock()
        with self._explained():
            version = self._version()
            if version is None and create:
                self._create()
            elif version in UPGRADES and os.access(path, os.W_OK):
                with self.transaction() as connection:
                    upgrade(connection)
            elif version != VERSION:
                raise CatalogError(
                    f"The index {path.parent} was built by another version of aiqa (its format is "
                    f"{version or 'unknown'}, this one reads {VERSION}).",
                    "Delete that folder and ingest the documents again.",
                )

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            for connection in self._idle:
                connection.close()
            self._idle.clear()

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[Any]:
        """Return all rows of a query."""
        with self._connection() as connection:
            return connection.execute(statement, values).fetchall()

    def stream(self, statement: str, values: Sequence[object] = ()) -> Iterator[Any]:
        """Yield the rows of a query, with one in memory at a time."""
        with self._connection() as connection:
            yield from connection.execute(statement, values)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Make all reads of this thread in the context see the same generation."""
        with self._connection() as connection:
            if connection.in_transaction:
                yield
                return
            connection.execute("BEGIN")
            try:
                # SQLite takes the snapshot at the first read, not at BEGIN.
                connection.execute("SELECT 1 FROM meta").fetchone()
                yield
            finally:
                connection.execute("ROLLBACK")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Commit everything written in the context, or nothing."""
        with self._connection() as connection:
            with self._unwritable():
                connection.execute("BEGIN IMMEDIATE")
            try:
                with self._unwritable():
                    yield connection
                    connection.execute("COMMIT")
            except BaseException:
                # A full disk may have ended the transaction already.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        own: sqlite3.Connection | None = getattr(self._local, "connection", None)
        with self._explained():
            if own is not None:
                yield own
                return
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            connection = self._local.connection = connection or self._connect()
            try:
                yield connection
            finally:
                self._local.connection = None
                with self._lock:
                    self._idle.append(connection)

    def _connect(self) -> sqlite3.Connection:
        writable = os.access(self.path.parent, os.W_OK)
        # In a read-only folder, SQLite can open only a file without a write-ahead log.
        at_rest = not self.path.with_name(f"{self.path.name}-wal").exists()
        how = "rwc" if writable else f"ro{'&immutable=1' if at_rest else ''}"
        address = f"{self.path.absolute().as_uri()}?mode={how}"
        connection = sqlite3.connect(
            address, uri=True, isolation_level=None, check_same_thread=False, timeout=30
        )
        # The index may have been imported: functions in its schema are not trusted.
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.create_function("casefold", 1, str.casefold, deterministic=True)
        if writable:
            connection.execute("PRAGMA journal_mode = WAL")
        return connection

    def _version(self) -> int | None:
        """Return the version of the tables; None for an empty file, 0 for another file."""
        if not self.rows("SELECT 1 FROM sqlite_master LIMIT 1"):
            return None
        ((version,),) = self.rows("PRAGMA user_version")
        ((application,),) = self.rows("PRAGMA application_id")
        return int(version) if application == APPLICATION_ID else 0

    def _create(self) -> None:
        with self.transaction() as connection:
            for statement in TABLES.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {VERSION}")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            next_generation(connection)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise CatalogError(
                f"The catalog {self.path} cannot be used: {error}.",
                "Look for a full disk or a read-only folder. If the file is damaged, run `aiqa "
                "doctor --repair` to delete what is damaged, then `aiqa ingest` to read it anew; "
                "if that fails too, delete the index folder and ingest the documents again.",
            ) from error

    @contextmanager
    def _unwritable(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise CatalogError(
                f"The index {self.path.parent} cannot be written: {error}.",
                "What was stored before is kept. Look for a full disk, missing permissions or "
                "another process that writes to it.",
            ) from error


def damaged_error(what: str) -> CatalogError:
    """Return the error for stored data that no longer has its checksum; ``what`` names the data."""
    return CatalogError(
        f"{what} in the index is damaged.",
        "Run `aiqa doctor --repair` to delete what is damaged, then `aiqa ingest` to read it anew.",
    )


def next_generation(connection: sqlite3.Connection) -> None:
    """Begin a generation, by which readers see that the content has changed."""
    connection.execute(
        "INSERT INTO generations SELECT coalesce(max(generation), 0) + 1, ? FROM generations",
        (secrets.token_hex(8),),
    )
    connection.execute(
        "DELETE FROM generations WHERE generation <= (SELECT max(generation) FROM generations) - ?",
        (_GENERATIONS_KEPT,),
    )
