"""Uploads: the routes that take files and texts, and the check that requests name no other file.

Gradio's page sends files to ``/gradio_api/upload`` and expects the paths they were stored at.
The first route replaces Gradio's own, which stores files of every format. The check stays in front
of Gradio's other routes, because each object with "path" and "meta" is a file to Gradio, which
would fetch it where the path is an address.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any, Literal

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aiqa.documents import is_supported, supported
from aiqa.errors import SourceError
from aiqa.server.actor import OwnershipError
from aiqa.server.intake import Intake
from aiqa.server.json_limits import is_within_limits
from aiqa.server.owners import QuotaError
from aiqa.server.rendering import render
from aiqa.server.uploaded_file import Clash, Upload

UPLOAD_ROUTE = "/gradio_api/upload"
UPLOAD_PATH = "/api/v1/uploads"
"""The same for programs."""

FILES_AT_ONCE = 5
"""The number of files of the largest size that one request may hold."""

_MAX_FILES = 1000
_STATUS = {SourceError: 404, OwnershipError: 403, QuotaError: 507}
_MAX_NAME_BYTES = 200
_TITLE_CHARACTERS = 60


class _FormParser(MultiPartParser):
    """Keeps less of each file in memory, because a request may hold a thousand."""

    spool_max_size = 1 << 16


def upload_routes(folder: Path, uploaded: set[str], max_mb: int, intake: Intake) -> APIRouter:
    """Return the routes that store files in ``folder`` and add their paths to ``uploaded``.

    ``intake`` tells whether there is room for them.
    """
    router = APIRouter()

    @router.post(UPLOAD_ROUTE)
    async def upload(request: Request) -> Response:
        try:
            paths = await received_files(request, folder, max_mb, intake)
        except HTTPException as refusal:
            return PlainTextResponse(refusal.detail, refusal.status_code)
        uploaded.update(paths)
        return JSONResponse(paths)

    @router.get(f"{UPLOAD_ROUTE}_progress")
    def progress() -> Response:
        # The page asks beside each upload, and waits for its answer only to draw a bar.
        return Response('data: {"msg": "done"}\n\n', media_type="text/event-stream")

    return router


async def received_files(request: Request, folder: Path, max_mb: int, intake: Intake) -> list[str]:
    """Store the files of a form in ``folder`` and return their paths.

    Raises:
        HTTPException: it is no such form, or a file cannot be read, is too large or cannot be kept.
    """
    try:
        form = await _FormParser(
            request.headers, request.stream(), max_files=_MAX_FILES, max_fields=1
        ).parse()
    except (KeyError, MultiPartException) as error:
        raise HTTPException(400, f"The request is not a form of files: {error}.") from error
    try:
        files = [file for file in form.getlist("files") if isinstance(file, UploadFile)]
        if len(files) < len(form.multi_items()):
            raise HTTPException(400, "The form has fields that are no files.")
        names = [_safe_name(file.filename or "") for file in files]
        _check_files(files, names, max_mb)
        sizes = [file.size or 0 for file in files]
        paths: list[str] = []
        try:
            await run_in_threadpool(intake.admit, sizes)
            for file, name in zip(files, names, strict=True):
                paths.append(await run_in_threadpool(_store, file, name, folder))
        except OSError as error:
            await run_in_threadpool(_delete, paths)
            raise HTTPException(507, f"The files cannot be kept: {error.strerror}.") from error
        except QuotaError as error:
            raise HTTPException(507, str(error)) from error
        intake.arrived(dict(zip(map(Path, paths), sizes, strict=True)))
        return paths
    finally:
        await form.close()


class NewUploads(BaseModel):
    """Files that were uploaded before and are to be taken in."""

    paths: list[str] = Field(max_length=_MAX_FILES)
    collection: str = Field("", max_length=100)
    clash: Clash = "ask"


class TextUpload(BaseModel):
    """A text that becomes a document."""

    text: str = Field(max_length=4_000_000)
    title: str = Field("", max_length=1000)
    collection: str = Field("", max_length=100)


class Decision(BaseModel):
    """What is to become of an upload."""

    act: Literal["cancel", "replace", "both"]


def intake_routes(intake: Intake, uploaded: set[str]) -> APIRouter:
    """Return the routes that take in what is in ``uploaded``, and tell what became of it."""
    router = APIRouter(prefix="/uploads")

    @router.get("")
    def uploads() -> Mapping[str, Any]:
        current = intake.uploads()
        return {
            "html": render("uploads.html", uploads=current),
            "busy": any(one.state in ("waiting", "reading") for one in current),
            "completions": intake.completions,
        }

    @router.post("")
    def take(request: NewUploads) -> Response:
        if not set(request.paths) <= uploaded:
            return PlainTextResponse("The request names a file that was not uploaded here.", 403)
        uploaded.difference_update(request.paths)
        files = [path for path in map(Path, request.paths) if path.is_file()]
        return _done(
            lambda: [one.id for one in intake.take(files, request.collection, request.clash)]
        )

    @router.post("/text")
    def paste(text: TextUpload) -> Response:
        if not text.text.strip():
            return PlainTextResponse("There is no text.", 400)
        return _done(lambda: [one.id for one in take_text(intake, text)])

    @router.post("/clear")
    def clear() -> Response:
        intake.clear()
        return JSONResponse([])

    @router.post("/{identity}")
    def decide(identity: str, decision: Decision) -> Response:
        return _done(lambda: intake.decide(identity, decision.act))

    return router


def _done(act: Callable[[], object]) -> Response:
    """Return as JSON what ``act`` returns, or why it was not done."""
    try:
        return JSONResponse(act())
    except (SourceError, OwnershipError, QuotaError) as error:
        return PlainTextResponse(str(error), _STATUS[type(error)])


def take_text(intake: Intake, text: TextUpload) -> list[Upload]:
    """Take in a text as a file.

    Raises:
        SourceError: there is no text.
    """
    if not text.text.strip():
        raise SourceError("There is no text.")
    with TemporaryDirectory() as folder:
        file = Path(folder) / _name_of_text(text)
        file.write_text(text.text, "utf-8", errors="replace")
        return intake.take([file], text.collection, "both")


def _name_of_text(text: TextUpload) -> str:
    """Return the name of a pasted text's file: its title, or else its first words."""
    for words in (text.title, text.text.strip()[:_TITLE_CHARACTERS]):
        printable = "".join(one for one in " ".join(words.split()) if one.isprintable())
        if title := printable.replace("/", "-").strip(". "):
            return _safe_name(f"{title}.txt")
    return "text.txt"


def _check_files(files: Sequence[UploadFile], names: Sequence[str], max_mb: int) -> None:
    if not files:
        raise HTTPException(400, "The request holds no file.")
    wrong = [name for name in names if not is_supported(Path(name))]
    if wrong:
        message = f"There is no loader for {', '.join(wrong)}."
        raise HTTPException(415, f"{message} Formats read: {supported()}.")
    if any((file.size or 0) > max_mb * 1_000_000 for file in files):
        raise HTTPException(413, f"A file may have {max_mb} MB at most.")


def _safe_name(name: str) -> str:
    """Return the last part of ``name`` without control characters, short enough for any disk."""
    printable = "".join(character for character in Path(name).name if character.isprintable())
    stem, suffix = Path(printable).stem, Path(printable).suffix
    room = max(_MAX_NAME_BYTES - len(suffix.encode()), 0)
    return stem.encode()[:room].decode("utf-8", "ignore") + suffix


def _store(file: UploadFile, name: str, folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    path = Path(mkdtemp(dir=folder)) / name
    try:
        with path.open("xb") as target:
            shutil.copyfileobj(file.file, target)
    except OSError:
        _delete([str(path)])
        raise
    return str(path)


def _delete(paths: Sequence[str]) -> None:
    for path in paths:
        shutil.rmtree(Path(path).parent, ignore_errors=True)


class UploadedFilesMiddleware:
    """Passes on JSON only, and only if each file that it names is in ``uploaded``."""

    def __init__(self, app: ASGIApp, uploaded: Callable[[], Collection[str]]) -> None:
        self._app = app
        self._uploaded = uploaded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request as ASGI specifies."""
        if (
            scope["type"] != "http"
            or scope["method"] not in ("POST", "DELETE")
            or scope["path"] in (UPLOAD_ROUTE, UPLOAD_PATH)
        ):
            await self._app(scope, receive, send)
            return
        body = await Request(scope, receive).body()
        # Beside the loop: some megabytes take a moment.
        if refusal := await run_in_threadpool(self._refusal, scope, body):
            await refusal(scope, receive, send)
        else:
            await self._app(scope, replayed(body, receive), send)

    def _refusal(self, scope: Scope, body: bytes) -> PlainTextResponse | None:
        if not body:
            return None
        if not Headers(scope=scope).get("content-type", "").startswith("application/json"):
            return PlainTextResponse("Send JSON.", 415)
        if not is_within_limits(body):
            return PlainTextResponse("The JSON is nested too deeply or has too many parts.", 400)
        try:
            files = _file_paths(body)
        except ValueError:
            return PlainTextResponse("The request is not valid JSON.", 400)
        uploaded = self._uploaded()
        if any(not isinstance(path, str) or path not in uploaded for path in files):
            return PlainTextResponse("The request names a file that was not uploaded here.", 403)
        return None


def replayed(body: bytes, receive: Receive) -> Receive:
    """Return a ``receive`` that gives ``body`` first."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return messages.pop() if messages else await receive()

    return replay


def _file_paths(body: bytes) -> list[Any]:
    """Return the path of every file object in the JSON ``body``."""
    paths: list[Any] = []

    def collect(found: dict[str, Any]) -> None:
        if "path" in found and "meta" in found:
            paths.append(found["path"])

    json.loads(body, object_hook=collect)
    return paths
