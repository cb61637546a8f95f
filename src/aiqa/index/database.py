"""The SQLite file of the catalog: connections, transactions, versions and errors."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, local
from typing import Any

from aiqa.errors import CatalogError
from aiqa.index.schema import APPLICATION_ID, TABLES, VERSION
from aiqa.index.upgrade import UPGRADES, upgrade

Values = Sequence[object] | Mapping[str, object]
"""The values of a statement, by place or by name."""

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
            self._refuse_programs()
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

    def rows(self, statement: str, values: Values = ()) -> list[Any]:
        """Return all rows of a query."""
        with self._connection() as connection:
            return connection.execute(statement, values).fetchall()

    def stream(self, statement: str, values: Values = ()) -> Iterator[Any]:
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
            is_lasting = True
            if connection is None:
                connection, is_lasting = self._connect()
            self._local.connection = connection
            try:
                yield connection
            finally:
                self._local.connection = None
                if is_lasting:
                    with self._lock:
                        self._idle.append(connection)
                else:
                    connection.close()

    def _connect(self) -> tuple[sqlite3.Connection, bool]:
        """Return a connection, and whether it sees what others write later."""
        writable = os.access(self.path.parent, os.W_OK)
        # In a read-only folder, SQLite can open only a file without a write-ahead log.
        at_rest = self._is_at_rest()
        if not writable:
            return self._opened(f"ro{'&immutable=1' if at_rest else ''}"), True
        connection = self._opened("rwc")
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            connection.close()
            if not at_rest or self.path.stat().st_size == 0:
                raise
            # On a full disk there is no room for the files beside a log.
            return self._opened("ro&immutable=1"), False
        return connection, True

    def _is_at_rest(self) -> bool:
        """Tell whether all is in the file itself, nothing in a write-ahead log."""
        log = self.path.with_name(f"{self.path.name}-wal")
        # A full disk leaves an empty one.
        return not log.exists() or log.stat().st_size == 0

    def _opened(self, how: str) -> sqlite3.Connection:
        address = f"{self.path.absolute().as_uri()}?mode={how}"
        connection = sqlite3.connect(
            address, uri=True, isolation_level=None, check_same_thread=False, timeout=30
        )
        # The index may have been imported: functions in its schema are not trusted.
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("PRAGMA foreign_keys = ON")
        # Reading needs no room on the disk.
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.create_function("casefold", 1, str.casefold, deterministic=True)
        return connection

    def _refuse_programs(self) -> None:
        """Raise ``CatalogError`` for triggers and views, which would run with the user's rights."""
        if self.rows("SELECT 1 FROM sqlite_master WHERE type NOT IN ('table', 'index')"):
            raise CatalogError(
                f"The index {self.path.parent} is not one that aiqa made: its catalog has triggers "
                "or views.",
                "Delete that folder and ingest the documents again.",
            )

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
    for table, column in (("generations", "generation"), ("deleted_chunks", "died")):
        connection.execute(
            f"DELETE FROM {table} WHERE {column} <= (SELECT max(generation) FROM generations) - ?",
            (_GENERATIONS_KEPT,),
        )
