"""Copies of files in an object store; see ``storage.originals``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING

from aiqa.batches import batched
from aiqa.cluster.object_store import reaching, store_at
from aiqa.errors import CatalogError, DocumentError
from aiqa.regular_file import open_regular

if TYPE_CHECKING:
    from obstore import GetResult

_PART = 8 * 2**20
_UNNAMED = timedelta(days=1)
"""How old a copy is at least that no file of the catalog names: an ingest may be about to."""

_AT_ONCE = 1000


class StoredOriginals:
    """Copies in the folder ``originals`` at ``address``, named by their SHA-256."""

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/") + "/originals"

    def keep(self, path: Path, checksum: str, *, is_named: bool = False) -> None:
        """Copy a file, unless there is a copy, or its bytes are other ones now."""
        import obstore

        made = self._made(checksum)
        # What the catalog names is not swept, however old it is.
        if made and (is_named or made > datetime.now(UTC) - _UNNAMED / 2):
            return
        # What is gone or has changed is seen by the next ingest.
        with suppress(DocumentError), open_regular(path) as file, reaching(self._address):
            obstore.put(store_at(self._address), checksum, _parts(file, checksum))

    def fetch(self, checksum: str, path: Path) -> bool:
        """Write a copy to the new file ``path``, and tell whether there is one."""
        import obstore

        with reaching(self._address):
            try:
                copy = obstore.get(store_at(self._address), checksum)
            except FileNotFoundError:
                return False
        try:
            with path.open("xb") as file:
                file.writelines(self._read(copy))
        except OSError as error:
            raise CatalogError(
                f"A copy of the file cannot be written to {path.parent}: {error.strerror}.",
                "Make room there, or set TMPDIR to another folder.",
            ) from error
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

    def _read(self, copy: GetResult) -> Iterator[bytes]:
        with reaching(self._address):
            yield from map(bytes, copy.stream())

    def _made(self, checksum: str) -> datetime | None:
        """Return when the copy was made; None if there is none."""
        import obstore

        with reaching(self._address):
            try:
                return obstore.head(store_at(self._address), checksum)["last_modified"]
            except FileNotFoundError:
                return None


def _parts(file: BufferedReader, checksum: str) -> Iterator[bytes]:
    """Yield the bytes of ``file``.

    Raises:
        DocumentError: they cannot be read, or are not those with this SHA-256; what is being
            copied is then not stored.
    """
    digest = hashlib.sha256()
    try:
        while part := file.read(_PART):
            digest.update(part)
            yield part
    except OSError as error:
        raise DocumentError(f"This file cannot be read: {error.strerror}.") from error
    if digest.hexdigest() != checksum:
        raise DocumentError("This file has changed since it was read.")
