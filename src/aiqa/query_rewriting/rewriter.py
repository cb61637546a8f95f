"""Query rewriting: a follow-up question made self-contained with words of the conversation."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aiqa.embedders import Embedder
from aiqa.query_rewriting.coreference import replace_pronouns
from aiqa.query_rewriting.ellipsis import completed
from aiqa.query_rewriting.mentions import Mention, mentions
from aiqa.query_rewriting.noun_phrases import Word, phrases, words
from aiqa.text.analysis import content_terms, terms
from aiqa.types import ChatTurn

_OPENING = re.compile(
    r"^\s*(?:(?:and|but|or|so|ok|okay|also|then|now|well)\b[\s,]*)+", re.IGNORECASE
)
_ABOUT = re.compile(r"^(?:what|how)\s+(?:about|of)\s+", re.IGNORECASE)
_DEFINITION = re.compile(
    r"(?:what|who)\s*(?:is|are|was|were|['’]s)\s+(?:an?\s+)?[\w-]+(?:\s[\w-]+)?\W*"
    r"|what does .* mean\W*|how do(?:es)? .* work\W*",
    re.IGNORECASE,
)
_COMPLEMENTS = {"of", "that", "which", "who", "in", "at", "on", "for", "between", "to", "from"}
_COMPARISON_WORDS = {"than", "of", "in", "when", "if", "or"}
_FRAGMENT_WORDS = 5
"""A question without a verb is a fragment up to this number of words."""
_SELF_CONTAINED_TERMS = 3
"""A question without a name is self-contained from this number of content words."""
_MAX_TURNS = 8
"""Earlier turns that are searched for antecedents."""


class QueryRewriter:
    """Rewrites follow-up questions so that they can be searched on their own.

    Pronouns are replaced by their antecedents (``coreference``), fragments are completed with the
    question before (``ellipsis``), and a question without a subject gets the topic in front. The
    result has only words of the conversation, so a user sees at once how it was understood.
    """

    def __init__(self, embedder: Embedder) -> None:
        """Use ``embedder`` to find the words of an earlier question that a fragment replaces."""
        self._embedder = embedder

    def interpret(self, question: str, history: Sequence[ChatTurn]) -> str | None:
        """Return ``question`` rewritten to be self-contained; None if it already is.

        ``history`` has the earlier turns, oldest first.
        """
        candidates = mentions(history[-_MAX_TURNS:])
        core = _OPENING.sub("", question.strip())
        if not candidates or not core:
            return None
        rewritten = self._rewrite(core, history[-1], candidates)
        if rewritten is None or rewritten.casefold() == core.casefold():
            return None
        if question.strip()[0].isupper():
            return rewritten[0].upper() + rewritten[1:]
        return rewritten

    def _rewrite(
        self, question: str, before: ChatTurn, candidates: Sequence[Mention]
    ) -> str | None:
        part = _ABOUT.sub("", question)
        tokens = words(part)
        is_fragment = not any(word.is_verb for word in tokens) and (
            sum(word.is_word for word in tokens) <= _FRAGMENT_WORDS
        )
        rewritten, refers = replace_pronouns(question, candidates)
        if rewritten is not None:
            return rewritten
        if (part != question or is_fragment) and not refers:
            rewritten = completed(part, before.question, self._embedder)
            if rewritten is not None:
                return rewritten
        is_incomplete = (
            refers or is_fragment or part != question or _lacks_subject(question, tokens)
        )
        return _with_topic(part, candidates) if is_incomplete else None


def _lacks_subject(question: str, tokens: Sequence[Word]) -> bool:
    """Tell whether a question without pronouns leaves open what it is about.

    It has a subject if it contains a name or enough content words. It lacks one if it has a
    definite noun phrase ("the price") or a comparison ("more", "most") without a complement.
    """
    content = set(content_terms(question))
    if any(word.is_proper for word in tokens[1:]) or len(content) > _SELF_CONTAINED_TERMS:
        return False
    lower = {word.lower for word in tokens}
    for phrase in phrases(question):
        after = next((word.lower for word in tokens if word.start >= phrase.end), "")
        if phrase.article == "the" and not phrase.is_complemented and after not in _COMPLEMENTS:
            return True
    if {word.tag for word in tokens} & {"JJR", "JJS", "RBR", "RBS"} and not (
        lower & _COMPARISON_WORDS
    ):
        return True
    return len(content) < _SELF_CONTAINED_TERMS and not _DEFINITION.fullmatch(question)


def _with_topic(question: str, candidates: Sequence[Mention]) -> str | None:
    own = set(terms(question))
    for mention in candidates:
        if not set(terms(mention.phrase.text)) <= own:
            return f"{mention.text}: {question}"
    return None
