"""The order in which drafts of questions are tried.

To ask a question takes the search of all documents and the reading of many passages. Whether the
place of a draft answers it is found by reading that place alone, which is several times faster and
seldom wrong: what the place does not answer well is asked last, or not at all. How well questions
of a kind are answered, which is told by how they begin, is learned on the way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from aiqa.assistant import Assistant
from aiqa.drafting.own_place import own_place_answer
from aiqa.drafting.question_drafts import Draft, Form, drafts
from aiqa.server.tried_examples import known_drafts

_LOOKED_THROUGH = 200
"""Most documents with drafts."""

_AT_ONCE = 12
"""Documents among whose drafts the next one is chosen."""

_MOST_OF_DOCUMENT = 8

LEAST_PROMISE = 0.75
"""Least confidence of the answer from a draft's own place for it to be tried at once."""

_LEAST_TRIED = 0.5
"""Least confidence for it to be tried at all."""

_ANSWERED: dict[Form, float] = {
    "table": 0.6, "rule": 0.5, "fact": 0.4, "definition": 0.35, "heading": 0.1,
}  # fmt: skip
"""Share of the drafts of a form that their own place answered in several collections."""

_WEIGHT = 2
"""Drafts that this share counts as much as."""

_SURE = 0.6
"""Expectation from which the question is asked without its own place being read before."""


class DraftQueue:
    """Drafts on the documents of an index: those most likely answered first, and of each kind few.

    What was answered before, of whatever document, comes first of all.
    """

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._documents = (
            list(islice(drafts(document), _MOST_OF_DOCUMENT))
            for document in islice(assistant.documents(), _LOOKED_THROUGH)
        )
        self._left: list[list[Draft]] = []
        self._unlikely: list[tuple[float, Draft]] = []
        self._seen: Counter[str] = Counter()
        self._answered: Counter[str] = Counter()
        self._served_kinds: Counter[str] = Counter()
        self._served: Counter[str] = Counter()

    def __iter__(self) -> Iterator[Draft]:
        """Yield what may be answered; documents that are not ``served`` yet come first."""
        yield from known_drafts(self._assistant)
        while draft := self._next():
            expected = self._expected(draft)
            self._seen[_kind(draft)] += 1
            if expected >= _SURE or self._is_likely(draft):
                yield draft
        yield from (draft for _, draft in sorted(self._unlikely, key=lambda one: -one[0]))

    def served(self, draft: Draft) -> None:
        """Say that ``draft``, the last one given, became an example."""
        self._answered[_kind(draft)] += 1
        self._served_kinds[_kind(draft)] += 1
        self._served[draft.document_id] += 1

    def _next(self) -> Draft | None:
        """Take the draft that is tried next; None if none is left."""
        self._left = [drafted for drafted in self._left if drafted]
        for drafted in self._documents:
            if drafted:
                self._left.append(drafted)
            if len(self._left) >= _AT_ONCE:
                break
        best = max((one for drafted in self._left for one in drafted), key=self._rank, default=None)
        for drafted in self._left:
            if best in drafted:
                drafted.remove(best)
        return best

    def _rank(self, draft: Draft) -> tuple[int, float]:
        """Return the larger, the sooner ``draft`` is to be tried."""
        spread = self._expected(draft) / (1 + self._served_kinds[_kind(draft)])
        return -self._served[draft.document_id], spread

    def _expected(self, draft: Draft) -> float:
        """Return how likely ``draft`` is answered, as those of its kind were."""
        kind = _kind(draft)
        prior = _WEIGHT * _ANSWERED[draft.form]
        return (prior + self._answered[kind]) / (_WEIGHT + self._seen[kind])

    def _is_likely(self, draft: Draft) -> bool:
        """Read the place of ``draft``; keep it for later where it answers less well."""
        probability = own_place_answer(self._assistant, draft).confidence
        if _LEAST_TRIED <= probability < LEAST_PROMISE:
            self._unlikely.append((probability, draft))
        return probability >= LEAST_PROMISE


def _kind(draft: Draft) -> str:
    """Return the words that ``draft`` begins with: "What happens", "How much"."""
    return " ".join(draft.question.split()[:2])
