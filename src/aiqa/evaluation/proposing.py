"""Proposals of gold questions, drafted from the documents of an index.

Answers are read from the place that a question was drafted from, without a search: what the search
of aiqa finds must not decide what it is measured by.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from aiqa.answers.builder import possible_answers
from aiqa.assistant import Assistant
from aiqa.checksums import content_id
from aiqa.evaluation.dataset import EvalExample, Evidence
from aiqa.evaluation.metrics.answers import normalise
from aiqa.evaluation.proposals import Proposal
from aiqa.text.analysis import terms

if TYPE_CHECKING:
    from aiqa.drafting.question_drafts import Draft

TAG = "proposed"

_MOST_OF_DOCUMENT = 40
"""Drafts of one document that are looked at; the first come from its beginning."""

_LEAST_CONFIDENCE = 0.3
"""Below it the place most likely does not answer the draft, which is then badly put."""


def propose(assistant: Assistant, known: Sequence[EvalExample] = ()) -> Iterator[Proposal]:
    """Yield proposals on one document after the other, in turn, forms that are rare so far first.

    Questions that ``known`` has are left out.

    Raises:
        CatalogError: there is no usable index.
    """
    from aiqa.drafting.question_drafts import drafts

    asked = {normalise(example.question) for example in known}
    forms: Counter[str] = Counter()
    fresh = (list(islice(drafts(one), _MOST_OF_DOCUMENT)) for one in assistant.documents())
    looked_at: deque[list[Draft]] = deque()
    while (left := next(fresh, None)) is not None or looked_at:
        left = looked_at.popleft() if left is None else left
        if not left:
            continue
        looked_at.append(left)
        draft = min(left, key=lambda one: forms[one.form])
        left.remove(draft)
        if normalise(draft.question) in asked:
            continue
        asked.add(normalise(draft.question))
        if proposal := _proposal(assistant, draft):
            forms[draft.form] += 1
            yield proposal


def _proposal(assistant: Assistant, draft: Draft) -> Proposal | None:
    """Return ``draft`` with the answer of its own place; None if that hardly answers it."""
    from aiqa.drafting.own_place import own_place_answer

    candidates = possible_answers(own_place_answer(assistant, draft))
    if not candidates or candidates[0].confidence < _LEAST_CONFIDENCE:
        return None
    best = candidates[0]
    if set(terms(best.text)) <= set(terms(draft.question)):
        return None  # such as the heading that the draft was made of
    cited = best.citations[0]
    identity = content_id(f"{draft.question}\n{cited.source}".encode())[:12]
    return Proposal(
        example=EvalExample(
            id=f"{TAG}-{identity}",
            question=draft.question,
            answers=(best.text,),
            evidence=(
                Evidence(source=cited.source, quote=cited.sentence, start=cited.sentence_start),
            ),
            tags=(TAG, draft.form),
        ),
        start=cited.start,
        end=cited.end,
        place=cited.locator,
        confidence=round(best.confidence, 3),
    )
