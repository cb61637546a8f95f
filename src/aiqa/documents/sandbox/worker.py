"""The process that reads files: whatever a file does to its parser stays in here.

``aiqa.documents.sandbox.pool`` starts it with
``python -P -m aiqa.documents.sandbox.worker FD MEMORY_MB MAX_FILE_MB``. It is told a path and a
source at a time over the socket ``FD``, and answers with messages in JSON: the documents there, or,
asked for a page of one of them, its picture.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from aiqa.checksums import content_id
from aiqa.documents import may_be_read, no_loader
from aiqa.documents.archives import bytes_in, documents_in
from aiqa.documents.detection import HEAD_BYTES
from aiqa.documents.progress import listen
from aiqa.errors import DependencyError, DocumentError
from aiqa.types import Document

_MB = 1_000_000
_TRIES = 3
_PDF_HEAD = 1024
"""A PDF tells that it is one within this many bytes."""


def main() -> None:
    """Answer until the other end hangs up."""
    handle, memory_mb, max_file_mb = map(int, sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * _MB, memory_mb * _MB))
    # A crash is told by the process's end; a core file would only fill the disk.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with Connection(handle) as parent:
        listen(lambda: parent.send_bytes(json.dumps({"alive": True}).encode()))
        while True:
            try:
                request = json.loads(parent.recv_bytes())
            except EOFError:
                return
            for message in _answer(request, max_file_mb * _MB):
                parent.send_bytes(json.dumps(message).encode())


def _answer(request: dict[str, Any], most_bytes: int) -> Iterator[dict[str, Any]]:
    path = Path(os.fsdecode(base64.b64decode(request["path"])))
    try:
        if "page" in request:
            yield _picture(path, most_bytes, **request["page"])
        else:
            yield from _documents(path, request["source"], most_bytes)
    except DocumentError as error:
        yield {"error": str(error)}
    except DependencyError as error:
        yield {"missing": [error.message, error.remedy]}
    except (MemoryError, RecursionError) as error:
        yield {
            "error": f"Reading this file takes too much memory ({type(error).__name__}). "
            "It may be made to do so; if it is to be trusted, raise parse_memory_mb."
        }


def _documents(path: Path, source: str, most_bytes: int) -> Iterator[dict[str, Any]]:
    data, state = _read(path, most_bytes, source)
    for item in documents_in(data, source, most_bytes):
        if isinstance(item, Document):
            yield {"document": _plain(item)}
        else:
            yield {"failure": asdict(item)}
    yield {
        "read": {
            "size": state.st_size,
            "mtime_ns": state.st_mtime_ns,
            "checksum": content_id(data),
        }
    }


def _picture(path: Path, most_bytes: int, document_id: str, number: int) -> dict[str, Any]:
    """Page ``number`` of the document with this id, which is the file ``path`` or inside it."""
    try:
        original = bytes_in(
            _read(path, most_bytes, path.name)[0], path.name, document_id, most_bytes
        )
    except DocumentError as error:
        return {"absent": str(error)}
    if original is None:
        return {"absent": "It is another file now."}
    module = "pdf.render" if b"%PDF" in original[:_PDF_HEAD] else "image"
    page: bytes = import_module(f"aiqa.documents.{module}").picture(original, number)
    return {"picture": base64.b64encode(page).decode()}


def _read(path: Path, most_bytes: int, source: str) -> tuple[bytes, os.stat_result]:
    """The bytes of ``path`` and its state, which did not change meanwhile."""
    try:
        if path.is_dir():
            raise _folder_error(path)
        with path.open("rb") as file:
            if not may_be_read(file.read(HEAD_BYTES), source):
                raise no_loader(source)
        for _ in range(_TRIES):
            before = path.stat()
            if before.st_size > most_bytes:
                raise DocumentError(
                    f"This file has {before.st_size / _MB:,.0f} MB; at most "
                    f"{most_bytes / _MB:,.0f} MB are read.",
                    "Split it, or raise max_file_mb.",
                )
            data = path.read_bytes()
            after = path.stat()
            if (before.st_size, before.st_mtime_ns) == (len(data), after.st_mtime_ns):
                return data, after
    except OSError as error:
        raise DocumentError(
            f"This file cannot be read: {(error.strerror or str(error)).lower()}."
        ) from error
    raise DocumentError(
        "This file keeps changing while it is read.", "Ingest again when it is at rest."
    )


def _folder_error(path: Path) -> DocumentError:
    if path.is_symlink():
        return DocumentError(
            "This is a link to a folder, which is not followed.", "Ingest the folder itself."
        )
    return DocumentError("This folder cannot be looked into.", "Look at its permissions.")


def _plain(document: Document) -> dict[str, Any]:
    # Cells are many: asdict would take longer over them than the parser.
    fields = asdict(replace(document, blocks=()))
    for layout in fields["layouts"]:
        layout["boxes"] = base64.b64encode(layout["boxes"]).decode()
    fields["blocks"] = [block.to_row() for block in document.blocks]
    return fields


if __name__ == "__main__":
    main()
