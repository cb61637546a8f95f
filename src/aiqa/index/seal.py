"""A seal tells what this user derived from a catalog from files that came with an index folder.

FAISS and tantivy trust their files: a crafted one can crash the process that opens it. The seal is
an HMAC whose key is kept outside of all index folders, so that nobody else's files have it.
"""

from __future__ import annotations

import hmac
import secrets
from functools import cache
from pathlib import Path

from platformdirs import user_state_path

from aiqa.private_file import write_once

_KEY_BYTES = 32


def key_file() -> Path:
    """Return the file of the key, in the user's folder of states."""
    return user_state_path("aiqa", appauthor=False) / "index.key"


def sealed(content: str) -> str | None:
    """Return the seal of ``content``; None if there is no key and none can be kept."""
    key = _key(key_file())
    return hmac.digest(key, content.encode(), "sha256").hex() if key else None


def is_sealed(content: str, seal: object) -> bool:
    """Tell whether ``seal`` is that of ``content``."""
    expected = sealed(content)
    return (
        expected is not None
        and isinstance(seal, str)
        and hmac.compare_digest(expected.encode(), seal.encode())
    )


@cache
def _key(path: Path) -> bytes | None:
    try:
        write_once(path, lambda: secrets.token_bytes(_KEY_BYTES))
        key = path.read_bytes()
    except OSError:
        return None
    return key if len(key) == _KEY_BYTES else None
