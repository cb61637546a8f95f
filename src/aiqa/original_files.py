"""The files that documents were read from, handed out only while they are what was read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from aiqa.errors import CatalogError, DocumentError, SourceError
from aiqa.regular_file import open_regular
from aiqa.storage import Catalog
from aiqa.storage.originals import places


@dataclass(frozen=True, slots=True)
class Original:
    """The open file that a document was read from, at its beginning, and its size in bytes.

    ``source`` is the file's; for a document out of a ZIP folder or an e-mail that is the folder
    or the e-mail.
    """

    source: str
    file: BufferedReader
    size: int


def open_original(catalog: Catalog, base: Path, document_id: str) -> Original:
    """Open the file that a document was read from; sources start from the folder ``base``.

    Its bytes are read once as a whole to see that they are those that were ingested.

    Raises:
        CatalogError: there is no such document.
        SourceError: the file is gone, cannot be read, or has changed since.
    """
    with catalog.reading():
        files = catalog.files_of(document_id)
    if not files:
        raise CatalogError(f"There is no document {document_id} in the index.")
    for source, path in places(files, base, catalog.originals):
        try:
            file = open_regular(path)
        except DocumentError:
            continue
        if hashlib.file_digest(file, "sha256").hexdigest() == files[source]:
            size = file.tell()
            file.seek(0)
            return Original(source, file, size)
        file.close()
    raise SourceError(
        f"{' and '.join(files)} is gone or has changed since it was read.",
        "Ingest it again to get the present one.",
    )
