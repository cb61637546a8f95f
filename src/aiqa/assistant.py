"""The assistant: documents in, cited answers out. Here the parts are chosen and put together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from aiqa import answering
from aiqa.answering import Answerer
from aiqa.chunking import Chunker
from aiqa.discovery import discover
from aiqa.embedding import Embedder, SentenceTransformerEmbedder
from aiqa.errors import CatalogError, QuestionError
from aiqa.index import Index, Recipe
from aiqa.ingestion import Ingestion, Progress, remove
from aiqa.reading import Reader, SentenceReader
from aiqa.retrieval import Retriever
from aiqa.settings import Settings
from aiqa.types import Answer, Document, Filters, IndexStatus, IngestReport, ScoredChunk


class Assistant:
    """Answers questions from the documents in one index folder, in their own words.

    >>> assistant = Assistant.open("index")
    >>> assistant.ingest("corpus")
    >>> assistant.ask("How much does SenseRobot cost?").text
    """

    def __init__(self, folder: Path, settings: Settings, embedder: Embedder | None = None) -> None:
        """``embedder`` is used in place of the one that ``settings`` name, as when it is shared."""
        self.folder = folder
        self.settings = settings
        self._given_embedder = embedder
        self._opened: Index | None = None

    @classmethod
    def open(
        cls, index: str | Path = "index", settings: Settings | None = None, **overrides: Any
    ) -> Self:
        """An assistant over the folder ``index``, which ``ingest`` makes if it is not there.

        ``overrides`` are single settings: ``Assistant.open("index", min_confidence=0.8)``.

        Raises:
            SettingsError: a setting is not usable.
        """
        return cls(Path(index), settings or Settings.load(**overrides))

    def ingest(
        self, *paths: str | Path, on_progress: Callable[[Progress], None] | None = None
    ) -> IngestReport:
        """Make the index match ``paths``: files, or folders with everything in them.

        New files are added, changed ones replaced, and files gone from a given folder removed. A
        file that cannot be read is reported and does not stop the rest. If the embedder or the
        chunk size was changed, the stored documents are chunked and embedded again first.

        Raises:
            SourceError: a path is missing, there is nothing to ingest, or every file failed.
            CatalogError: the index cannot be written or is of another version.
        """
        found = discover(paths, self.folder)
        if self._opened is None:
            self._opened = Index(self.folder, self._recipe)
        work = Ingestion(self._index, self._recipe, self._chunker, self.embedder)
        return work.run(found, on_progress)

    def remove(self, *sources: str) -> IngestReport:
        """Forget documents by source, as ``status`` lists them, or all in a folder.

        Raises:
            SourceError: a source is not in the index; then nothing is removed.
            CatalogError: there is no usable index.
        """
        return remove(sources, self._index)

    def ask(
        self, question: str, *, filters: Filters | None = None, min_confidence: float | None = None
    ) -> Answer:
        """The documents' own answer to ``question``, with citations, or an abstention.

        ``min_confidence`` overrides the setting: 0 always answers if there is anything to cite.

        Raises:
            QuestionError: the question is empty or too long, or no document fits ``filters``.
            CatalogError: there is no usable index.
        """
        clock = [time.perf_counter()]
        chunks = self.search(question, k=self.settings.read_chunks, filters=filters)
        clock.append(time.perf_counter())
        spans = self._reader.read(question.strip(), chunks)
        clock.append(time.perf_counter())
        least = self.settings.min_confidence if min_confidence is None else min_confidence
        answer = self._answerer.answer(question.strip(), spans, least)
        clock.append(time.perf_counter())
        stages = zip(("retrieval", "reading", "answering"), clock, clock[1:], strict=False)
        timings = {name: round((end - start) * 1000, 2) for name, start, end in stages}
        timings["total"] = round((clock[-1] - clock[0]) * 1000, 2)
        return replace(answer, timings_ms=timings)

    def search(
        self, question: str, *, k: int = 10, filters: Filters | None = None
    ) -> list[ScoredChunk]:
        """Up to ``k`` chunks for ``question``, best first.

        Raises:
            QuestionError: the question is empty or too long, or no document fits ``filters``.
            CatalogError: there is no usable index, or another embedder made it.
        """
        self._check(question)
        stored = self._index.catalog.recipe
        if stored.embedder != self.embedder.identity:
            raise CatalogError(
                f"The index {self.folder} was made with the embedder {stored.embedder}, but "
                f"{self.embedder.identity} is set.",
                "Set the embedder back, or run `aiqa ingest` to embed the documents again.",
            )
        return self._retriever.search(question.strip(), k, filters)

    def document(self, document_id: str) -> Document:
        """The document with this id, with its whole text.

        Raises:
            CatalogError: there is none, or no usable index.
        """
        document = self._index.catalog.document(document_id)
        if document is None:
            raise CatalogError(
                f"There is no document {document_id} in the index {self.folder}.",
                "It may have been changed or removed since; ask again.",
            )
        return document

    def documents(self) -> Iterator[Document]:
        """Every document with its whole text, in order of id.

        Raises:
            CatalogError: there is no usable index.
        """
        return self._index.catalog.documents()

    def status(self) -> IndexStatus:
        """What the index holds and how it was made.

        Raises:
            CatalogError: there is no usable index.
        """
        catalog = self._index.catalog
        documents, chunks = catalog.counts()
        recipe = catalog.recipe
        return IndexStatus(
            index=str(self.folder),
            generation=catalog.generation,
            documents=documents,
            chunks=chunks,
            bytes_on_disk=sum(f.stat().st_size for f in self.folder.rglob("*") if f.is_file()),
            embedder=recipe.embedder,
            chunk_tokens=recipe.chunk_tokens,
            chunk_overlap=recipe.chunk_overlap,
            formats=catalog.formats(),
            sources=tuple(catalog.sources()),
            failures=catalog.failures(),
        )

    def warm_up(self) -> None:
        """Load models and index now, so that the first question is as fast as the others."""
        self._reader.read("warm up", self.search("warm up", k=1))

    def close(self) -> None:
        """Release the index's files."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- the parts, made when first needed ----------------------------------------------------

    @property
    def _index(self) -> Index:
        if self._opened is None:
            self._opened = Index(self.folder)
        return self._opened

    @cached_property
    def embedder(self) -> Embedder:
        """What turns texts into vectors here."""
        return self._given_embedder or SentenceTransformerEmbedder(self.settings.embedder)

    @cached_property
    def _chunker(self) -> Chunker:
        return Chunker(
            target=self.settings.chunk_tokens,
            overlap=self.settings.chunk_overlap,
            limit=self.embedder.max_tokens,
            count_pieces=self.embedder.count_tokens,
        )

    @property
    def _recipe(self) -> Recipe:
        return Recipe(
            embedder=self.embedder.identity,
            dimensions=self.embedder.dimensions,
            chunk_tokens=self.settings.chunk_tokens,
            chunk_overlap=self.settings.chunk_overlap,
        )

    @property
    def _retriever(self) -> Retriever:
        s = self.settings
        return Retriever(
            self._index, self.embedder, s.candidates, (s.dense_weight, s.lexical_weight), s.rrf_k
        )

    @cached_property
    def _reader(self) -> Reader:
        return SentenceReader(self.embedder)

    @property
    def _answerer(self) -> Answerer:
        return Answerer(answering.FITTED, self.settings.alternatives, self.document)

    def _check(self, question: str) -> None:
        most = self.settings.max_question_chars
        if not question.strip():
            raise QuestionError("The question is empty.", "Ask in a few words.")
        if len(question) > most:
            raise QuestionError(
                f"The question has {len(question):,} characters; at most {most:,} are taken.",
                "Ask the one thing you want to know, or raise max_question_chars.",
            )
