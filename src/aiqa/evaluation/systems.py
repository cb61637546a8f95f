"""Systems under test: an index, or the passages of a gold set."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, Protocol

from aiqa.assistant import Assistant
from aiqa.errors import GoldError
from aiqa.evaluation.dataset import EvalDataset, EvalExample
from aiqa.evaluation.metrics.retrieval import DEPTH
from aiqa.ingestion.chunker import whole_chunk
from aiqa.types import Answer, ChatTurn, Chunk, Document, Outcome, Progress, ScoredChunk, Span

Mode = Literal["corpus", "open", "reading"]


class SystemUnderTest(Protocol):
    """Answers the gold questions, without abstentions."""

    @property
    def assistant(self) -> Assistant:
        """The assistant that is evaluated, or whose documents another system is asked about."""

    def ask(self, question: EvalExample) -> Answer:
        """Return the answer to ``question``."""

    def search(self, question: EvalExample) -> list[ScoredChunk] | None:
        """Return the retrieved chunks, best first; None without a search."""

    def documents(self) -> Iterator[Document]:
        """Yield every document that may have evidence."""

    def document(self, document_id: str) -> Document:
        """Return the document with this id."""

    def chunks(self, document_id: str) -> Sequence[Chunk]:
        """Return the chunks of a document."""

    @property
    def reads_spans(self) -> bool:
        """Whether ``read`` can be called."""

    def read(self, wording: str, document_id: str, within: Span) -> Answer:
        """Return the answer from this span of the document alone."""

    def outcome_of(self, answer: Answer) -> Outcome:
        """Return what people would see of ``answer``."""

    def is_rated(self, question: EvalExample) -> bool:
        """Tell whether the answer to ``question``, which was asked last, has a confidence."""


class _Asked:
    """What the systems that are aiqa itself have in common."""

    assistant: Assistant
    reads_spans = True

    def outcome_of(self, answer: Answer) -> Outcome:
        """Return the outcome by the settings."""
        return self.assistant.outcome_of(answer)

    def is_rated(self, question: EvalExample) -> bool:  # noqa: ARG002
        """Tell that every answer of aiqa has a confidence."""
        return True


class IndexSystem(_Asked):
    """An index, asked like by a user."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self._chunks: dict[str, list[Chunk]] = {}
        self._said: dict[tuple[str, ...], ChatTurn] = {}

    def ask(self, question: EvalExample) -> Answer:
        """Return the answer from the index, with the question's history."""
        before = self._before(question)
        return self.assistant.ask(question.question, history=before, min_confidence=0.0)

    def search(self, question: EvalExample) -> list[ScoredChunk]:
        """All candidates: more would be fused otherwise than when ``ask`` searches."""
        depth = max(self.assistant.settings.candidates, DEPTH)
        return self.assistant.search(question.question, k=depth, history=self._before(question))

    def _before(self, question: EvalExample) -> list[ChatTurn]:
        """Return the earlier turns; each of their questions is asked once."""
        before: list[ChatTurn] = []
        for number, earlier in enumerate(question.history, 1):
            so_far = question.history[:number]
            if so_far not in self._said:
                answer = self.assistant.ask(earlier, history=before, min_confidence=0.0)
                self._said[so_far] = ChatTurn.of(answer)
            before.append(self._said[so_far])
        return before

    def documents(self) -> Iterator[Document]:
        """Yield every document in the index."""
        return self.assistant.documents()

    def document(self, document_id: str) -> Document:
        """Return the document with this id."""
        return self.assistant.document(document_id)

    def chunks(self, document_id: str) -> list[Chunk]:
        """Return the chunks of a document."""
        if document_id not in self._chunks:
            self._chunks[document_id] = self.assistant.chunks(document_id)
        return self._chunks[document_id]

    def read(self, wording: str, document_id: str, within: Span) -> Answer:
        """Return the answer from one span."""
        return _read(self.assistant, wording, self.document(document_id), within)


class ContextSystem(_Asked):
    """Passages of a gold set, each read for its own questions: nothing is searched."""

    def __init__(self, assistant: Assistant, gold: EvalDataset) -> None:
        self.assistant = assistant
        self._contexts = gold.contexts or {}
        self._by_source = {passage.source: passage.document() for passage in gold.passages}
        self._by_id = {document.id: document for document in self._by_source.values()}

    def ask(self, question: EvalExample) -> Answer:
        """Return the answer from the question's own context."""
        context = self._by_source[self._contexts[question.id]]
        return _read(self.assistant, question.question, context)

    def search(self, question: EvalExample) -> None:
        """Return None: there is no search."""

    def documents(self) -> Iterator[Document]:
        """Yield every passage."""
        return iter(self._by_source.values())

    def document(self, document_id: str) -> Document:
        """Return the passage with this id."""
        return self._by_id[document_id]

    def chunks(self, document_id: str) -> list[Chunk]:
        """Return the whole passage as one chunk."""
        return [whole_chunk(self._by_id[document_id])]

    def read(self, wording: str, document_id: str, within: Span) -> Answer:
        """Return the answer from part of a passage."""
        return _read(self.assistant, wording, self._by_id[document_id], within)


def _read(
    assistant: Assistant, wording: str, document: Document, within: Span | None = None
) -> Answer:
    return assistant.ask_document(wording, document, within=within, min_confidence=0.0)


@contextmanager
def open_system(
    gold: EvalDataset,
    mode: Mode,
    assistant: Assistant,
    on_progress: Callable[[Progress], None] | None = None,
) -> Iterator[SystemUnderTest]:
    """Open the system that answers the questions of ``gold``.

    ``corpus`` is the index of ``assistant``. For ``open`` a temporary one, made by its settings and
    embedder, holds all passages of the set; ``on_progress`` follows its making.

    Raises:
        GoldError: the set does not have what the mode needs.
    """
    if mode != "corpus" and not gold.passages:
        raise GoldError(
            f"The set {gold.name} brings no passages along.",
            "It is about an index: leave --mode out.",
        )
    if mode == "corpus":
        yield IndexSystem(assistant)
    elif mode == "reading":
        if gold.contexts is None:
            raise GoldError(
                f"The questions of {gold.name} have no context of their own.", "Use --mode open."
            )
        yield ContextSystem(assistant, gold)
    else:
        with TemporaryDirectory(prefix="aiqa-eval-") as folder:
            own = Assistant(Path(folder), assistant.settings, assistant.embedder)
            with own:
                own.add([passage.document() for passage in gold.passages], on_progress=on_progress)
                yield IndexSystem(own)
