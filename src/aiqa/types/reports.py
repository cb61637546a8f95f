"""What ingestion did, and what an index holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from aiqa.types.documents import Format


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be ingested, and why."""

    source: str
    error: str


@dataclass(frozen=True, slots=True)
class Omission:
    """A part of a document that was left out when it was read, in a sentence that says why."""

    source: str
    what: str


@dataclass(frozen=True, slots=True)
class Change:
    """What an ingest did, or would do, about one file."""

    source: str
    what: Literal["added", "updated", "removed"]


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What one ``ingest`` did, in numbers of files, and what the index holds now.

    ``failed`` lists every file, or file in a file, that cannot be read; ``changes`` are in order
    of source. ``omissions`` are the parts left out of documents that were read.
    """

    added: int
    updated: int
    removed: int
    unchanged: int
    failed: tuple[Failure, ...]
    documents: int
    chunks: int
    changes: tuple[Change, ...] = ()
    omissions: tuple[Omission, ...] = ()

    @property
    def read(self) -> int:
        """The number of files that the index holds now, of those that were looked at."""
        return self.added + self.updated + self.unchanged

    @property
    def is_complete(self) -> bool:
        """Whether everything was read, and nothing left out."""
        return not self.failed and not self.omissions


@dataclass(frozen=True, slots=True)
class Holding:
    """A source that an index holds, and what it is.

    ``day`` is its date (ISO 8601): what the document says, or else when its file was last changed;
    empty if neither is known.
    """

    source: str
    document_id: str
    title: str
    format: Format
    collection: str
    day: str = ""


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """What an index holds and how it was made.

    ``documents`` counts sources, as do ``formats`` and ``collections``. ``bytes_on_disk`` gives
    the size of each part of the folder. ``last_run`` is the last ingest's start (ISO 8601), its
    seconds and its numbers of files; None before the first. ``unread_pages`` maps sources to their
    pages without text, such as scans. ``omissions`` are the parts left out of documents, such
    pages among them.
    """

    index: str
    generation: int
    documents: int
    chunks: int
    bytes_on_disk: Mapping[str, int]
    embedder: str
    chunk_tokens: int
    chunk_overlap: int
    formats: Mapping[str, int]
    collections: Mapping[str, int]
    last_run: Mapping[str, object] | None
    sources: tuple[str, ...]
    failures: tuple[Failure, ...]
    unread_pages: Mapping[str, Sequence[int]]
    omissions: tuple[Omission, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexCheck:
    """Whether an index is whole; see ``Assistant.check``.

    ``problems`` are sentences, none for a sound index. ``lost`` are the sources that must be
    ingested again. ``vector_index`` tells how FAISS searches, and ``recall`` which share of the
    ``recall_at`` truly nearest chunks it finds, on average over ``recall_questions`` chunks put as
    questions; None where there is nothing to search.
    """

    problems: tuple[str, ...]
    lost: tuple[str, ...]
    vector_index: str | None
    recall: float | None
    recall_at: int
    recall_questions: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingest has come; ``source`` was looked at last.

    ``bytes_done`` of ``bytes_total`` are of the files that have to be read; ``chunks`` counts what
    was embedded so far, of ``collected`` that were read. ``characters`` is the length of the texts
    that were read.
    """

    done: int
    total: int
    bytes_done: int
    bytes_total: int
    chunks: int
    source: str
    collected: int = 0
    characters: int = 0
