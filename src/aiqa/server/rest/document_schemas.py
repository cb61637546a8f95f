"""What the REST interface takes and gives of documents and uploads."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from aiqa.server.rest.schemas import RequestBody
from aiqa.server.upload import TextUpload
from aiqa.server.uploaded_file import State as UploadState
from aiqa.types import Format


class DocumentEntry(BaseModel):
    """A document; `document_id` is the SHA-256 of its file."""

    source: str
    document_id: str
    title: str
    format: Format
    collection: str
    day: str


class DocumentList(BaseModel):
    """A part of the documents, in order of their source; `count` are all that match."""

    count: int
    documents: list[DocumentEntry]


class DocumentDetails(BaseModel):
    """A document, all sources it is found at, and what was left out when it was read."""

    document_id: str
    sources: list[str]
    title: str
    format: Format
    characters: int
    pages: int
    language: str | None
    published: str | None
    url: str | None
    omissions: list[str]


class Removal(BaseModel):
    """What was removed. The files of uploads are deleted a minute later."""

    removed: list[str]


class UploadEntry(BaseModel):
    """An uploaded file on its way to being a document.

    `progress` is the share that can be asked already, as far as that is known. `error` says why
    the file, or a part of it, was not read. `documents` are the ids of what came of it.
    """

    id: str
    name: str
    size: int
    state: UploadState
    is_finished: bool
    progress: float | None
    error: str
    source: str
    documents: list[str]


class UploadList(BaseModel):
    """Uploads, in the order they came."""

    uploads: list[UploadEntry]


class TextBody(TextUpload):
    """A text that is to become a document."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [{"title": "Gate", "text": "The gate is blue.", "collection": "yard"}]
        },
    )


class DecisionBody(RequestBody):
    """What is to become of an upload: cancelled, or what to do about a name that is taken."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"act": "replace"}]}
    )

    act: Literal["cancel", "replace", "both"]
