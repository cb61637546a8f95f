"""Room on the disk that is kept for removing documents.

To delete rows, SQLite first writes them to its log. On a full disk nothing could be removed then,
which is what somebody needs to do there.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

NAME = "reserve"
_MOST_BYTES = 64_000_000
_LEAST_SHARE_LEFT = 10
"""The reserve is not made where it would take more than this part of what is free."""


def keep(folder: Path, needed: int) -> None:
    """Have a file in ``folder`` take up ``needed`` bytes, if there is plenty of room for it."""
    size = min(needed, _MOST_BYTES)
    path = folder / NAME
    with suppress(OSError):
        if path.exists() and path.stat().st_size >= size:
            return
        if shutil.disk_usage(folder).free < _LEAST_SHARE_LEFT * size:
            return
        with path.open("wb") as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size)
            else:
                file.write(bytes(size))


def release(folder: Path) -> bool:
    """Give the reserve up if the disk is full; tell whether there was one."""
    path = folder / NAME
    try:
        if shutil.disk_usage(folder).free >= path.stat().st_size:
            return False
        path.unlink()
    except OSError:
        return False
    return True
