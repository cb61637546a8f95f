"""The process that reads files: whatever a file does to its parser stays in here.

It receives a request and the descriptor of an open file at a time over a socket, and answers with
messages in JSON: the documents in the file, or, asked for a page of one of them, its picture. It
opens no file itself, and could not: see ``confinement``.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, replace
from importlib import import_module
from io import BufferedReader
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle
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


def serve_requests(handle: int, most_bytes: int) -> None:
    """Answer over the socket ``handle`` until the other end hangs up."""
    with Connection(handle) as parent:
        listen(lambda: parent.send_bytes(json.dumps({"alive": True}).encode()))
        while True:
            try:
                request = json.loads(parent.recv_bytes())
                descriptor = recv_handle(parent)
            except EOFError:
                return
            with os.fdopen(descriptor, "rb") as file:
                for message in _answer(request, file, most_bytes):
                    parent.send_bytes(json.dumps(message).encode())


def _answer(
    request: dict[str, Any], file: BufferedReader, most_bytes: int
) -> Iterator[dict[str, Any]]:
    source = request["source"]
    try:
        if "page" in request:
            yield _picture(file, source, most_bytes, **request["page"])
        else:
            yield from _documents(file, source, most_bytes)
    except DocumentError as error:
        yield {"error": str(error)}
    except DependencyError as error:
        yield {"missing": [error.message, error.remedy]}
    except (MemoryError, RecursionError) as error:
        yield {
            "error": f"Reading this file takes too much memory ({type(error).__name__}). "
            "It may be made to do so; if it is to be trusted, raise parse_memory_mb."
        }


def _documents(file: BufferedReader, source: str, most_bytes: int) -> Iterator[dict[str, Any]]:
    data, state = _read(file, source, most_bytes)
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


def _picture(
    file: BufferedReader, source: str, most_bytes: int, document_id: str, number: int
) -> dict[str, Any]:
    """Page ``number`` of the document with this id, which is ``file`` or inside it."""
    try:
        data, _ = _read(file, source, most_bytes)
        original = bytes_in(data, source, document_id, most_bytes)
    except DocumentError as error:
        return {"absent": str(error)}
    if original is None:
        return {"absent": "It is another file now."}
    module = "pdf.render" if b"%PDF" in original[:_PDF_HEAD] else "image"
    page: bytes = import_module(f"aiqa.documents.{module}").picture(original, number)
    return {"picture": base64.b64encode(page).decode()}


def _read(file: BufferedReader, source: str, most_bytes: int) -> tuple[bytes, os.stat_result]:
    """The bytes of ``file`` and its state, which did not change meanwhile."""
    if not may_be_read(file.read(HEAD_BYTES), source):
        raise no_loader(source)
    for _ in range(_TRIES):
        before = os.fstat(file.fileno())
        if before.st_size > most_bytes:
            raise DocumentError(
                f"This file has {before.st_size / _MB:,.0f} MB; at most "
                f"{most_bytes / _MB:,.0f} MB are read.",
                "Split it, or raise max_file_mb.",
            )
        file.seek(0)
        data = file.read()
        after = os.fstat(file.fileno())
        if (before.st_size, before.st_mtime_ns) == (len(data), after.st_mtime_ns):
            return data, after
    raise DocumentError(
        "This file keeps changing while it is read.", "Ingest again when it is at rest."
    )


def _plain(document: Document) -> dict[str, Any]:
    # Cells are many: asdict would take longer over them than the parser.
    fields = asdict(replace(document, blocks=()))
    for layout in fields["layouts"]:
        layout["boxes"] = base64.b64encode(layout["boxes"]).decode()
    fields["blocks"] = [block.to_row() for block in document.blocks]
    return fields
