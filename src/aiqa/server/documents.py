"""The documents page: list, upload, read again and delete; download files and show PDF pages.

No path of a request is opened: a download names a document, and the index knows its file.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from queue import SimpleQueue
from threading import Thread
from typing import Any, BinaryIO, Literal
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response, StreamingResponse
from pydantic import BaseModel, Field
from starlette.types import Receive, Scope, Send

from aiqa.assistant import Assistant
from aiqa.errors import AiqaError, CatalogError, DocumentError, SourceError
from aiqa.server.rendering import render
from aiqa.types import Failure, IngestReport, Omission, Progress

_AT_ONCE = 100
"""Documents listed on one page."""


class ListRequest(BaseModel):
    """Which documents are to be listed: those with ``text`` in source or title, from ``start``."""

    text: str = Field("", max_length=1000)
    start: int = Field(0, ge=0)


class Named(BaseModel):
    """A source, as it is listed."""

    source: str


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file and its state."""

    name: str
    state: Literal["waiting", "reading", "added", "partly", "unchanged", "failed"]
    error: str = ""


class Shelf:
    """Lists, adds, reads again and removes documents.

    What is added is kept in a folder beside the index; see ``folder``.
    """

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        # Sources start from the folder that the index stands in.
        index = Path(os.path.abspath(assistant.folder))  # noqa: PTH100
        self.base = index.parent
        self.folder = self.base / f"{index.name}-uploads"

    def list(self, request: Mapping[str, Any]) -> str:
        """The documents and what could not be read, a page of them."""
        sought = ListRequest.model_validate(request)
        state = self._assistant.status()
        part = sought.text.casefold()
        holdings = [
            held
            for held in self._assistant.holdings()
            if part in held.source.casefold() or part in held.title.casefold()
        ]
        failures = [failure for failure in state.failures if part in failure.source.casefold()]
        return render(
            "document_list.html",
            status=state,
            documents=holdings[sought.start : sought.start + _AT_ONCE],
            failures=failures,
            start=sought.start,
            size=_AT_ONCE,
            count=len(holdings),
        )

    def remove(self, request: Mapping[str, Any]) -> str:
        """Forgets a source; a file that was added by this page is deleted, too."""
        source = self._known(request)
        self._assistant.remove(source)
        path = self.base / source
        if path.parent == self.folder and path.is_file():
            path.unlink()
        return "Deleted."

    def read_again(self, request: Mapping[str, Any]) -> str:
        """Reads a source's file again, whether or not it seems to have changed."""
        source = self._known(request)
        report = self._assistant.ingest(self.base / source, verify=True)
        return "It was read again." if report.updated else "It has not changed."

    def add(self, files: Sequence[str], collection: str) -> Iterator[str]:
        """Takes uploaded files in; what has become of each so far, over and over until all are in.

        ``files`` are paths in the server's own folder of uploads.
        """
        uploads: dict[str, Upload] = {}
        paths: dict[str, Path] = {}
        for file in map(Path, files):
            self.folder.mkdir(exist_ok=True)
            target = self.folder / file.name.lstrip(".")
            shutil.copyfile(file, target)
            source = target.relative_to(self.base).as_posix()
            paths[source] = target
            uploads[source] = Upload(file.name, "waiting")
        yield render("uploads.html", uploads=uploads.values())
        for event in self._ingested(list(paths.values()), collection.strip() or None):
            match event:
                case Progress() if event.source in uploads:
                    uploads[event.source] = Upload(uploads[event.source].name, "reading")
                case IngestReport():
                    _settle(uploads, paths, {change.source for change in event.changes})
                    _fail(uploads, event.failed)
                    _note(uploads, event.omissions)
                case AiqaError():
                    _settle(uploads, paths, set())
                    _fail(uploads, self._assistant.status().failures)
                    if not isinstance(event, SourceError):
                        _fail(uploads, [Failure(source, str(event)) for source in paths])
            yield render("uploads.html", uploads=uploads.values())

    def _ingested(
        self, paths: Sequence[Path], collection: str | None
    ) -> Iterator[Progress | IngestReport | AiqaError]:
        """What an ingest of ``paths`` tells while it runs in a thread, its outcome last."""
        told: SimpleQueue[Progress | IngestReport | AiqaError | None] = SimpleQueue()

        def run() -> None:
            try:
                told.put(
                    self._assistant.ingest(*paths, collection=collection, on_progress=told.put)
                )
            except AiqaError as error:
                told.put(error)
            finally:
                told.put(None)

        thread = Thread(target=run)
        thread.start()
        while event := told.get():
            yield event
        thread.join()

    def _known(self, request: Mapping[str, Any]) -> str:
        """The source that is asked for, if the index holds it or failed to read it."""
        source = Named.model_validate(request).source
        state = self._assistant.status()
        if source not in {*state.sources, *(failure.source for failure in state.failures)}:
            raise SourceError(f"There is no source {source} in the index.", "Load the page anew.")
        return source


def _settle(uploads: dict[str, Upload], paths: Mapping[str, Path], changed: set[str]) -> None:
    for source in paths:
        name = uploads[source].name
        uploads[source] = Upload(name, "added" if source in changed else "unchanged")


def _fail(uploads: dict[str, Upload], failures: Sequence[Failure]) -> None:
    for failure in failures:
        for source, upload in uploads.items():
            if failure.source == source:
                uploads[source] = Upload(upload.name, "failed", failure.error)
            # A file in an uploaded ZIP folder or e-mail stands under it.
            elif failure.source.startswith(f"{source}/"):
                inside = failure.source.removeprefix(f"{source}/")
                _add_note(uploads, source, f"{inside}: {failure.error}")


def _note(uploads: dict[str, Upload], omissions: Sequence[Omission]) -> None:
    for omission in omissions:
        for source in uploads:
            if omission.source == source or omission.source.startswith(f"{source}/"):
                _add_note(uploads, source, omission.what)


def _add_note(uploads: dict[str, Upload], source: str, note: str) -> None:
    """Tell that a part of an upload was not read; of one that failed this is known."""
    upload = uploads[source]
    if upload.state == "added":
        uploads[source] = Upload(upload.name, "partly", note)
    elif upload.state == "partly":
        uploads[source] = Upload(upload.name, "partly", f"{upload.error} {note}")
    elif upload.state == "unchanged":
        uploads[source] = Upload(upload.name, "failed", note)


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
        return _FileResponse(
            found.file,
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
    absent = isinstance(error, CatalogError | DocumentError)
    return PlainTextResponse(str(error), 404 if absent else 409)
