"""The assistant: documents in, cited answers out. Here the parts are chosen and put together."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from aiqa.answers.builder import Answerer, outcome
from aiqa.answers.calibration import Calibration, Strictness
from aiqa.config import Settings
from aiqa.delegation import delegate
from aiqa.document_store import DocumentStore
from aiqa.embedders import Embedder, SentenceTransformerEmbedder
from aiqa.errors import CatalogError, QuestionError
from aiqa.index import Index
from aiqa.ingestion.chunker import whole_chunk
from aiqa.ingestion.indexer import Indexer
from aiqa.query_rewriting import QueryRewriter
from aiqa.reader import Reader
from aiqa.reader.factory import LoadedReader, open_reader
from aiqa.retrieval.retriever import FollowUp, Retriever
from aiqa.types import (
    Answer,
    ChatTurn,
    Document,
    Filters,
    Outcome,
    Reading,
    RiskLevel,
    ScoredChunk,
    Span,
)

_questions = logging.getLogger("aiqa.questions")

_CALIBRATIONS = "calibrations"
"""The note in the catalog that keeps what was fitted to this index."""


def _store(assistant: Assistant) -> DocumentStore:
    return assistant.store


def _indexer(assistant: Assistant) -> Indexer:
    return assistant._indexer  # noqa: SLF001 - of the same module


class Assistant:
    """Answers questions from the documents in one index folder, in their own words.

    >>> assistant = Assistant.open("index")
    >>> assistant.ingest("corpus")
    >>> assistant.ask("How many US dollars does SenseRobot cost?").text
    """

    def __init__(self, folder: Path, settings: Settings, embedder: Embedder | None = None) -> None:
        """``embedder`` is used in place of the one that ``settings`` name, as when it is shared."""
        self.folder = folder
        self.settings = settings
        self.store = DocumentStore(folder, settings)
        self._indexer = Indexer(self.store, lambda: self.embedder)
        self._given_embedder = embedder

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

    ingest = delegate(_indexer, Indexer.ingest)
    add = delegate(_indexer, Indexer.add)
    remove = delegate(_indexer, Indexer.remove)

    document = delegate(_store, DocumentStore.document)
    find = delegate(_store, DocumentStore.find)
    document_at = delegate(_store, DocumentStore.document_at)
    documents = delegate(_store, DocumentStore.documents)
    original = delegate(_store, DocumentStore.original)
    picture = delegate(_store, DocumentStore.picture)
    holdings = delegate(_store, DocumentStore.holdings)
    chunks = delegate(_store, DocumentStore.chunks)
    boxes = delegate(_store, DocumentStore.boxes)
    page_size = delegate(_store, DocumentStore.page_size)
    status = delegate(_store, DocumentStore.status)
    check = delegate(_store, DocumentStore.check)
    keep_feedback = delegate(_store, DocumentStore.keep_feedback)
    export = delegate(_store, DocumentStore.export)
    bring_in = delegate(_store, DocumentStore.bring_in)
    close = delegate(_store, DocumentStore.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(
        self,
        question: str,
        *,
        history: Sequence[ChatTurn] = (),
        filters: Filters | None = None,
        min_confidence: float | None = None,
        max_risk: float | None = None,
    ) -> Answer:
        """The documents' own answer to ``question``, with citations, or an abstention.

        ``history`` is what was asked and answered before, oldest first. A question that does not
        stand alone is made complete with it; ``Answer.interpreted`` then tells how it was
        understood. To have a question taken as it stands, leave ``history`` out:

        >>> first = assistant.ask("How many US dollars does SenseRobot cost?")
        >>> assistant.ask("Who makes it?", history=[ChatTurn.of(first)]).interpreted
        'Who makes SenseRobot?'

        ``min_confidence`` or ``max_risk`` override the settings of these names; a confidence of 0
        always answers if there is anything to cite.

        Raises:
            QuestionError: the question is empty or too long, or no document fits ``filters``.
            CatalogError: there is no usable index.
        """
        self._check(question)
        _questions.info("asked %r", question)
        return self._asked(question.strip(), history, filters, min_confidence, max_risk)

    def try_out(self, question: str) -> Answer:
        """Like ``ask``, for questions that nobody asked: the log of questions has none of them.

        Raises:
            QuestionError: the question is empty or too long.
            CatalogError: there is no usable index.
        """
        self._check(question)
        return self._asked(question.strip())

    def _asked(
        self,
        asked: str,
        history: Sequence[ChatTurn] = (),
        filters: Filters | None = None,
        min_confidence: float | None = None,
        max_risk: float | None = None,
    ) -> Answer:
        start = time.perf_counter()
        with self._index.reading():
            interpreted = self._interpreter.interpret(asked, history)
            clock = [time.perf_counter()]
            meant = interpreted or asked
            chunks = self._found(asked, interpreted, history, self.settings.read_chunks, filters)
            least = self._least(min_confidence, max_risk)
            answer = self._answer(meant, chunks, least, clock, self.document)
        spent = round((clock[0] - start) * 1000, 2)
        timings = {"interpretation": spent, **answer.timings_ms}
        timings["total"] = round(timings["total"] + spent, 2)
        return replace(answer, question=asked, interpreted=interpreted, timings_ms=timings)

    def _answer(
        self,
        question: str,
        chunks: Sequence[ScoredChunk],
        least: float,
        clock: list[float],
        document: Callable[[str], Document],
    ) -> Answer:
        """Read ``chunks`` and answer; ``clock`` tells when the question came."""
        clock.append(time.perf_counter())
        reading = self.reader.read(question, chunks)
        clock.append(time.perf_counter())
        answerer = Answerer(
            self.calibration, self._opened_reader.stated, self.settings.alternatives, document
        )
        answer = answerer.answer(question, reading, least)
        clock.append(time.perf_counter())
        stages = zip(("retrieval", "reading", "answering"), clock, clock[1:], strict=False)
        timings = {name: round((end - start) * 1000, 2) for name, start, end in stages}
        timings["total"] = round((clock[-1] - clock[0]) * 1000, 2)
        return replace(answer, timings_ms=timings)

    def ask_document(
        self,
        question: str,
        document: Document,
        *,
        within: Span | None = None,
        min_confidence: float | None = None,
    ) -> Answer:
        """Like ``ask``, but from ``document`` alone, or ``within`` it: nothing is searched.

        The text is read as one chunk. No index is needed, nor need the document be in one.

        Raises:
            QuestionError: the question is empty or too long.
        """
        self._check(question)
        clock = [time.perf_counter()]
        chunk = whole_chunk(document, within)
        text = f"{chunk.context}\n{chunk.text}".strip()
        asked, read = self.embedder.encode([question.strip(), text])
        hit = ScoredChunk(chunk, score=1.0, dense=float(asked @ read))
        least = self._least(min_confidence, None)
        return self._answer(question.strip(), [hit], least, clock, lambda _: document)

    def reading(self, question: str, *, without: Iterable[tuple[str, Span]] = ()) -> Reading:
        """What the reader finds, before it is decided whether to show it.

        ``without`` names places, by document id and span: chunks that touch one are passed over,
        which shows what is made of a question whose answer is not in the documents.

        Raises:
            QuestionError: the question is empty or too long.
            CatalogError: there is no usable index, or another embedder made it.
        """
        self._check(question)
        with self._index.reading():
            self._check_embedder()
            hidden = {
                key
                for document_id, span in without
                for key, start, end in self._index.catalog.places(document_id)
                if span.overlaps(Span(start, end))
            }
            chunks = self._retriever.search(
                question.strip(), self.settings.read_chunks, without=hidden
            )
        return self.reader.read(question.strip(), chunks)

    def search(
        self,
        question: str,
        *,
        k: int = 10,
        filters: Filters | None = None,
        history: Sequence[ChatTurn] = (),
    ) -> list[ScoredChunk]:
        """Up to ``k`` chunks for ``question``, best first; ``history`` is as for ``ask``.

        Raises:
            QuestionError: the question is empty or too long, or no document fits ``filters``.
            CatalogError: there is no usable index, or another embedder made it.
        """
        self._check(question)
        _questions.info("searched %r", question)
        asked = question.strip()
        with self._index.reading():
            interpreted = self._interpreter.interpret(asked, history)
            return self._found(asked, interpreted, history, k, filters)

    def _found(
        self,
        asked: str,
        interpreted: str | None,
        history: Sequence[ChatTurn],
        k: int,
        filters: Filters | None,
    ) -> list[ScoredChunk]:
        self._check_embedder()
        if interpreted is None:
            return self._retriever.search(asked, k, filters)
        follow_up = FollowUp(asked, frozenset(history[-1].titles))
        return self._retriever.search(interpreted, k, filters, follow_up=follow_up)

    def _check_embedder(self) -> None:
        stored = self._index.catalog.recipe
        if stored.embedder != self.embedder.identity:
            raise CatalogError(
                f"The index {self.folder} was made with the embedder {stored.embedder}, but "
                f"{self.embedder.identity} is set.",
                "Set the embedder back, or run `aiqa ingest` to embed the documents again.",
            )

    def outcome_of(self, answer: Answer) -> Outcome:
        """What comes of ``answer`` by the settings, if it was asked for by a lower confidence."""
        if answer.abstained:
            return answer.outcome
        return outcome(answer.confidence, answer.stated, self._least(None, None))

    def risk_levels(self) -> tuple[RiskLevel, ...]:
        """What each level of caution costs: shares of wrong answers that ``max_risk`` may allow."""
        return self.calibration.risks

    def warm_up(self) -> None:
        """Load models and index now, so that the first question is as fast as the others."""
        self.reader.read("warm up", self.search("warm up", k=1))

    # -- the parts, made when first needed ----------------------------------------------------

    @property
    def _index(self) -> Index:
        return self.store.index

    @cached_property
    def embedder(self) -> Embedder:
        """What turns texts into vectors here."""
        return self._given_embedder or SentenceTransformerEmbedder(self.settings.embedder)

    @property
    def _retriever(self) -> Retriever:
        s = self.settings
        return Retriever(
            self._index, self.embedder, s.candidates, (s.dense_weight, s.lexical_weight)
        )

    @property
    def reader(self) -> Reader:
        """What finds answers in chunks here."""
        return self._opened_reader.reader

    @cached_property
    def _opened_reader(self) -> LoadedReader:
        return open_reader(self.settings.reader, self.embedder)

    @property
    def brought_calibration(self) -> Calibration:
        """How the reader's evidence becomes confidence, as the reader has it."""
        return self._opened_reader.confidence

    @property
    def calibration(self) -> Calibration:
        """The same as it is used here: as fitted to this index, if that was done."""
        own = self._own_calibration()
        return Calibration.of(own) if own else self.brought_calibration

    @property
    def is_calibrated(self) -> bool:
        """Whether confidence was fitted to the reader in use, here or where it was made."""
        return not self._opened_reader.is_borrowed or bool(self._own_calibration())

    def _own_calibration(self) -> dict[str, Any] | None:
        """What was fitted to this index, as ``Calibration.as_dict`` has it."""
        kept = (self._index.catalog.note(_CALIBRATIONS) if self.store.has_index else None) or {}
        own: dict[str, Any] | None = kept.get(self._calibrated)
        return own

    def keep_calibration(self, calibration: Calibration) -> None:
        """Use ``calibration`` with this index from now on, while reader and embedder are these.

        Raises:
            CatalogError: there is no usable index, or it cannot be written.
        """
        with self._index.writing(), self._index.catalog.transaction(visible=False) as changes:
            kept = self._index.catalog.note(_CALIBRATIONS) or {}
            changes.note(_CALIBRATIONS, {**kept, self._calibrated: calibration.as_dict()})

    @property
    def _calibrated(self) -> str:
        """What a calibration depends on: reader, embedder, and which evidence is weighed."""
        weighed = self.brought_calibration.names
        return " ".join((self.reader.identity, self.embedder.identity, *weighed))

    def _least(self, min_confidence: float | None, max_risk: float | None) -> float:
        """The confidence from which an answer is shown, as asked for, or else as set."""
        if min_confidence is None and max_risk is None:
            strictness = Strictness(self.settings.min_confidence, self.settings.max_risk)
        else:
            strictness = Strictness(min_confidence or 0.0, max_risk)
        return strictness.least(self.calibration)

    @cached_property
    def _interpreter(self) -> QueryRewriter:
        return QueryRewriter(self.embedder)

    def _check(self, question: str) -> None:
        most = self.settings.max_question_chars
        if not question.strip():
            raise QuestionError("The question is empty.", "Ask in a few words.")
        if len(question) > most:
            raise QuestionError(
                f"The question has {len(question):,} characters; at most {most:,} are taken.",
                "Ask the one thing you want to know, or raise max_question_chars.",
            )
