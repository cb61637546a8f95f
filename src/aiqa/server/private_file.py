"""Small files that only their owner may read, and that several processes may change."""

from __future__ import annotations

import os
from pathlib import Path

from filelock import FileLock

FileState = tuple[int, int, int]
"""What tells one version of a file from another; see ``state_of``."""


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


def state_of(path: Path) -> FileState | None:
    """Return the state of the file at ``path``; None if there is none."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
