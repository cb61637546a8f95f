"""The keys of chunks: hashes of what they are, so that no two stores give a chunk two keys."""

from __future__ import annotations

import hashlib

KEYS = 2**63
"""Keys are below this number, and spread evenly."""


def chunk_key(
    document_id: str, recipe: str, start: int, title: str, section: str, text: str
) -> int:
    """Return 63 bits that stand for a chunk: what is searched of it never changes under its key.

    ``recipe`` and ``section`` are the JSON texts that are stored.
    """
    digest = hashlib.blake2b(digest_size=8)
    for part in (document_id, recipe, str(start), title, section, text):
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(encoded))
        digest.update(encoded)
    return int.from_bytes(digest.digest(), "big") >> 1
