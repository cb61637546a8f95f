"""The documents' own files: to be downloaded, and PDF pages to be looked at.

Nothing is opened by a path that a request holds: it names a document, and the index its file.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import BinaryIO
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response, StreamingResponse

from aiqa.assistant import Assistant
from aiqa.errors import AiqaError, CatalogError, SourceError

_PIECE = 1 << 18


def routes(assistant: Assistant) -> APIRouter:
    """``/documents/ID/original`` of every document."""
    router = APIRouter(prefix="/documents/{document_id}")

    @router.get("/original")
    def original(document_id: str) -> Response:
        try:
            found = assistant.original(document_id)
        except (CatalogError, SourceError) as error:
            return _refusal(error)
        name = PurePosixPath(found.source).name
        return StreamingResponse(
            _pieces(found.file),
            # Never shown by the browser as a page of this site, whatever the file holds.
            media_type="application/octet-stream",
            headers={
                "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
                "Content-Length": str(found.size),
            },
        )

    return router


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


def _refusal(error: AiqaError) -> Response:
    return PlainTextResponse(str(error), 404 if isinstance(error, CatalogError) else 409)
