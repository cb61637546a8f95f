"""Files as a catalog remembers them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as it was when it was ingested.

    ``checksum`` is the SHA-256 of its bytes; "" while not all of it is stored. ``loader`` is the
    version of the loaders that read it.
    """

    source: str
    collection: str
    size: int
    mtime_ns: int
    checksum: str
    loader: int
