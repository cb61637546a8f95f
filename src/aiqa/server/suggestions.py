"""Questions to offer: drafted from the documents, and answered with high confidence."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from threading import Event, Lock, Thread

from aiqa.assistant import Assistant
from aiqa.drafting.own_place import own_place_answer
from aiqa.drafting.question_drafts import Draft, drafts
from aiqa.errors import AiqaError
from aiqa.server.draft_queue import LEAST_PROMISE, DraftQueue
from aiqa.server.overview import Overview, overview
from aiqa.server.tried_examples import TriedExamples, examples_key, keep_tried, read_tried
from aiqa.text.analysis import content_terms
from aiqa.types import Answer, Span

MOST_EXAMPLES = 6
LEAST_CONFIDENCE = 0.8
"""Least confidence of the answer to an example."""

_MOST_TRIES = 40
"""Most drafts that are asked; each takes about a second."""

_MOST_ALIKE = 0.5
"""Greatest share of the words of two examples that they have in common."""

_MOST_OF_DOCUMENT = 8
_JOIN_SECONDS = 10
_PAUSE_SECONDS = 0.5
_PAUSE_SHARE = 0.5

_MOST_BESIDE = 3
"""Follow-up questions offered below an answer."""

_MOST_CITED = 2
_BESIDE_SECONDS = 8


class Examples:
    """Looks through the documents in a background thread, and again when they have changed."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._lock = Lock()
        self._stopped = Event()
        self._working: Thread | None = None
        self._generation: int | None = None
        self._found: list[Draft] = []
        self._is_complete = False
        self._overview: Overview | None = None
        self._asked = 0
        self._tried: dict[tuple[int | None, str], bool] = {}

    def offered(self) -> tuple[Draft, ...] | None:
        """Return the examples; None while they are being selected."""
        found = self.so_far()
        return found if self._is_complete else None

    def so_far(self) -> tuple[Draft, ...]:
        """Return the examples that are selected already; begin to select them if need be."""
        with self._lock:
            generation = self._now()
            if generation is None:
                self._is_complete = True
            elif generation != self._generation and not (self._working or self._stopped.is_set()):
                self._generation = generation
                self._found, self._is_complete, self._overview = [], False, None
                self._tried.clear()
                self._working = Thread(target=self._work, daemon=True)
                self._working.start()
            return tuple(self._found)

    @property
    def overview(self) -> Overview | None:
        """What the documents are about; None while they are being looked through."""
        return self._overview

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Try nothing while a user's question is answered."""
        self._asked += 1
        try:
            yield
        finally:
            self._asked -= 1

    def beside(self, answer: Answer, asked: Collection[str]) -> tuple[str, ...]:
        """Return questions that are surely answered: on what ``answer`` cites, then the examples.

        ``asked`` were asked already. It takes seconds; the next question of a user ends it.
        """
        seen = {wording.casefold() for wording in asked}
        end = time.monotonic() + _BESIDE_SECONDS
        found: dict[str, str] = {}
        for draft in self._drafts_beside(answer):
            if len(found) == _MOST_BESIDE or self._asked or time.monotonic() > end:
                break
            if draft.question.casefold() not in seen and self._is_answered(draft):
                found[draft.question.casefold()] = draft.question
        for example in self.so_far():
            if example.question.casefold() not in seen:
                found.setdefault(example.question.casefold(), example.question)
        return tuple(found.values())[:_MOST_BESIDE]

    def _drafts_beside(self, answer: Answer) -> list[Draft]:
        statements = answer.statements or answer.alternatives[:1]
        cited = {one.citations[0].document_id: one.citations[0].start for one in statements}
        made: list[Draft] = []
        for document_id, place in islice(cited.items(), _MOST_CITED):
            document = self._assistant.find(document_id)
            near = sorted(
                drafts(document) if document else (),
                key=lambda draft: abs(draft.place.start - place),
            )
            made.extend(near[:_MOST_OF_DOCUMENT])
        return made

    def _is_answered(self, draft: Draft) -> bool:
        key = self._generation, draft.question
        if key not in self._tried:
            alone = own_place_answer(self._assistant, draft).confidence
            self._tried[key] = alone >= LEAST_PROMISE and _is_sure(
                self._assistant.ask_unlogged(draft.question), draft
            )
        return self._tried[key]

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

    def _work(self) -> None:
        try:
            key = examples_key(self._assistant)
            if tried := read_tried(self._assistant.folder, key):
                self._overview, self._found = tried.overview, list(tried.examples)
            else:
                self._try_all(key)
        except AiqaError:
            self._found = []
        with self._lock:
            self._working = None
            if not self._stopped.is_set():
                self._is_complete = True

    def _try_all(self, key: str) -> None:
        """Find examples, and keep what was found unless the search was stopped or is outdated."""
        with ThreadPoolExecutor(1) as beside:
            looking = beside.submit(self._look_through)
            for example in islice(find_examples(self._assistant, self._goes_on), MOST_EXAMPLES):
                self._found.append(example)
            told = looking.result()
        if not self._stopped.is_set() and examples_key(self._assistant) == key:
            keep_tried(self._assistant.folder, TriedExamples(key, told, self._found))

    def _look_through(self) -> Overview:
        self._overview = overview(self._assistant)
        return self._overview

    def _goes_on(self, seconds: float) -> bool:
        """Pause half as long as the last question took, to leave the processor to users."""
        seconds *= _PAUSE_SHARE
        while not self._stopped.wait(seconds):
            if not self._asked:
                return self._now() == self._generation
            seconds = _PAUSE_SECONDS
        return False


def find_examples(
    assistant: Assistant, goes_on: Callable[[float], bool] = lambda _: True
) -> Iterator[Draft]:
    """Try questions on one document after the other, and give those that are surely answered.

    ``goes_on`` is told the seconds that the last question took, and whether to try another is what
    it returns.
    """
    seconds = 0.0
    queue = DraftQueue(assistant)
    found: list[Draft] = []
    unlike = (draft for draft in queue if not any(_is_alike(draft, other) for other in found))
    for draft in islice(unlike, _MOST_TRIES):
        if not goes_on(seconds):
            return
        began = time.monotonic()
        answer = assistant.ask_unlogged(draft.question)
        seconds = time.monotonic() - began
        if _is_sure(answer, draft):
            queue.served(draft)
            found.append(draft)
            yield draft


def _is_alike(draft: Draft, other: Draft) -> bool:
    """Tell whether two questions have most of their words in common."""
    mine, theirs = set(content_terms(draft.question)), set(content_terms(other.question))
    return len(mine & theirs) > _MOST_ALIKE * len(mine | theirs)


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
