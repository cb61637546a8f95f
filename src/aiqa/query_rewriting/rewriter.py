"""Query rewriting: a follow-up question made self-contained with words of the conversation."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aiqa.embedders import Embedder
from aiqa.query_rewriting.coreference import replace_pronouns
from aiqa.query_rewriting.dependence import ABOUT, OPENING, depends, is_fragment
from aiqa.query_rewriting.ellipsis import completed
from aiqa.query_rewriting.mentions import Mention, mentions
from aiqa.query_rewriting.noun_phrases import words
from aiqa.query_rewriting.one_anaphora import with_noun_for_one
from aiqa.query_rewriting.requests import as_question
from aiqa.query_rewriting.verb_phrases import with_verb_phrase
from aiqa.text.analysis import terms
from aiqa.types import ChatTurn

_MAX_TURNS = 8
"""Earlier turns that are searched for antecedents."""


_WHY = re.compile(
    r"^(?:why(?:['’]s| is| was) (?:that|this)(?: so)?|how come|how so)\W*$", re.IGNORECASE
)
"""What asks for a reason of all that was said."""


class QueryRewriter:
    """Rewrites follow-up questions so that they can be searched on their own.

    Pronouns are replaced by their antecedents (``coreference``), fragments are completed with the
    question before (``ellipsis``), and a question without a subject gets the topic in front. The
    result has only words of the conversation, so a user sees at once how it was understood. What
    asks for an explanation or a list without being a question becomes one (``requests``).
    """

    def __init__(self, embedder: Embedder) -> None:
        """Use ``embedder`` to find the words of an earlier question that a fragment replaces."""
        self._embedder = embedder

    def interpret(self, question: str, history: Sequence[ChatTurn]) -> str | None:
        """Return ``question`` rewritten to be self-contained; None if it already is.

        ``history`` has the earlier turns, oldest first.
        """
        core = _WHY.sub("Why?", OPENING.sub("", question.strip()))
        if not history or not core or not depends(question, history):
            return as_question(question)
        candidates = mentions(history[-_MAX_TURNS:])
        rewritten = self._rewrite(core, history[-1], candidates)
        if rewritten is None or _wording(rewritten) == _wording(core):
            return None
        if question.strip()[0].isupper():
            return rewritten[0].upper() + rewritten[1:]
        return rewritten

    def _rewrite(
        self, question: str, before: ChatTurn, candidates: Sequence[Mention]
    ) -> str | None:
        asked = before.question
        filled = with_verb_phrase(question, asked) or question
        if other := with_noun_for_one(question, asked):
            # What answered is one of them already: the rest is said of what was asked about.
            filled, candidates = other, [one for one in candidates if one.in_question]
        part = ABOUT.sub("", filled)
        rewritten, refers = replace_pronouns(filled, candidates)
        if rewritten is not None:
            return rewritten
        is_part = part != filled or is_fragment(words(part))
        if is_part and not refers:
            rewritten = completed(part, asked, self._embedder)
            if rewritten is not None:
                return rewritten
        is_filled = filled != question and not is_part
        return filled if is_filled else _with_topic(part, candidates)


def _wording(question: str) -> str:
    return question.rstrip(" ?.!").casefold()


def _with_topic(question: str, candidates: Sequence[Mention]) -> str | None:
    own = set(terms(question))
    for mention in candidates:
        if not set(terms(mention.phrase.text)) <= own:
            return f"{mention.text}: {question}"
    return None
