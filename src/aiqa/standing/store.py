"""The standing questions of an index, what is to be told of them, and to whom.

They are in a file of their own in the index folder. A change of an answer, and that it has yet to
be told, are written in one transaction: whatever ends the program, nothing is lost, and what was
told is not told again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit
from uuid import uuid4

from aiqa.errors import CatalogError, QuestionError
from aiqa.standing.answer import StandingAnswer

ChannelName = Literal["terminal", "feed", "webhook"]

_NAME = "standing.sqlite3"
_LOCK_SECONDS = 120
_KEPT_NOTICES = 1000

_TABLES = """
CREATE TABLE IF NOT EXISTS question (
  number INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL UNIQUE, added TEXT NOT NULL,
  answer TEXT NOT NULL, stamp TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS notice (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, question TEXT NOT NULL,
  time TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS waiting (
  notice INTEGER NOT NULL REFERENCES notice(number) ON DELETE CASCADE, channel TEXT NOT NULL,
  error TEXT NOT NULL DEFAULT '', PRIMARY KEY (notice, channel)
);
CREATE TABLE IF NOT EXISTS channel (
  name TEXT PRIMARY KEY, target TEXT NOT NULL, own_network INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS feed (id TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class StandingQuestion:
    """A question and its last answer; ``stamp`` is the state of the index that gave it."""

    number: int
    text: str
    added: str
    answer: StandingAnswer
    stamp: str


@dataclass(frozen=True, slots=True)
class Notice:
    """That the answer to ``question`` changed; ``id`` stays the same however often it is sent."""

    number: int
    id: str
    question: str
    time: str
    before: StandingAnswer
    after: StandingAnswer


@dataclass(frozen=True, slots=True)
class Channel:
    """Where changes are told: a feed's file, or a webhook's address.

    ``own_network`` allows an address on this machine or in a private network.
    """

    name: ChannelName
    target: str
    own_network: bool = False

    @property
    def shown(self) -> str:
        """What logs may show of the target: the path of a webhook can be a password."""
        return str(urlsplit(self.target).hostname) if self.name == "webhook" else self.target


class StandingStore:
    """The file of standing questions in the index ``folder``, made when something is put in.

    Raises:
        CatalogError: it cannot be read or written; from any method.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / _NAME

    @property
    def exists(self) -> bool:
        """Whether anybody has asked a standing question of this index."""
        return self.path.is_file()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let one process at a time ask and tell."""
        from filelock import FileLock, Timeout

        try:
            with FileLock(self.path.with_suffix(".lock"), timeout=_LOCK_SECONDS):
                yield
        except Timeout:
            raise CatalogError(
                f"Another process is asking the standing questions of {self.folder}.",
                "Try again in a moment.",
            ) from None
        except OSError as error:
            raise self._unusable(error) from error

    # -- questions ----------------------------------------------------------------------------

    def add(self, text: str, answer: StandingAnswer, stamp: str) -> StandingQuestion:
        """Keep a question with its present answer.

        Raises:
            QuestionError: it stands already.
        """
        with self._connected() as db:
            if db.execute("SELECT 1 FROM question WHERE text = ?", (text,)).fetchone():
                raise QuestionError(f"{text!r} is a standing question already.")
            db.execute(
                "INSERT INTO question (text, added, answer, stamp) VALUES (?, ?, ?, ?)",
                (text, _now(), answer.as_json(), stamp),
            )
        return next(one for one in self.questions() if one.text == text)

    def remove(self, number: int) -> StandingQuestion:
        """Forget a question and return it.

        Raises:
            QuestionError: there is none of this number.
        """
        found = next((one for one in self.questions() if one.number == number), None)
        if found is None:
            raise QuestionError(
                f"There is no standing question {number}.", "`aiqa watch-question list` has all."
            )
        with self._connected() as db:
            db.execute("DELETE FROM question WHERE number = ?", (number,))
        return found

    def questions(self) -> list[StandingQuestion]:
        """Return all of them, oldest first."""
        rows = self._rows("SELECT number, text, added, answer, stamp FROM question ORDER BY number")
        return [
            StandingQuestion(number, text, added, StandingAnswer.from_json(answer), stamp)
            for number, text, added, answer, stamp in rows
        ]

    def keep(self, question: StandingQuestion, answer: StandingAnswer, stamp: str) -> None:
        """Note the answer that the index of ``stamp`` gives, and what is to be told of it."""
        with self._connected() as db:
            # A question that was removed meanwhile has nothing to be told of.
            changed = db.execute(
                "UPDATE question SET answer = ?, stamp = ? WHERE number = ?",
                (answer.as_json(), stamp, question.number),
            ).rowcount
            if not changed or answer == question.answer:
                return
            number = db.execute(
                "INSERT INTO notice (id, question, time, before, after) VALUES (?, ?, ?, ?, ?)",
                (str(uuid4()), question.text, _now(), question.answer.as_json(), answer.as_json()),
            ).lastrowid
            db.execute("INSERT INTO waiting (notice, channel) VALUES (?, 'terminal')", (number,))
            db.execute(
                "INSERT INTO waiting (notice, channel) SELECT ?, name FROM channel", (number,)
            )
            db.execute("DELETE FROM notice WHERE number <= ?", ((number or 0) - _KEPT_NOTICES,))

    # -- notices ------------------------------------------------------------------------------

    def notices(self, most: int) -> list[Notice]:
        """Return the last notices, newest first."""
        return self._notices("SELECT * FROM notice ORDER BY number DESC LIMIT ?", most)

    def waiting(self, channel: ChannelName) -> list[Notice]:
        """Return what has not been told there yet, oldest first."""
        return self._notices(
            "SELECT notice.* FROM notice JOIN waiting ON waiting.notice = notice.number "
            "WHERE channel = ? ORDER BY notice.number",
            channel,
        )

    def told(self, notice: Notice, channel: ChannelName) -> None:
        """Note that ``notice`` was told."""
        with self._connected() as db:
            db.execute(
                "DELETE FROM waiting WHERE notice = ? AND channel = ?", (notice.number, channel)
            )

    def failed(self, notice: Notice, channel: ChannelName, error: str) -> None:
        """Note why ``notice`` could not be told; it goes on waiting."""
        with self._connected() as db:
            db.execute(
                "UPDATE waiting SET error = ? WHERE notice = ? AND channel = ?",
                (error, notice.number, channel),
            )

    def errors(self) -> list[tuple[ChannelName, str]]:
        """Return why something waits, by channel."""
        return self._rows("SELECT DISTINCT channel, error FROM waiting WHERE error != ''")

    # -- channels -----------------------------------------------------------------------------

    def channels(self) -> list[Channel]:
        """Return where changes are told, apart from the terminal."""
        rows = self._rows("SELECT name, target, own_network FROM channel ORDER BY name")
        return [
            Channel(name, target, bool(own)) for name, target, own in rows
            if name in get_args(ChannelName)
        ]  # fmt: skip

    def set_channel(self, channel: Channel) -> None:
        """Tell changes there from now on, in place of the former target of the same name."""
        with self._connected() as db:
            db.execute(
                "INSERT OR REPLACE INTO channel VALUES (?, ?, ?)",
                (channel.name, channel.target, channel.own_network),
            )

    def drop_channel(self, name: ChannelName) -> None:
        """Tell nothing there any more; what waits for it is forgotten."""
        with self._connected() as db:
            db.execute("DELETE FROM channel WHERE name = ?", (name,))
            db.execute("DELETE FROM waiting WHERE channel = ?", (name,))

    def feed_id(self) -> str:
        """Return the id of the feed, which it keeps for ever."""
        with self._connected() as db:
            row = db.execute("SELECT id FROM feed").fetchone()
            if row is None:
                row = (str(uuid4()),)
                db.execute("INSERT INTO feed VALUES (?)", row)
        return str(row[0])

    # -- the file -----------------------------------------------------------------------------

    def _notices(self, statement: str, value: object) -> list[Notice]:
        return [
            Notice(
                number, identity, question, time,
                StandingAnswer.from_json(before), StandingAnswer.from_json(after),
            )
            for number, identity, question, time, before, after in self._rows(statement, value)
        ]  # fmt: skip

    def _rows(self, statement: str, *values: object) -> list[Any]:
        if not self.exists:
            return []
        with self._connected() as db:
            return db.execute(statement, values).fetchall()

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """Give a connection whose changes are committed at the end, all or none."""
        try:
            # An index in a cluster has no folder of its own before.
            self.folder.mkdir(mode=0o700, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=_LOCK_SECONDS)) as db:
                self.path.chmod(0o600)
                db.execute("PRAGMA foreign_keys = ON")
                db.executescript(_TABLES)
                with db:
                    db.execute("BEGIN IMMEDIATE")
                    yield db
        except (sqlite3.Error, OSError) as error:
            raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> CatalogError:
        return CatalogError(
            f"The standing questions {self.path} cannot be used: {error}.",
            "Look for missing permissions or a full disk; if it is damaged, delete the file.",
        )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
