"""What several servers of one index share, or one server has in files of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from aiqa.errors import SettingsError
from aiqa.index.index_folder import IndexFolder
from aiqa.server.history import Conversations, History, history_file
from aiqa.server.private_file import PrivateText
from aiqa.server.sessions import Sessions, SessionStore
from aiqa.server.tokens import tokens_file
from aiqa.storage import Location

IN_DATABASE = Path("database")
"""Stands for the users in the database of a cluster, in the place of a users' file."""

if TYPE_CHECKING:
    from aiqa.cluster.cluster_location import ClusterLocation


def kept_conversations(location: Location) -> Conversations:
    """Return the conversations of the users of an index.

    Raises:
        SettingsError: their file cannot be used.
        CatalogError: the database cannot be used.
    """
    if _is_shared(location):
        from aiqa.server.shared_history import SharedHistory

        return SharedHistory(location.postgres)
    return History(history_file(location.folder))


def kept_sessions(location: Location, path: Path) -> Sessions:
    """Return the state of sessions, which is kept in the file ``path`` for a single server.

    Raises:
        SettingsError: the file cannot be used.
        CatalogError: the database cannot be used.
    """
    if _is_shared(location):
        from aiqa.server.shared_sessions import SharedSessions

        return SharedSessions(location.postgres)
    return SessionStore(path)


def kept_accounts(location: Location, users: Path) -> tuple[Path | PrivateText, Path | PrivateText]:
    """Return where the users in the file ``users`` are listed, and where their tokens are.

    In a cluster, ``IN_DATABASE`` is its database.

    Raises:
        SettingsError: they are to be in the database, but the index is in no cluster.
        CatalogError: the database cannot be used.
    """
    if users != IN_DATABASE:
        return users, tokens_file(users)
    if not _is_shared(location):
        raise SettingsError(
            f"The index {location.name} has no database that could keep users.",
            "Name the index of a cluster with --index or AIQA_INDEX, or a file of users that has "
            f"another name than {IN_DATABASE}.",
        )
    from aiqa.server.shared_text import SharedText

    return SharedText(location.postgres, "users"), SharedText(location.postgres, "tokens")


def _is_shared(location: Location) -> TypeGuard[ClusterLocation]:
    return not isinstance(location, IndexFolder)
