"""Files that are opened without waiting, and only if they hold bytes at rest."""

from __future__ import annotations

import os
import stat
from io import BufferedReader
from pathlib import Path

from aiqa.errors import DocumentError


def open_regular(path: Path) -> BufferedReader:
    """Open a file to read.

    Raises:
        DocumentError: it cannot be opened, or is a folder, pipe, device or socket.
    """
    try:
        # Opening a pipe would wait for somebody to write to it.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError as error:
        raise DocumentError(
            f"This file cannot be read: {(error.strerror or str(error)).lower()}."
        ) from error
    mode = os.fstat(handle).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(handle, "rb")
    os.close(handle)
    if not stat.S_ISDIR(mode):
        raise DocumentError("This is a pipe, a device or a socket, which is not read.")
    if path.is_symlink():
        raise DocumentError(
            "This is a link to a folder, which is not followed.", "Ingest the folder itself."
        )
    raise DocumentError("This folder cannot be looked into.", "Look at its permissions.")
