"""The import of Lance, which is to log errors only."""

from __future__ import annotations

import os
from types import ModuleType


def import_lance() -> ModuleType:
    """Return Lance; unless the environment has another ``LANCE_LOG``, it logs errors only.

    It warns of every list of vectors that is empty, of which an index of many passages has
    thousands; how good the lists are is measured when they are made.
    """
    # Lance reads this when it is imported.
    os.environ.setdefault("LANCE_LOG", "error")
    import lance

    return lance
