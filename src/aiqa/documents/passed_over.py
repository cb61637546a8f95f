"""Files that are no documents by their name: what systems and programs leave in folders."""

from __future__ import annotations

from fnmatch import fnmatchcase

_PATTERNS = (".*", "~$*", "*~", "thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx")


def is_passed_over(name: str) -> bool:
    """Whether a file or folder of this name is neither read nor reported.

    This holds for hidden ones, for the locks and backups of office programs and editors, and for
    what file managers keep in a folder.
    """
    return any(fnmatchcase(name.lower(), pattern) for pattern in _PATTERNS)
