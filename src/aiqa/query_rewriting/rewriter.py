"""A follow-up question to one that stands alone, in words that were said."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aiqa.embedders import Embedder
from aiqa.query_rewriting.coreference import Mention, mentions, replaced
from aiqa.query_rewriting.ellipsis import completed
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
_COMPARED = {"than", "of", "in", "when", "if", "or"}
_FRAGMENT = 5
"""Words up to which a question without a verb is taken for a part of one."""
_TELLING = 3
"""Content words from which a question without a name is taken to stand alone."""
_REMEMBERED = 8
"""Exchanges that are looked back on."""


class QueryRewriter:
    """Makes follow-up questions complete with what was asked, answered and cited before.

    Pronouns give way to what they most likely stand for; a part of a question takes the place of
    its counterpart in the question before; a question that lacks its subject has the topic put
    before it. Every word of the outcome was said: nothing is written, so a reader sees at once
    what was understood, and can mend it.
    """

    def __init__(self, embedder: Embedder) -> None:
        """``embedder`` tells which words of an earlier question a new one is the like of."""
        self._embedder = embedder

    def interpret(self, question: str, history: Sequence[ChatTurn]) -> str | None:
        """``question`` as one that stands alone; None where it does as it is.

        ``history`` is what was asked and answered before, oldest first.
        """
        found = mentions(history[-_REMEMBERED:])
        asked = _OPENING.sub("", question.strip())
        if not found or not asked:
            return None
        made = self._complete(asked, history[-1], found)
        if made is None or made.casefold() == asked.casefold():
            return None
        return made[0].upper() + made[1:] if question.strip()[0].isupper() else made

    def _complete(self, asked: str, before: ChatTurn, found: Sequence[Mention]) -> str | None:
        part = _ABOUT.sub("", asked)
        tokens = words(part)
        is_fragment = not any(word.is_verb for word in tokens) and (
            sum(word.is_word for word in tokens) <= _FRAGMENT
        )
        made, refers = replaced(asked, found)
        if made is not None:
            return made
        if (part != asked or is_fragment) and not refers:
            made = completed(part, before.question, self._embedder)
            if made is not None:
                return made
        lacking = refers or is_fragment or part != asked or _lacks_subject(asked, tokens)
        return _with_topic(part, found) if lacking else None


def _lacks_subject(question: str, tokens: Sequence[Word]) -> bool:
    """Whether a question without pronouns leaves open what it is about.

    It does not where it names something or has many words of its own; it does where it speaks of
    "the" something, or of more or most, without saying of what.
    """
    said = set(content_terms(question))
    if any(word.is_proper for word in tokens[1:]) or len(said) > _TELLING:
        return False
    lower = {word.lower for word in tokens}
    for phrase in phrases(question):
        after = next((word.lower for word in tokens if word.start >= phrase.end), "")
        if phrase.article == "the" and not phrase.is_complemented and after not in _COMPLEMENTS:
            return True
    if {word.tag for word in tokens} & {"JJR", "JJS", "RBR", "RBS"} and not lower & _COMPARED:
        return True
    return len(said) < _TELLING and not _DEFINITION.fullmatch(question)


def _with_topic(question: str, found: Sequence[Mention]) -> str | None:
    own = set(terms(question))
    for mention in found:
        if not set(terms(mention.phrase.text)) <= own:
            topic = mention.text
            return f"{topic}: {question}"
    return None
