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
from aiqa.errors import AiqaError, CatalogError, DocumentError, SourceError

_PIECE = 1 << 18


def routes(assistant: Assistant) -> APIRouter:
    """``/documents/ID/original`` of every document, ``/documents/ID/pages/NUMBER.png`` of PDFs."""
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

    @router.get("/pages/{number}.png")
    def page(document_id: str, number: int) -> Response:
        try:
            drawn = assistant.picture(document_id, number)
        except (CatalogError, SourceError) as error:
            return _refusal(error)
        # The document's id is the digest of its bytes: the picture of a page never changes.
        kept = {"Cache-Control": "private, max-age=3600, immutable"}
        return Response(drawn, media_type="image/png", headers=kept)

    return router


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


def _refusal(error: AiqaError) -> Response:
    absent = isinstance(error, CatalogError | DocumentError)
    return PlainTextResponse(str(error), 404 if absent else 409)
