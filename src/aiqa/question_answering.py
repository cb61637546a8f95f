"""Questions to answers: rewrite the question, search, read, and cite or abstain."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache, cached_property
from threading import Thread

from aiqa.answers.builder import Answerer
from aiqa.calibrated_reader import CalibratedReader
from aiqa.config import Settings
from aiqa.document_store import DocumentStore
from aiqa.embedders import Embedder, open_embedder
from aiqa.errors import AiqaError, QuestionError
from aiqa.ingestion.chunker import whole_chunk
from aiqa.query_rewriting import QueryRewriter
from aiqa.reader.deadline import Deadline
from aiqa.reader.factory import open_reader
from aiqa.receipts.provenance import Asked
from aiqa.retrieval.retriever import FollowUp, Retriever
from aiqa.shared_property import SharedProperty
from aiqa.storage.opening import Address
from aiqa.types import Answer, ChatTurn, Document, Filters, Reading, ScoredChunk, Span

_questions = logging.getLogger("aiqa.questions")


class QuestionAnswering:
    """Answers questions from one index; embedder, index and reader are loaded when first needed."""

    def __init__(
        self, index: Address, settings: Settings, embedder: Embedder | None = None
    ) -> None:
        """Refer to the index at ``index``, which need not exist yet.

        ``embedder`` is used instead of the one that ``settings`` name, for example a shared one.
        """
        self.settings = settings
        self.store = DocumentStore(index, settings)
        self.folder = self.store.folder
        self._given_embedder = embedder

    def ask(
        self,
        question: str,
        *,
        history: Sequence[ChatTurn] = (),
        filters: Filters | None = None,
        min_confidence: float | None = None,
        max_risk: float | None = None,
    ) -> Answer:
        """Answer ``question`` with quotes from the documents and their citations, or abstain.

        >>> first = assistant.ask("How much does SenseRobot cost?")
        >>> assistant.ask("Who makes it?", history=[ChatTurn.of(first)]).interpreted
        'Who makes SenseRobot?'

        Args:
            question: the question.
            history: the earlier turns of the conversation, oldest first. A follow-up question is
                rewritten with their words; ``Answer.interpreted`` has the rewritten question.
                Without a history the question is used as it is.
            filters: restrict the search to documents that match.
            min_confidence: overrides the setting; with 0 every question gets an answer for which
                anything can be cited.
            max_risk: overrides the setting.

        Raises:
            QuestionError: the question is empty or too long, or no document matches ``filters``.
            CatalogError: there is no usable index.
        """
        question = self._checked(question)
        _questions.info("asked %r", question)
        with self.store.index.reading():
            answer = self._answer(question, history, filters, min_confidence, max_risk)
            self._answered(answer, Asked(history, filters, min_confidence, max_risk))
        return answer

    def ask_unlogged(self, question: str) -> Answer:
        """Answer a generated question: like ``ask``, but nothing is written to the question log."""
        return self._answer(self._checked(question))

    def ask_document(
        self,
        question: str,
        document: Document,
        *,
        within: Span | None = None,
        min_confidence: float | None = None,
    ) -> Answer:
        """Answer ``question`` from one document, or from the part ``within`` it, without a search.

        The text is read as one chunk. The document need not be in the index.

        Raises:
            QuestionError: the question is empty or too long.
        """
        question = self._checked(question)
        timer = _StageTimer()
        hit = self._whole(question, document, within)
        threshold = self._reader.threshold(min_confidence, None)
        timer.end_stage("retrieval")
        return self._read_and_answer(question, [hit], threshold, lambda _: document, timer)

    def ask_passages(
        self,
        question: str,
        passages: Sequence[ScoredChunk | Document],
        *,
        min_confidence: float | None = None,
        max_risk: float | None = None,
    ) -> Answer:
        """Answer ``question`` from nothing but ``passages``, without a search.

        They are what ``search`` gave, best first, or documents, each of which is read whole and
        need not be in the index. See ``ask`` for the other arguments.

        Raises:
            QuestionError: the question is empty or too long.
            CatalogError: the document of a passage is not in the index.
        """
        question = self._checked(question)
        timer = _StageTimer()
        given = {one.id: one for one in passages if isinstance(one, Document)}
        hits = [
            self._whole(question, one) if isinstance(one, Document) else one for one in passages
        ]
        threshold = self._reader.threshold(min_confidence, max_risk)
        timer.end_stage("retrieval")

        @cache
        def document(document_id: str) -> Document:
            return given.get(document_id) or self.store.document(document_id)

        return self._read_and_answer(question, hits, threshold, document, timer)

    def reading(self, question: str, *, without: Iterable[tuple[str, Span]] = ()) -> Reading:
        """Return the spans that the reader proposes, whatever their confidence.

        Args:
            question: the question, which stands alone.
            without: places, by document id and span. Chunks that overlap one are not searched, as
                if the index did not have them.

        Raises:
            QuestionError: the question is empty or too long.
            CatalogError: there is no usable index, or its vectors are of another embedder.
        """
        question = self._checked(question)
        index = self.store.index
        with index.reading():
            hidden = {
                key
                for document_id, span in without
                for key, start, end in index.catalog.places(document_id)
                if span.overlaps(Span(start, end))
            }
            chunks = self._retriever.search(question, self.settings.read_chunks, without=hidden)
        return self._reader.reader.read(question, chunks)

    def search(
        self,
        question: str,
        *,
        k: int = 10,
        filters: Filters | None = None,
        history: Sequence[ChatTurn] = (),
        rerank: bool = True,
    ) -> list[ScoredChunk]:
        """Return up to ``k`` chunks for ``question``, best first; see ``ask`` for the arguments.

        The reader reranks the chunks that it reads for an answer, ``Settings.read_chunks`` of them;
        others follow in the order of the search. Without ``rerank`` all are in that order, as they
        are for a follow-up question, where the search prefers documents that were cited before.

        Raises:
            QuestionError: the question is empty or too long, or no document matches ``filters``.
            CatalogError: there is no usable index, or its vectors are of another embedder.
        """
        question = self._checked(question)
        _questions.info("searched %r", question)
        if not rerank:
            return self.passages(question, k=k, filters=filters, history=history)
        read = self.settings.read_chunks
        with self.store.index.reading():
            self._load_reader_ahead()
            rewritten = self._rewriter.interpret(question, history)
            hits = self._search(question, rewritten, history, max(k, read), filters)
        if rewritten is not None:
            return hits[:k]
        return [*self._reader.reader.rerank(question, hits[:read]), *hits[read:]][:k]

    def passages(
        self,
        question: str,
        *,
        k: int = 10,
        filters: Filters | None = None,
        history: Sequence[ChatTurn] = (),
    ) -> list[ScoredChunk]:
        """Search for a question that is then asked: nothing is written to the question log."""
        question = self._checked(question)
        with self.store.index.reading():
            rewritten = self._rewriter.interpret(question, history)
            return self._search(question, rewritten, history, k, filters)

    def warm_up(self) -> None:
        """Load models and index now, so that the first question does not wait for them."""
        self._reader.reader.read("warm up", self.passages("warm up", k=1))

    @SharedProperty
    def embedder(self) -> Embedder:
        """The embedder."""
        return self._given_embedder or open_embedder(self.settings.embedder)

    def _answered(self, answer: Answer, asked: Asked) -> None:
        """Called with every answer of ``ask``, in the generation that it was given in."""

    def _answer(
        self,
        question: str,
        history: Sequence[ChatTurn] = (),
        filters: Filters | None = None,
        min_confidence: float | None = None,
        max_risk: float | None = None,
    ) -> Answer:
        timer = _StageTimer()
        with self.store.index.reading():
            self._load_reader_ahead()
            rewritten = self._rewriter.interpret(question, history)
            timer.end_stage("interpretation")
            chunks = self._search(question, rewritten, history, self.settings.read_chunks, filters)
            threshold = self._reader.threshold(min_confidence, max_risk)
            timer.end_stage("retrieval")
            answer = self._read_and_answer(
                rewritten or question, chunks, threshold, cache(self.store.document), timer
            )
        return replace(answer, question=question, interpreted=rewritten)

    def _whole(self, question: str, document: Document, within: Span | None = None) -> ScoredChunk:
        """Return a document, or the part ``within`` it, as if ``question`` had found it."""
        chunk = whole_chunk(document, within)
        text = f"{chunk.context}\n{chunk.text}".strip()
        question_vector, text_vector = self.embedder.encode([question, text])
        return ScoredChunk(chunk, score=1.0, dense=float(question_vector @ text_vector))

    def _search(
        self,
        question: str,
        rewritten: str | None,
        history: Sequence[ChatTurn],
        k: int,
        filters: Filters | None,
    ) -> list[ScoredChunk]:
        if rewritten is None:
            return self._retriever.search(question, k, filters)
        follow_up = FollowUp(question, frozenset(history[-1].titles if history else ()))
        return self._retriever.search(rewritten, k, filters, follow_up=follow_up)

    def _read_and_answer(
        self,
        question: str,
        chunks: Sequence[ScoredChunk],
        threshold: float,
        document: Callable[[str], Document],
        timer: _StageTimer,
    ) -> Answer:
        limit = self.settings.deadline_ms
        deadline = Deadline(timer.start, limit) if limit else None
        reading = self._reader.read(question, chunks, deadline)
        timer.end_stage("reading")
        answerer = Answerer(*self._reader.after(deadline), self.settings.alternatives, document)
        answer = answerer.answer(question, reading, threshold)
        timer.end_stage("answering")
        unread = deadline.notes() if deadline else {}
        return replace(answer, timings_ms=timer.timings(), unread=unread)

    def _checked(self, question: str) -> str:
        """Return the question without outer blanks, if it can be asked."""
        most = self.settings.max_question_chars
        if not question.strip():
            raise QuestionError("The question is empty.", "Ask in a few words.")
        if len(question) > most:
            raise QuestionError(
                f"The question has {len(question):,} characters; at most {most:,} are taken.",
                "Ask the one thing you want to know, or raise max_question_chars.",
            )
        return question.strip()

    @cached_property
    def _rewriter(self) -> QueryRewriter:
        return QueryRewriter(self.embedder)

    @SharedProperty
    def _reader(self) -> CalibratedReader:
        loaded = open_reader(self.settings.reader, lambda: self.embedder)
        return CalibratedReader(loaded, self.store, self.settings, self.embedder)

    def _load_reader_ahead(self) -> None:
        """Start loading the reader in a thread, if that was not done before."""

        def load() -> None:
            # Whoever reads asks for it again, and then the error is raised.
            with suppress(AiqaError):
                self._reader  # noqa: B018

        if "_reader" not in self.__dict__:
            Thread(target=load).start()

    @property
    def _retriever(self) -> Retriever:
        s = self.settings
        return Retriever(
            self.store.index, self.embedder, s.candidates, (s.dense_weight, s.lexical_weight)
        )


class _StageTimer:
    """Measures the stages of one question in milliseconds."""

    def __init__(self) -> None:
        self.start = self._last = time.perf_counter()
        self._stages: dict[str, float] = {}

    def end_stage(self, name: str) -> None:
        now = time.perf_counter()
        self._stages[name] = round((now - self._last) * 1000, 2)
        self._last = now

    def timings(self) -> dict[str, float]:
        return {**self._stages, "total": round((self._last - self.start) * 1000, 2)}
