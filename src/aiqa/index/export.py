"""Export and import of an index as one file."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from aiqa.errors import CatalogError
from aiqa.index.catalog import SqliteCatalog
from aiqa.index.database import Database
from aiqa.index.schema import TABLES
from aiqa.index.sqlite_queries import SqliteChunks

_SCHEMA = "SELECT type, name, sql FROM sqlite_master"


def export_catalog(catalog: SqliteCatalog, target: Path) -> None:
    """Write the current generation to the new file ``target``; writers are not blocked.

    Raises:
        CatalogError: the file exists or cannot be written.
    """
    require_new(target)
    draft = target.with_name(f".{target.name}.part")
    try:
        draft.unlink(missing_ok=True)
        catalog.copy_to(draft)
        draft.replace(target)
    except OSError as error:
        raise CatalogError(
            f"The index cannot be written to {target}: {error.strerror}.", "Choose another place."
        ) from error
    finally:
        draft.unlink(missing_ok=True)


def require_new(target: Path) -> None:
    """Raise ``CatalogError`` if the file ``target`` exists."""
    if target.exists():
        raise CatalogError(f"{target} is there already.", "Choose another name or remove it.")


def import_catalog(file: Path, catalog: Path) -> None:
    """Validate an exported index and copy it to the path of a new catalog.

    Raises:
        CatalogError: it is not an exported index, is damaged, or cannot be read or written.
    """
    draft = catalog.with_name(f"{catalog.name}.part")
    try:
        shutil.copyfile(file, draft)
        _examine(file, draft)
        draft.replace(catalog)
    except OSError as error:
        raise CatalogError(
            f"{file} cannot be brought in: {error.strerror}.", "Look for a typing error."
        ) from error
    finally:
        for name in (draft.name, f"{draft.name}-wal", f"{draft.name}-shm"):
            draft.with_name(name).unlink(missing_ok=True)


def _examine(file: Path, draft: Path) -> None:
    """Raise ``CatalogError`` for a file that is not a valid catalog: it may be malicious."""
    with closing(sqlite3.connect(":memory:")) as fresh:
        fresh.executescript(TABLES)
        expected = _comparable(fresh.execute(_SCHEMA))
    try:
        with closing(Database(draft)) as database:
            # Triggers and views would run with our rights: only our tables are allowed.
            schema = _comparable(database.rows(_SCHEMA))
            sound = database.rows("PRAGMA quick_check") == [("ok",)]
            if schema == expected:
                _ = SqliteChunks(database).recipe  # raises if there is none that can be read
            # The copy must be complete without a write-ahead log.
            database.rows("PRAGMA journal_mode = DELETE")
    except CatalogError as error:
        raise CatalogError(
            f"{file} is not an index that can be read: {error.message}",
            "Export it again with `aiqa export`.",
        ) from error
    if schema != expected or not sound:
        raise CatalogError(
            f"{file} is {'damaged' if schema == expected else 'not an index of aiqa'}.",
            "Export it again with `aiqa export`.",
        )


def _comparable(schema: Iterable[tuple[str, str, str | None]]) -> set[tuple[str, str, str]]:
    """Return types, names and statements without blanks: an upgraded table has others."""
    return {(kind, name, "".join((sql or "").split())) for kind, name, sql in schema}
