"""A file that was uploaded: where it waits and is to stand, and what has become of it."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

State = Literal["asks", "waiting", "reading", "added", "partly", "unchanged", "failed", "cancelled"]
Clash = Literal["ask", "replace", "both"]
"""What is to be done with a file whose name another has."""

_UNFINISHED = ("asks", "waiting", "reading")
_PAST_SECONDS = 10
_MOST_TOGETHER = 8
_MOST_TOGETHER_BYTES = 1_000_000


@dataclass(slots=True)
class Upload:
    """A file that was uploaded; ``share`` of it can be asked, as far as that is known.

    ``inbox`` is where it waits, ``target`` where it will stand; ``backup`` is the file that
    stood there before, while that is not certain to go. ``error`` says why the file, or a part of
    it, was not read. ``owner`` is who has sent it; ``rival`` is who has sent the file whose name it
    has, None if that is not known.
    """

    id: str
    name: str
    size: int
    collection: str | None
    inbox: Path
    target: Path
    state: State = "waiting"
    share: float | None = None
    error: str = ""
    backup: Path | None = None
    is_submitted: bool = False
    is_cancelled: bool = False
    owner: str = ""
    rival: str | None = None

    @property
    def is_unfinished(self) -> bool:
        """Whether it is waiting, asking or being read."""
        return self.state in _UNFINISHED

    def put_in_place(self) -> None:
        """Move the file to where it is to stand; what stands there is kept as ``backup``."""
        if self.inbox == self.target or not self.inbox.exists():
            return
        if self.target.exists():
            self.backup = self.inbox.with_name("backup")
            self.target.replace(self.backup)
        # A file that was written just now would be taken for one that may still be changing.
        past = time.time() - _PAST_SECONDS
        os.utime(self.inbox, (past, past))
        self.inbox.replace(self.target)


def visible_name(name: str) -> str:
    """Return ``name`` without leading dots, which hide a file, but with its suffix."""
    path = Path(name)
    return f"{path.stem.strip('. ') or 'unnamed'}{path.suffix}"


def small_groups(uploads: Sequence[Upload]) -> list[list[Upload]]:
    """Divide uploads into groups that are read together; a large file is a group of its own."""
    groups: list[list[Upload]] = []
    room = 0
    for upload in sorted(uploads, key=lambda one: one.size):
        if not groups or upload.size > room or len(groups[-1]) == _MOST_TOGETHER:
            groups.append([])
            room = _MOST_TOGETHER_BYTES
        groups[-1].append(upload)
        room -= upload.size
    return groups
