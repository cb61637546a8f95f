"""Documents and chunks of stored rows, whose checksums are verified."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import astuple
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from aiqa.checksums import chunk_checksum, document_checksum
from aiqa.embedders import Vectors
from aiqa.index.database import damaged_error
from aiqa.index.schema import sentences_json
from aiqa.index.stored_values import (
    about_of,
    block_of,
    headings_of,
    pages_of,
    parsing,
    section_of,
    stored_sentences,
)
from aiqa.storage.chunk_keys import chunk_key
from aiqa.types import Chunk, Document
from aiqa.types.documents import Format


class StoredDocument(NamedTuple):
    """What is stored of a document, and the source that it is told of under."""

    id: str
    source: str
    format: Format
    title: str
    text: str
    pages: str
    headings: str
    about: str
    checksum: str

    @classmethod
    def of(cls, document: Document, blocks: Sequence[str]) -> Self:
        """Return what is stored of ``document``, whose blocks are stored as ``blocks``."""
        pages = json.dumps([astuple(page) for page in document.pages])
        headings = json.dumps([astuple(heading) for heading in document.headings])
        about = {
            "language": document.language,
            "published": document.published,
            "url": document.url,
            "unread_pages": document.unread_pages,
            "ocr_pages": document.ocr_pages,
            "omissions": document.omissions,
        }
        return cls(
            id=document.id,
            source=document.source,
            format=document.format,
            title=document.title,
            text=document.text,
            pages=pages,
            headings=headings,
            about=json.dumps({name: value for name, value in about.items() if value}),
            checksum=document_checksum(document.title, document.text, pages, headings, blocks),
        )

    def document(self, blocks: Sequence[str]) -> Document:
        """Return the document with its stored ``blocks``.

        Raises:
            CatalogError: its checksum does not match.
        """
        with parsing(f"The text of {self.source}"):
            stored = document_checksum(self.title, self.text, self.pages, self.headings, blocks)
            if stored != self.checksum:
                raise damaged_error(f"The text of {self.source}")
            details = about_of(self.about)
            return Document(
                id=self.id,
                source=self.source,
                format=self.format,
                title=self.title,
                text=self.text,
                pages=pages_of(self.pages),
                headings=headings_of(self.headings),
                language=details.language,
                published=details.published,
                url=details.url,
                unread_pages=details.unread_pages,
                ocr_pages=details.ocr_pages,
                blocks=tuple(map(block_of, blocks)),
                omissions=details.omissions,
            )


def stored_blocks(document: Document) -> list[str]:
    """Return what is stored of the blocks of ``document``, in order."""
    return [json.dumps(block.to_row(), ensure_ascii=False) for block in document.blocks]


class StoredChunk(NamedTuple):
    """What is stored of a chunk."""

    key: int
    document_id: str
    section: str
    page: int | None
    start: int
    end: int
    text: str
    vector: bytes
    sentences: str
    checksum: int

    @classmethod
    def of(cls, document_id: str, recipe: str, chunk: Chunk, vector: bytes) -> Self:
        """Return what is stored of a chunk that was made by the stored ``recipe``."""
        sentences = sentences_json(chunk.sentences)
        section = json.dumps([chunk.section, chunk.lead])
        return cls(
            key=chunk_key(document_id, recipe, chunk.start, chunk.title, section, chunk.text),
            document_id=document_id,
            section=section,
            page=chunk.page,
            start=chunk.start,
            end=chunk.end,
            text=chunk.text,
            vector=vector,
            sentences=sentences,
            checksum=chunk_checksum(
                chunk.start, chunk.end, chunk.text, chunk.lead, vector, sentences
            ),
        )

    @property
    def is_whole(self) -> bool:
        """Whether the checksum matches.

        Raises:
            ValueError: the section is damaged.
        """
        lead = section_of(self.section)[1]
        return self.checksum == chunk_checksum(
            self.start, self.end, self.text, lead, self.vector, self.sentences
        )

    def chunk(self, source: str, title: str, format_name: Format) -> Chunk:
        """Return the chunk of a document that has this source, title and format.

        Raises:
            CatalogError: its checksum does not match.
        """
        with parsing(f"Passage {self.key} of {source}"):
            path, lead = section_of(self.section)
            is_placed = 0 <= self.start < self.end == self.start + len(self.text)
            if not (self.is_whole and is_placed):
                raise damaged_error(f"Passage {self.key} of {source}")
            return Chunk(
                document_id=self.document_id,
                source=source,
                title=title,
                format=format_name,
                section=path,
                page=self.page,
                start=self.start,
                end=self.end,
                text=self.text,
                sentences=stored_sentences(self.sentences, self.start, self.end),
                lead=lead,
                key=self.key,
            )


def whole_vectors(
    rows: Sequence[StoredChunk], dimensions: int
) -> tuple[NDArray[np.int64], Vectors]:
    """Return keys, ``(n,)``, and vectors, ``(n, dimensions)``, of chunks.

    Raises:
        CatalogError: the checksum of one does not match.
    """
    for row in rows:
        with parsing(f"The vector or text of passage {row.key}"):
            is_whole = len(row.vector) == 4 * dimensions and row.is_whole
        if not is_whole:
            raise damaged_error(f"The vector or text of passage {row.key}")
    flat = np.frombuffer(b"".join(row.vector for row in rows), dtype=np.float32)
    return np.array([row.key for row in rows], dtype=np.int64), flat.reshape(-1, dimensions)
