"""Feedback on answers in PostgreSQL, which all servers of an index share."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from aiqa.cluster.postgres import Postgres
from aiqa.cluster.postgres_schema import is_prepared
from aiqa.errors import CatalogError, FeedbackError
from aiqa.feedback import Feedback, Find

_ROWS_AT_ONCE = 200


class FeedbackTable:
    """The feedback of one index; see ``FeedbackLog``."""

    def __init__(self, database: Postgres, most_bytes: int) -> None:
        self._db = database
        self._most_bytes = most_bytes

    def add(self, row: Feedback, find: Find | None) -> None:
        """Append ``row``; see ``FeedbackLog.add``."""
        text = row.checked(find)
        try:
            with self._db.transaction() as connection:
                ((size,),) = connection.rows("SELECT pg_total_relation_size('feedback')")
                if size + len(text) > self._most_bytes:
                    raise FeedbackError("There is no room left for feedback.", "Move it elsewhere.")
                connection.rows(
                    "INSERT INTO feedback (feedback) VALUES (:text)", text=text.encode()
                )
        except CatalogError as error:
            raise FeedbackError(error.message, error.remedy) from error

    def rows(self) -> Iterator[Feedback]:
        """Yield every row, oldest first.

        Raises:
            FeedbackError: the rows cannot be read.
        """
        last = 0
        try:
            while is_prepared(self._db) and (
                rows := self._db.rows(
                    "SELECT number, feedback FROM feedback WHERE number > :last "
                    f"ORDER BY number LIMIT {_ROWS_AT_ONCE}",
                    last=last,
                )
            ):
                yield from (Feedback.model_validate_json(text) for _, text in rows)
                last = rows[-1][0]
        except CatalogError as error:
            raise FeedbackError(error.message, error.remedy) from error
        except ValidationError as error:
            raise FeedbackError("A row of the feedback is damaged.") from error

    def count(self) -> int:
        """Return the number of rows; 0 if they cannot be read."""
        try:
            ((count,),) = self._db.rows("SELECT count(*) FROM feedback")
        except CatalogError:
            return 0
        return int(count)
