"""Small texts in the database of a cluster, which all servers share: its users and their tokens."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from aiqa.cluster.postgres import Postgres
from aiqa.cluster.postgres_schema import prepare_tables


class SharedText:
    """The text called ``title`` in ``database``; see ``server.private_file.PrivateText``.

    Raises:
        CatalogError: the database cannot be used; from any method.
    """

    def __init__(self, database: Postgres, title: str) -> None:
        """Prepare the tables."""
        prepare_tables(database)
        self._db = database
        self._title = title
        self.name = f"The list of {title} in {database.address.name}"
        self.deletion = f"Delete the row {title!r} of the table private_texts"

    def state(self) -> Hashable:
        """Return the number of the text's version; None if there is none."""
        rows = self._db.rows("SELECT version FROM private_texts WHERE title = :t", t=self._title)
        return rows[0][0] if rows else None

    def read(self) -> str | None:
        """Return the text; None if there is none."""
        rows = self._db.rows("SELECT text FROM private_texts WHERE title = :t", t=self._title)
        return rows[0][0] if rows else None

    def update(self, change: Callable[[str | None], str]) -> None:
        """Replace the text by what ``change`` makes of it."""
        with self._db.transaction() as connection:
            connection.rows("LOCK TABLE private_texts IN EXCLUSIVE MODE")
            rows = connection.rows("SELECT text FROM private_texts WHERE title = :t", t=self._title)
            connection.rows(
                "INSERT INTO private_texts VALUES (:t, 1, :text) ON CONFLICT (title) DO UPDATE "
                "SET version = private_texts.version + 1, text = excluded.text",
                t=self._title,
                text=change(rows[0][0] if rows else None),
            )
