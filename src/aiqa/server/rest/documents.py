"""``/documents``: listed, looked up, read, downloaded and removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi import Path as InPath
from starlette.responses import PlainTextResponse, Response

from aiqa.assistant import Assistant
from aiqa.errors import DocumentError
from aiqa.server.calls import Calls
from aiqa.server.deletions import Deletions
from aiqa.server.documents import original_response
from aiqa.server.listed_documents import MOST_SKIPPED, listed_documents
from aiqa.server.rest.document_schemas import DocumentDetails, DocumentList, Removal
from aiqa.server.rest.permission import may_change
from aiqa.server.rest.schemas import DOCUMENT_ID
from aiqa.types import Document

_MOST_LISTED = 1000

DocumentPath = Annotated[
    str,
    InPath(pattern=DOCUMENT_ID, description="The SHA-256 of its file."),
]


def documents_api(calls: Calls, deletions: Deletions | None) -> APIRouter:
    """Return the routes; without ``deletions`` nothing can be removed."""
    assistant = calls.assistant
    router = APIRouter(prefix="/documents", tags=["documents"])

    @router.get("", response_model=DocumentList)
    def list_documents(
        text: Annotated[
            str, Query(max_length=1000, description="A part of the path or title.")
        ] = "",
        start: Annotated[int, Query(ge=0, le=MOST_SKIPPED)] = 0,
        limit: Annotated[int, Query(ge=1, le=_MOST_LISTED)] = 100,
    ) -> Mapping[str, Any]:
        """List the documents, in order of path."""
        count, page = listed_documents(assistant, text.strip(), start, limit)
        return {"count": count, "documents": [asdict(held) for held in page]}

    @router.get("/{document_id}", response_model=DocumentDetails)
    def get_document(document_id: DocumentPath) -> Mapping[str, Any]:
        """Describe a document."""
        held, sources = _with_sources(assistant, document_id)
        return {
            "document_id": held.id,
            "sources": sources,
            "title": held.title,
            "format": held.format,
            "characters": len(held.text),
            "pages": len(held.pages),
            "language": held.language,
            "published": held.published,
            "url": held.url,
            "omissions": held.omissions,
        }

    @router.get("/{document_id}/text", response_class=PlainTextResponse)
    def get_text(
        document_id: DocumentPath,
        start: Annotated[int, Query(ge=0, le=2**53)] = 0,
        end: Annotated[int | None, Query(ge=0, le=2**53)] = None,
    ) -> Response:
        """Return the text that offsets count in, or its characters `start` to `end`."""
        return PlainTextResponse(_known(assistant, document_id).text[start:end])

    @router.get(
        "/{document_id}/original",
        response_class=Response,
        responses={
            200: {
                "description": "The file.",
                "content": {"application/octet-stream": {"schema": {"type": "string"}}},
            }
        },
    )
    def get_original(document_id: DocumentPath) -> Response:
        """Return the file that was read, if its bytes are unchanged."""
        _known(assistant, document_id)
        return original_response(assistant.original(document_id))

    if deletions is None:
        return router

    @router.delete("/{document_id}", response_model=Removal, dependencies=[Depends(may_change)])
    def delete_document(document_id: DocumentPath) -> Mapping[str, Any]:
        """Remove a document, at all paths that it is found at."""
        _, sources = _with_sources(assistant, document_id)
        for source in sources:
            deletions.delete(source)
        return {"removed": sources}

    return router


def _with_sources(assistant: Assistant, identity: str) -> tuple[Document, list[str]]:
    """Return a document and the sources that it has in the same generation."""
    if not assistant.store.has_index:
        raise _unknown(identity)
    index = assistant.store.index
    with index.reading():
        return _known(assistant, identity), index.catalog.sources_with(identity)


def _known(assistant: Assistant, identity: str) -> Document:
    found = assistant.find(identity) if assistant.store.has_index else None
    if found is None:
        raise _unknown(identity)
    return found


def _unknown(identity: str) -> DocumentError:
    return DocumentError(
        f"There is no document {identity}.", "It may have changed; list the documents again."
    )
