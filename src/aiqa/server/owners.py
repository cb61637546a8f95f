"""Who added which document, and how much of it: one SQLite file beside the index."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from aiqa.document_store import beside_index
from aiqa.errors import AiqaError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS uploads (
    source TEXT PRIMARY KEY, owner TEXT NOT NULL, bytes INTEGER NOT NULL, added REAL NOT NULL
) STRICT, WITHOUT ROWID
"""
_BUSY_SECONDS = 5
_MB = 1_000_000


def owners_file(folder: Path) -> Path:
    """Return the file of the owners of uploads: beside the index ``folder``, no part of it."""
    return beside_index(folder, "owners.sqlite")


class OwnersError(AiqaError):
    """The owner of a document cannot be stored or read."""


class QuotaError(AiqaError):
    """A user has no room left for what is to be added."""


@dataclass(frozen=True, slots=True)
class Quota:
    """How much one user may add in all."""

    megabytes: int = 10_000
    files: int = 10_000


class Owners:
    """The file at ``path``, readable by its owner only; several threads and processes may use it.

    Raises:
        OwnersError: the file cannot be used; from any method.
    """

    def __init__(self, path: Path, quota: Quota | None = None) -> None:
        self._path = path
        self._quota = quota or Quota()
        self._arrived: dict[Path, tuple[str, int]] = {}
        self._lock = Lock()
        with self._connection() as db:
            db.execute(_SCHEMA)

    def owner(self, source: str) -> str | None:
        """Return who added ``source``, or the file that it is in; None if nobody is known."""
        parts = source.split("/")
        names = ["/".join(parts[:length]) for length in range(len(parts), 0, -1)]
        with self._connection() as db:
            for name in names:
                for (owner,) in db.execute("SELECT owner FROM uploads WHERE source = ?", (name,)):
                    return str(owner)
        return None

    def put(self, source: str, owner: str, size: int) -> None:
        """Note that ``source`` is now what ``owner`` has added."""
        with self._connection() as db:
            db.execute(
                "INSERT OR REPLACE INTO uploads VALUES (?, ?, ?, ?)",
                (source, owner, size, time.time()),
            )

    def remove(self, source: str) -> None:
        """Forget whose ``source`` was."""
        with self._connection() as db:
            db.execute("DELETE FROM uploads WHERE source = ?", (source,))

    def forget(self, owner: str) -> None:
        """Forget a user, whose documents only admins can change from now on."""
        with self._connection() as db:
            db.execute("DELETE FROM uploads WHERE owner = ?", (owner,))

    def arrived(self, owner: str, files: Mapping[Path, int]) -> None:
        """Count ``files``, with their sizes, for as long as they are where they arrived."""
        with self._lock:
            self._arrived |= {path: (owner, size) for path, size in files.items()}

    def left(self, files: Iterable[Path]) -> None:
        """Count ``files`` no more as ones that wait where they arrived."""
        with self._lock:
            for file in files:
                self._arrived.pop(file, None)

    def check(self, owner: str, sizes: Sequence[int], unfinished: Sequence[int]) -> None:
        """Refuse files of these ``sizes`` if ``owner`` has no room for them.

        ``unfinished`` are the sizes of those that are being taken in.

        Raises:
            QuotaError: see above.
        """
        with self._connection() as db:
            count, used = db.execute(
                "SELECT count(*), coalesce(sum(bytes), 0) FROM uploads WHERE owner = ?", (owner,)
            ).fetchone()
        with self._lock:
            self._arrived = {path: kept for path, kept in self._arrived.items() if path.exists()}
            waiting = [size for name, size in self._arrived.values() if name == owner]
        others = [*unfinished, *waiting]
        if used + sum(others) + sum(sizes) > self._quota.megabytes * _MB:
            raise QuotaError(
                f"Your documents may have {self._quota.megabytes:,} MB in all, and have "
                f"{(used + sum(others)) / _MB:,.0f} MB.",
                "Delete some first.",
            )
        if count + len(others) + len(sizes) > self._quota.files:
            raise QuotaError(
                f"You may add {self._quota.files:,} files, and have added {count + len(others):,}.",
                "Delete some first.",
            )

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Return a connection that commits each statement by itself."""
        try:
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            with closing(
                sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
            ) as db:
                yield db
        except (OSError, sqlite3.Error) as error:
            raise OwnersError(
                f"It cannot be kept in {self._path} who adds what: {error}.",
                "Look for a full disk or missing permissions.",
            ) from error
