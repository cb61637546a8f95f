"""Connections to PostgreSQL, its transactions and errors."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from threading import Lock
from time import monotonic
from typing import Any

import pg8000.native
from pg8000.exceptions import DatabaseError, InterfaceError

from aiqa.cluster.cluster_address import ClusterAddress
from aiqa.errors import CatalogError

_CONNECT_SECONDS = 10
_LOCK_MILLISECONDS = 60_000
_FRESH_SECONDS = 0.5
"""Time for which a connection that worked is taken to work still."""

_CONFLICTS = {
    "23503",  # a row that this transaction relied upon is gone
    "23505",  # another transaction has stored the same
    "25006",  # this server has become a standby
    "40001",
    "40P01",
    "55P03",
    "57P01",  # the server ends, or has only begun
    "57P02",
    "57P03",
}
"""Codes of errors that may be gone when the transaction is made again."""


class ConflictError(CatalogError):
    """Another transaction or a server got in the way; the same may be tried again."""


class Connection:
    """One connection, in a transaction or not."""

    def __init__(self, database: Postgres, raw: pg8000.native.Connection) -> None:
        self._database = database
        self.raw = raw
        self.is_lost = False

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """Run a statement with named values, ``:name``, and return its rows."""
        with self._database.explained():
            return list(self.raw.run(statement, **values) or ())

    def change(self, statement: str, **values: Any) -> int:
        """Run a statement, and return how many rows it changed."""
        with self._database.explained():
            self.raw.run(statement, **values)
            return int(self.raw.row_count)

    def copy_in(self, table: str, lines: Iterator[bytes]) -> None:
        """Insert rows into ``table (columns)``; ``lines`` are those of PostgreSQL's text format."""
        with self._database.explained():
            self.raw.run(f"COPY {table} FROM STDIN", stream=BytesIO(b"".join(lines)))


class Postgres:
    """A database; any thread may use it, each on a connection of its own.

    Raises:
        CatalogError: it cannot be reached, or finds fault with a statement; from any method.
    """

    def __init__(self, address: ClusterAddress) -> None:
        self.address = address
        self._idle: list[tuple[pg8000.native.Connection, float]] = []
        self._lock = Lock()

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """Run one statement by itself, and return its rows."""
        try:
            with self._connected() as connection:
                return connection.rows(statement, **values)
        except ConflictError:
            if not statement.startswith("SELECT"):
                raise
        # A connection that worked a moment ago may be to a server that is gone.
        self.close()
        with self._connected() as connection:
            return connection.rows(statement, **values)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Commit everything done with the connection in this context, or nothing."""
        with self._connected() as connection:
            connection.rows("BEGIN")
            try:
                yield connection
            except BaseException:
                # If the connection is gone, so is the transaction.
                with suppress(InterfaceError, DatabaseError, OSError):
                    connection.raw.run("ROLLBACK")
                raise
            connection.rows("COMMIT")

    def stream(self, statement: str, most: int, **values: Any) -> Iterator[list[Any]]:
        """Yield the rows of a query as of one moment, up to ``most`` at a time."""
        with self.transaction() as connection:
            connection.rows(f"DECLARE answer NO SCROLL CURSOR FOR {statement}", **values)
            while rows := connection.rows(f"FETCH {most} FROM answer"):
                yield rows

    @contextmanager
    def locked(self, name: str) -> Iterator[bool]:
        """Hold the lock ``name`` if nobody else does, and tell whether it is held.

        It ends with the connection, so with the process.
        """
        with self._connected() as connection:
            ((held,),) = connection.rows(
                "SELECT pg_try_advisory_lock(hashtextextended(:name, 0))", name=name
            )
            try:
                yield bool(held)
            finally:
                if held:
                    try:
                        connection.rows(
                            "SELECT pg_advisory_unlock(hashtextextended(:name, 0))", name=name
                        )
                    except ConflictError:
                        # The server was away meanwhile, and the lock has gone with the connection.
                        connection.is_lost = True

    def close(self) -> None:
        """Close all connections that are not in use."""
        with self._lock:
            idle, self._idle = self._idle, []
        for raw, _ in idle:
            _close(raw)

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Raise what goes wrong as an error for users."""
        try:
            yield
        except DatabaseError as error:
            details = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
            kind = ConflictError if details.get("C") in _CONFLICTS else CatalogError
            raise kind(
                f"The database {self.address.name} cannot do what is asked: "
                f"{details.get('M', 'it gave no reason')}.",
                "What was stored before is kept.",
            ) from error
        except (InterfaceError, OSError) as error:
            raise ConflictError(
                f"The database {self.address.name} cannot be reached.",
                "Look whether the server runs and takes connections from here.",
            ) from error

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        raw = self._taken()
        connection = Connection(self, raw)
        is_whole = False
        try:
            yield connection
            is_whole = not connection.is_lost
        except Exception:
            is_whole = _is_alive(raw)
            raise
        finally:
            if is_whole:
                with self._lock:
                    self._idle.append((raw, monotonic()))
            else:
                _close(raw)

    def _taken(self) -> pg8000.native.Connection:
        """Return a connection that works: the server may have been away since one was used."""
        while True:
            with self._lock:
                found = self._idle.pop() if self._idle else None
            if found is None:
                return self._opened()
            raw, used = found
            if monotonic() - used < _FRESH_SECONDS or _is_alive(raw):
                return raw
            _close(raw)

    def _connect(self, host: str, port: int) -> pg8000.native.Connection:
        address = self.address
        connected = _socket(host, port)
        try:
            return pg8000.native.Connection(
                address.user,
                host=host,
                database=address.database,
                password=address.password,
                sock=connected,
                ssl_context=_tls(address),
                application_name="aiqa",
            )
        except BaseException:
            connected.close()
            raise

    def _opened(self) -> pg8000.native.Connection:
        """Connect to the first host that can be written to."""
        address = self.address
        error: Exception | None = None
        for host, port in address.hosts:
            try:
                raw = self._connect(host, port)
                ((is_standby,),) = raw.run("SELECT pg_is_in_recovery()")
                if is_standby:
                    _close(raw)
                    continue
                raw.run(f"SET lock_timeout = {_LOCK_MILLISECONDS}")
            except (DatabaseError, InterfaceError, OSError) as reason:
                error = reason
                continue
            return raw
        with self.explained():
            raise error or InterfaceError("only standbys answer")
        raise AssertionError


def _close(raw: pg8000.native.Connection) -> None:
    with suppress(InterfaceError, OSError):
        raw.close()


def _socket(host: str, port: int) -> socket.socket:
    connected = socket.create_connection((host, port), _CONNECT_SECONDS)
    # A statement may take long, but a server that is gone must be noticed.
    connected.settimeout(None)
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return connected


def _is_alive(raw: pg8000.native.Connection) -> bool:
    try:
        raw.run("SELECT 1")
    except (DatabaseError, InterfaceError, OSError):
        return False
    return True


def _tls(address: ClusterAddress) -> ssl.SSLContext | bool:
    """Return how to encrypt; pg8000 would try to if it were told nothing."""
    if address.tls == "disable":
        return False
    context = ssl.create_default_context(cafile=address.authorities)
    if address.tls == "require" and address.authorities is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
