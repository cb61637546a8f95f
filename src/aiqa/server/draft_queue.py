"""The order in which drafts of questions are tried.

To ask a question takes the search of all documents and the reading of many passages. Whether the
place of a draft answers it is found by reading that place alone, which is several times faster and
seldom wrong: what the place does not answer well is asked last, or not at all.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from itertools import islice

from aiqa.assistant import Assistant
from aiqa.drafting.own_place import own_place_answer
from aiqa.drafting.question_drafts import Draft, drafts
from aiqa.server.tried_examples import known_drafts

_LOOKED_THROUGH = 200
"""Most documents with drafts."""

_MOST_OF_DOCUMENT = 8

LEAST_PROMISE = 0.75
"""Least confidence of the answer from a draft's own place for it to be tried at once."""

_LEAST_TRIED = 0.5
"""Least confidence for it to be tried at all."""


class DraftQueue:
    """Drafts on the documents of an index: of one after the other, forms given seldom first.

    What was answered before, of whatever document, comes first of all.
    """

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._fresh = self._by_document()
        self._tried: deque[list[Draft]] = deque()
        self._served: deque[list[Draft]] = deque()
        self._unlikely: list[tuple[float, Draft]] = []
        self._forms: Counter[str] = Counter()
        self._documents: set[str] = set()

    def __iter__(self) -> Iterator[Draft]:
        """Yield what may be answered; documents that are not ``served`` yet come first."""
        yield from known_drafts(self._assistant)
        while (left := self._next()) is not None:
            if draft := self._likely(left):
                self._tried.append(left)
                yield draft
        yield from (draft for _, draft in sorted(self._unlikely, key=lambda one: -one[0]))

    def served(self, draft: Draft) -> None:
        """Say that ``draft``, the last one given, became an example."""
        self._forms[draft.form] += 1
        self._documents.add(draft.document_id)
        if self._tried:
            self._served.append(self._tried.pop())

    def _by_document(self) -> Iterator[list[Draft]]:
        for document in islice(self._assistant.documents(), _LOOKED_THROUGH):
            yield list(islice(drafts(document), _MOST_OF_DOCUMENT))

    def _next(self) -> list[Draft] | None:
        for fresh in self._fresh:
            if not any(draft.document_id in self._documents for draft in fresh):
                return fresh
            self._served.append(fresh)
        queue = self._tried or self._served
        return queue.popleft() if queue else None

    def _likely(self, left: list[Draft]) -> Draft | None:
        """Take the first of the drafts ``left`` on a document that its own place answers."""
        while left:
            # A row of a table is seldom what somebody who does not know it would ask for.
            draft = min(left, key=lambda one: (one.form == "table", self._forms[one.form]))
            left.remove(draft)
            probability = own_place_answer(self._assistant, draft).confidence
            if probability >= LEAST_PROMISE:
                return draft
            if probability >= _LEAST_TRIED:
                self._unlikely.append((probability, draft))
        return None
