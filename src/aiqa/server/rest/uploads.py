"""``/uploads``: files and texts that become documents, each as a job that can be followed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi import Path as InPath
from starlette.concurrency import run_in_threadpool

from aiqa.assistant import Assistant
from aiqa.errors import DocumentError
from aiqa.ingestion.file_discovery import source_of
from aiqa.server.intake import Intake
from aiqa.server.rest.document_schemas import DecisionBody, TextBody, UploadEntry, UploadList
from aiqa.server.rest.permission import may_change
from aiqa.server.upload import received_files, take_text
from aiqa.server.uploaded_file import Clash, Upload

_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "files": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": 1000,
                            "items": {"type": "string", "format": "binary"},
                        }
                    },
                    "required": ["files"],
                    "additionalProperties": False,
                }
            }
        },
    }
}

UploadPath = Annotated[str, InPath(pattern=r"^[0-9]{1,12}$")]


def uploads_api(intake: Intake, assistant: Assistant, folder: Path, max_mb: int) -> APIRouter:
    """Return the routes; files arrive in ``folder``, each of at most ``max_mb``."""
    router = APIRouter(prefix="/uploads", tags=["uploads"], dependencies=[Depends(may_change)])

    @router.get("", response_model=UploadList)
    def list_uploads() -> Mapping[str, Any]:
        """List the uploads, in the order they came."""
        return _list(assistant, intake, intake.uploads())

    @router.post("", status_code=202, response_model=UploadList, openapi_extra=_FORM)
    async def upload_files(
        request: Request,
        collection: Annotated[str, Query(max_length=100)] = "",
        clash: Annotated[
            Clash, Query(description="What to do about a name that another file has.")
        ] = "ask",
    ) -> Mapping[str, Any]:
        """Upload files; each is read when its turn comes."""
        files = await received_files(request, folder, max_mb, intake)
        return await run_in_threadpool(_take, files, collection, clash)

    def _take(files: Collection[str], collection: str, clash: Clash) -> Mapping[str, Any]:
        return _list(assistant, intake, intake.take(map(Path, files), collection, clash))

    @router.post("/text", status_code=202, response_model=UploadList)
    def upload_text(body: TextBody) -> Mapping[str, Any]:
        """Upload a text; without a title it is named by its first words."""
        return _list(assistant, intake, take_text(intake, body))

    @router.get("/{upload_id}", response_model=UploadEntry)
    def get_upload(upload_id: UploadPath) -> Mapping[str, Any]:
        """Tell what has become of an upload."""
        return _entry(assistant, intake, _known(intake, upload_id))

    @router.post("/{upload_id}", response_model=UploadEntry)
    def decide_upload(upload_id: UploadPath, body: DecisionBody) -> Mapping[str, Any]:
        """Cancel an upload that is not finished, or say what to do about one that `asks`."""
        upload = _known(intake, upload_id)
        intake.decide(upload_id, body.act)
        return _entry(assistant, intake, upload)

    return router


def _known(intake: Intake, identity: str) -> Upload:
    for upload in intake.uploads():
        if upload.id == identity:
            return upload
    raise DocumentError(f"There is no upload {identity}.", "Look at the list of uploads.")


def _list(assistant: Assistant, intake: Intake, uploads: Iterable[Upload]) -> Mapping[str, Any]:
    return {"uploads": [_entry(assistant, intake, upload) for upload in uploads]}


def _entry(assistant: Assistant, intake: Intake, upload: Upload) -> Mapping[str, Any]:
    source, store = source_of(upload.target, intake.base), assistant.store
    is_read = upload.state in ("added", "partly", "unchanged") and store.has_index
    documents = {*store.index.catalog.sources_of(source).values()} if is_read else ()
    return {
        "id": upload.id,
        "name": upload.name,
        "size": upload.size,
        "state": upload.state,
        "is_finished": not upload.is_unfinished,
        "progress": upload.share,
        "error": upload.error,
        "source": source,
        "documents": sorted(documents),
    }
