"""A folder for the files of one process, which a later process deletes if this one could not."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from threading import RLock

from filelock import FileLock, Timeout

_LOCK = ".lock"
_FRESH_SECONDS = 60
"""Age up to which a folder may be one whose process has not locked it yet."""


class ClaimedFolder:
    """A folder in ``parent`` with a name from ``prefix``, made when it is first used."""

    def __init__(self, parent: Path, prefix: str = "") -> None:
        """Delete the folders of processes that have ended without doing so."""
        self._parent = parent
        self._prefix = prefix
        self._claim: FileLock | None = None
        self._made: Path | None = None
        self._lock = RLock()
        with suppress(OSError):
            for folder in parent.glob(f"{prefix}*"):
                _delete_if_abandoned(folder)

    @property
    def path(self) -> Path:
        """The folder."""
        with self._lock:
            if self._made is None:
                self._parent.mkdir(parents=True, exist_ok=True)
                made = Path(mkdtemp(prefix=self._prefix, dir=self._parent))
                self._claim = FileLock(made / _LOCK, thread_local=False)
                self._claim.acquire()
                self._made = made
            return self._made

    def close(self) -> None:
        """Delete the folder with all files in it."""
        with self._lock:
            if self._made and self._claim:
                shutil.rmtree(self._made, ignore_errors=True)
                self._claim.release()
                self._made = self._claim = None


def _delete_if_abandoned(folder: Path) -> None:
    state = folder.lstat()
    if not folder.is_dir() or folder.is_symlink() or state.st_uid != os.getuid():
        return
    if time.time() - state.st_mtime < _FRESH_SECONDS:
        return
    claim = FileLock(folder / _LOCK, timeout=0)
    with suppress(Timeout), claim:
        shutil.rmtree(folder, ignore_errors=True)
