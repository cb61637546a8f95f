"""Small texts that only their owner may read, and that several processes may change."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Protocol

from filelock import FileLock

from aiqa.errors import SettingsError


class PrivateText(Protocol):
    """A small text, wherever it is kept."""

    @property
    def name(self) -> str:
        """The place of the text, as messages name it at the beginning of a sentence."""
        ...

    @property
    def deletion(self) -> str:
        """What to do to delete the text, as messages say it at the beginning of a sentence."""
        ...

    def state(self) -> Hashable:
        """Return what tells one version of the text from another; None if there is none."""
        ...

    def read(self) -> str | None:
        """Return the text; None if there is none.

        Raises:
            SettingsError: it cannot be read.
        """
        ...

    def update(self, change: Callable[[str | None], str]) -> None:
        """Replace the text by what ``change`` makes of it, while nobody else does.

        Raises:
            SettingsError: it cannot be read or written; then it is as it was.
        """
        ...


class PrivateFile:
    """A text in the file at ``path``, with permissions 0600; see ``PrivateText``."""

    deletion = "Delete it"

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = str(path)

    def state(self) -> Hashable:
        """Return what tells one version of the file from another; None if there is none."""
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable("read", error) from error
        return stat.st_mtime_ns, stat.st_size, stat.st_ino

    def read(self) -> str | None:
        """Return the text; None if there is no file."""
        try:
            return self._path.read_text("utf-8")
        except FileNotFoundError:
            return None
        except UnicodeDecodeError as error:
            raise SettingsError(f"{self.name} is damaged: it is no text.") from error
        except OSError as error:
            raise self._unusable("read", error) from error

    def update(self, change: Callable[[str | None], str]) -> None:
        """Replace the file by one with what ``change`` makes of its text."""
        try:
            with locked(self._path):
                write_private(self._path, change(self.read()))
        except OSError as error:
            raise self._unusable("written", error) from error

    def _unusable(self, what: str, error: OSError) -> SettingsError:
        return SettingsError(f"{self.name} cannot be {what}: {error.strerror}.")


def kept_in(place: Path | PrivateText) -> PrivateText:
    """Return the text at ``place``."""
    return PrivateFile(place) if isinstance(place, Path) else place


def locked(path: Path) -> FileLock:
    """Return the lock that whoever changes the file at ``path`` holds meanwhile."""
    return FileLock(path.with_name(f".{path.name}.lock"))


def write_private(path: Path, text: str) -> None:
    """Replace the file at ``path`` by one with ``text``, at once and with permissions 0600.

    Raises:
        OSError: it cannot be written; then it is as it was.
    """
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
