"""Copies of files in an object store; see ``storage.originals``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiqa.batches import batched
from aiqa.cluster.object_store import reaching, store_at

_PART = 8 * 2**20
_UNNAMED = timedelta(days=1)
"""How old a copy is at least that no file of the catalog names: an ingest may be about to."""

_AT_ONCE = 1000


class StoredOriginals:
    """Copies in the folder ``originals`` at ``address``, named by their SHA-256."""

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/") + "/originals"

    def keep(self, path: Path, checksum: str) -> None:
        """Copy a file, unless there is a copy, or its bytes are other ones now."""
        import obstore

        if self._has(checksum):
            return
        digest = hashlib.sha256()

        def parts() -> Iterator[bytes]:
            with path.open("rb") as file:
                while part := file.read(_PART):
                    digest.update(part)
                    yield part

        with reaching(self._address):
            store = store_at(self._address)
            obstore.put(store, checksum, parts())
            if digest.hexdigest() != checksum:
                obstore.delete(store, checksum)

    def fetch(self, checksum: str, path: Path) -> bool:
        """Write a copy to the new file ``path``, and tell whether there is one."""
        import obstore

        if not self._has(checksum):
            return False
        with reaching(self._address), path.open("xb") as file:
            for part in obstore.get(store_at(self._address), checksum).stream():
                file.write(part)
        return True

    def sweep(self, named: Callable[[Collection[str]], Collection[str]]) -> int:
        """Delete the copies that are not ``named`` among some, and return the number of bytes."""
        import obstore

        before, swept = datetime.now(UTC) - _UNNAMED, 0
        with reaching(self._address):
            store = store_at(self._address)
            listed = (one for some in obstore.list(store) for one in some)
            old = (one for one in listed if one["last_modified"] < before)
            for some in batched(old, _AT_ONCE):
                kept = {*named([one["path"] for one in some])}
                gone = [one for one in some if one["path"] not in kept]
                obstore.delete(store, [one["path"] for one in gone])
                swept += sum(one["size"] for one in gone)
        return swept

    def _has(self, checksum: str) -> bool:
        import obstore

        with reaching(self._address):
            try:
                obstore.head(store_at(self._address), checksum)
            except FileNotFoundError:
                return False
        return True
