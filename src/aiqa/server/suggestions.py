"""Example questions: drafted from the documents, and answered with high confidence."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from threading import Event, Lock, Thread

from aiqa.assistant import Assistant
from aiqa.errors import AiqaError
from aiqa.server.question_drafts import Draft, drafts
from aiqa.types import Answer, Span

MOST_EXAMPLES = 6
LEAST_CONFIDENCE = 0.8
"""Least confidence of the answer to an example."""

_MOST_TRIES = 40
"""Most drafts that are asked; each takes about a second."""

_LOOKED_THROUGH = 200
"""Most documents with drafts."""

_MOST_OF_DOCUMENT = 8
_JOIN_SECONDS = 10


@dataclass(frozen=True, slots=True)
class ExampleQuestion:
    """A question that was answered from the document of its draft."""

    question: str
    document_id: str


class Examples:
    """Selects examples in a background thread; they are cached until the index changes."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._lock = Lock()
        self._stopped = Event()
        self._working: Thread | None = None
        self._generation: int | None = None
        self._examples: tuple[ExampleQuestion, ...] = ()

    def offered(self) -> tuple[ExampleQuestion, ...] | None:
        """Return the examples; None while they are being selected."""
        with self._lock:
            generation = self._now()
            if generation is None:
                return ()
            if generation == self._generation:
                return self._examples
            if not (self._working or self._stopped.is_set()):
                self._working = Thread(target=self._work, args=(generation,), daemon=True)
                self._working.start()
            return None

    def stop(self) -> None:
        """Stop selecting examples; return when no question is running."""
        self._stopped.set()
        if self._working:
            self._working.join(_JOIN_SECONDS)

    def _now(self) -> int | None:
        try:
            return self._assistant.store.generation
        except AiqaError:
            return None

    def _work(self, generation: int) -> None:
        try:
            examples = tuple(islice(find_examples(self._assistant, self._goes_on), MOST_EXAMPLES))
        except AiqaError:
            examples = ()
        with self._lock:
            self._working = None
            if not self._stopped.is_set():
                self._generation, self._examples = generation, examples

    def _goes_on(self, seconds: float) -> bool:
        """Pause as long as the last question took, to leave the processor to users."""
        return not self._stopped.wait(seconds)


def find_examples(
    assistant: Assistant, goes_on: Callable[[float], bool] = lambda _: True
) -> Iterator[ExampleQuestion]:
    """Try questions on one document after the other, and give those that are surely answered.

    Kinds of question that were given seldom are tried first. ``goes_on`` is told the seconds that
    the last question took, and whether to try another is what it returns.
    """
    waiting = deque(
        list(islice(drafts(document), _MOST_OF_DOCUMENT))
        for document in islice(assistant.documents(), _LOOKED_THROUGH)
    )
    served: deque[list[Draft]] = deque()
    form_counts: Counter[str] = Counter()
    seconds = 0.0
    for _ in range(_MOST_TRIES):
        # Documents without an example come first.
        while waiting and not waiting[0]:
            waiting.popleft()
        queue = waiting or served
        if not (queue and queue[0] and goes_on(seconds)):
            return
        left = queue.popleft()
        draft = min(left, key=lambda one: form_counts[one.form])
        left.remove(draft)
        began = time.monotonic()
        answer = assistant.try_out(draft.question)
        seconds = time.monotonic() - began
        if _is_sure(answer, draft):
            form_counts[draft.form] += 1
            served.append(left)
            yield ExampleQuestion(draft.question, draft.document_id)
        else:
            queue.append(left)


def _is_sure(answer: Answer, draft: Draft) -> bool:
    """Tell whether the draft was answered confidently, from its own place."""
    return (
        answer.outcome == "answered"
        and answer.confidence >= LEAST_CONFIDENCE
        and any(
            citation.document_id == draft.document_id
            and Span(citation.sentence_start, citation.sentence_end).overlaps(draft.place)
            for citation in answer.citations
        )
    )
