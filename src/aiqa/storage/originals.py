"""Copies of the files that documents were read from, for servers that cannot read the files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Protocol


class Originals(Protocol):
    """Copies of files by the SHA-256 of their bytes."""

    def keep(self, path: Path, checksum: str, *, is_named: bool = False) -> None:
        """Copy the file at ``path``, unless there is a copy, or its bytes are other ones now.

        ``is_named`` says that the catalog has a file of these bytes already. Otherwise a copy may
        be about to be swept, and is made again if it is old.

        Raises:
            CatalogError: it cannot be copied.
        """
        ...

    def fetch(self, checksum: str, path: Path) -> bool:
        """Write a copy to the new file ``path``, and tell whether there is one.

        Raises:
            CatalogError: the copies cannot be reached.
        """
        ...


def places(
    files: Mapping[str, str], base: Path, originals: Originals | None
) -> Iterator[tuple[str, Path]]:
    """Yield the source of each of ``files`` and where it may be found, then with copies of them.

    Sources start from the folder ``base``, and ``files`` has their checksums. A copy is deleted
    when the next place is asked for.
    """
    for source in files:
        yield source, base / source
    for source, checksum in files.items() if originals else ():
        with TemporaryDirectory() as folder:
            path = Path(folder, PurePosixPath(source).name)
            if originals and originals.fetch(checksum, path):
                yield source, path
