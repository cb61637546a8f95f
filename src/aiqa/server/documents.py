"""The documents page: list, read again and delete; download files and show pages as pictures.

No path of a request is opened: a download names a document, and the index knows its file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, BinaryIO
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response, StreamingResponse
from pydantic import BaseModel, Field
from starlette.types import Receive, Scope, Send

from aiqa.assistant import Assistant
from aiqa.errors import AiqaError, CatalogError, DocumentError, SourceError
from aiqa.original_files import Original
from aiqa.server.access_log import log
from aiqa.server.deletions import Deletions
from aiqa.server.error_texts import error_text
from aiqa.server.intake import Intake
from aiqa.server.interface_language import t
from aiqa.server.listed_documents import MOST_SKIPPED, listed_documents
from aiqa.server.rendering import render
from aiqa.types import Failure

_AT_ONCE = 100
"""Documents listed on one page."""


class ListRequest(BaseModel):
    """Which documents are to be listed: those with ``text`` in source or title, from ``start``."""

    text: str = Field("", max_length=1000)
    start: int = Field(0, ge=0, le=MOST_SKIPPED)


class Named(BaseModel):
    """A source, as it is listed, or the id of a deletion."""

    source: str


class Shelf:
    """Lists documents, reads them again and removes them."""

    def __init__(self, assistant: Assistant, intake: Intake) -> None:
        self._assistant = assistant
        self.intake = intake
        self.deletions = Deletions(assistant, intake)

    def list(self, request: Mapping[str, Any]) -> str:
        """Return the documents and what could not be read, a page of them."""
        sought = ListRequest.model_validate(request)
        failures: tuple[Failure, ...] = ()
        status = None
        if self._assistant.store.has_index:
            status = self._assistant.status()
            failures = status.failures
        text = sought.text.strip()
        count, documents = listed_documents(self._assistant, text, sought.start, _AT_ONCE)
        part = text.casefold()
        return render(
            "document_list.html",
            status=status,
            text=text,
            documents=documents,
            failures=[one for one in failures if part in one.source.casefold()],
            deletions=self.deletions.recent(),
            start=sought.start,
            size=_AT_ONCE,
            count=count,
        )

    def remove(self, request: Mapping[str, Any]) -> str:
        """Forget a source; a file that was uploaded here is deleted, too. See ``undo``."""
        self.deletions.delete(self._known(request))
        return t("Deleted.")

    def undo(self, request: Mapping[str, Any]) -> str:
        """Bring a source back that was deleted within the last minute."""
        source = self.deletions.undo(Named.model_validate(request).source)
        return t("{name} is back.", name=PurePosixPath(source).name)

    def read_again(self, request: Mapping[str, Any]) -> str:
        """Read a source's file again, whether or not it seems to have changed."""
        source = self._known(request)
        path = self.intake.file_of(source)
        if path is None:
            raise SourceError(f"The file of {source} is gone.", "Delete it, or add it again.")
        report = self.intake.writes.submit(
            path.stat().st_size,
            lambda: self._assistant.ingest(
                path, verify=True, on_progress=lambda _: self.intake.writes.give_way()
            ),
        ).result()
        return t("It was read again.") if report.updated else t("It has not changed.")

    def stop(self) -> None:
        """End what is being read, and delete for good what was to be deleted."""
        self.intake.stop()
        self.deletions.stop()

    def _known(self, request: Mapping[str, Any]) -> str:
        """The source that is asked for, if the index holds it or failed to read it."""
        source = Named.model_validate(request).source
        if source not in self._assistant.store.index.catalog.names_at(source):
            raise SourceError(f"There is no source {source} in the index.", "Load the page anew.")
        return source


_PIECE = 1 << 18


def routes(assistant: Assistant) -> APIRouter:
    """``/holdings``, and ``/documents/ID/original`` and ``…/pages/NUMBER.png`` of documents."""
    router = APIRouter()

    @router.get("/holdings")
    def holdings() -> Mapping[str, int]:
        if not assistant.store.has_index:
            return {"documents": 0, "passages": 0}
        documents, passages = assistant.store.index.catalog.counts()
        return {"documents": documents, "passages": passages}

    @router.get("/documents/{document_id}/original")
    def original(document_id: str) -> Response:
        try:
            found = assistant.original(document_id)
        except (CatalogError, SourceError) as error:
            return _refusal(error)
        return original_response(found)

    @router.get("/documents/{document_id}/pages/{number}.png")
    def page(document_id: str, number: int) -> Response:
        try:
            drawn = assistant.picture(document_id, number)
        except (CatalogError, SourceError) as error:
            return _refusal(error)
        # The document's id is the digest of its bytes: the picture of a page never changes.
        kept = {"Cache-Control": "private, max-age=3600, immutable"}
        return Response(drawn, media_type="image/png", headers=kept)

    return router


def original_response(original: Original) -> Response:
    """Return the file of a document as a download, which closes it."""
    name = PurePosixPath(original.source).name
    return _FileResponse(
        original.file,
        # Never shown by the browser as a page of this site, whatever the file holds.
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "Content-Length": str(original.size),
        },
    )


class _FileResponse(StreamingResponse):
    """The contents of an open file, which is closed however the response ends.

    A client that leaves early also leaves the iterator of the contents unfinished or not begun.
    """

    def __init__(self, file: BinaryIO, **options: Any) -> None:
        super().__init__(iter(lambda: file.read(_PIECE), b""), **options)
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._file:
            await super().__call__(scope, receive, send)


def _refusal(error: AiqaError) -> Response:
    if isinstance(error, CatalogError) and error.__cause__:
        # Where files and catalog are kept is no business of who asks.
        log.warning("A file cannot be read: %s", error)
        return PlainTextResponse(t("The file cannot be read now. Try again in a few seconds."), 503)
    absent = isinstance(error, CatalogError | DocumentError)
    return PlainTextResponse(error_text(str(error)), 404 if absent else 409)
