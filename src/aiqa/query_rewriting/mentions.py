"""Discourse entities: what a conversation mentioned, with the salience of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiqa.query_rewriting.noun_phrases import Phrase, phrases, words
from aiqa.text.analysis import terms
from aiqa.types import ChatTurn

HE = frozenset({"he", "him", "his", "himself"})
SHE = frozenset({"she", "her", "hers", "herself"})
THEY = frozenset({"they", "them", "their", "theirs", "themselves", "these", "those"})

_DECAY = 0.6
"""Factor on the salience of a mention for every turn that lies between."""
_SUBJECT, _OTHER, _SHORT_ANSWER, _LONG_ANSWER, _TITLE = 3.0, 2.5, 3.0, 1.0, 0.7
"""Salience of a mention by its position: first in a question, later in it, in an answer, in the
title of the document cited."""
_ATTRIBUTE = 0.5
"""Factor on the salience of an attribute: who asks for a price goes on about what has it."""
_SHORT = 8
"""Words of a short answer: the question asked for what it mentions."""
_MAX_ANSWER_CHARS = 600
"""Characters of an answer that are searched for mentions."""
_MAX_WORDS = 8
"""Words of the longest phrase that can replace a pronoun."""

_WOMEN = {
    "mother", "mum", "mom", "wife", "sister", "daughter", "woman", "girl", "queen", "aunt",
    "grandmother", "actress", "lady", "princess", "niece",
}  # fmt: skip
_MEN = {
    "father", "dad", "husband", "brother", "son", "man", "boy", "king", "uncle", "grandfather",
    "actor", "prince", "nephew",
}  # fmt: skip
_ROLES = {
    "executive", "president", "founder", "director", "author", "minister", "manager", "owner",
    "chairman", "leader", "doctor", "teacher", "player", "singer", "writer", "officer", "employee",
    "person", "child", "tenant", "customer", "user", "chief",
}  # fmt: skip


@dataclass(slots=True)
class Mention:
    """A noun phrase of the conversation that a pronoun may refer to.

    ``weight`` is its salience, summed over all its occurrences by position and recency, after
    Lappin & Leass, "An algorithm for pronominal anaphora resolution", Computational Linguistics
    1994. ``in_question`` tells whether a question contained it, not only an answer or title.
    """

    phrase: Phrase
    weight: float
    is_person: bool
    in_question: bool

    @property
    def text(self) -> str:
        """The words that replace a pronoun, with the article that the conversation used."""
        text, first = self.phrase.text, self.phrase.words[0]
        article = self.phrase.article
        if first.start == 0 and not first.tag.startswith("NNP") and text[1:].islower():
            text = text[0].lower() + text[1:]
        return f"{article} {text}" if article in {"the", "a", "an"} else text

    def fits(self, pronoun: str) -> float:
        """Return the factor on ``weight`` by which ``pronoun``, in lower case, agrees with it."""
        plural = self.phrase.is_plural
        if pronoun in HE | SHE:
            return self._fits_person(pronoun)
        if pronoun in THEY and plural:
            return 2.0
        if self.is_person:
            return 0.2
        if pronoun in THEY:
            return 0.7 if self.phrase.is_proper else 0.3
        number = self.phrase.head.tag == "CD"
        return 0.1 if number else 0.5 if plural else 1.0

    def _fits_person(self, pronoun: str) -> float:
        if self.phrase.head.lower in (_MEN if pronoun in SHE else _WOMEN):
            return 0.0
        if self.is_person:
            return 3.0
        if self.phrase.is_proper and not self.phrase.is_plural:
            return 0.2 if self.phrase.determiner else 1.0
        return 0.05


_Mentions = dict[tuple[str, ...], Mention]
"""Mentions by the stems of their words."""


def mentions(history: Sequence[ChatTurn]) -> list[Mention]:
    """Return everything that the conversation mentioned, most salient first."""
    by_terms: _Mentions = {}
    for distance, turn in enumerate(reversed(history)):
        decay = _DECAY**distance
        opening = {word.lower for word in words(turn.question)[:3]}
        asks_for_person = bool(opening & {"who", "whom", "whose"})
        for position, phrase in enumerate(phrases(turn.question)):
            weight = (_SUBJECT if position == 0 else _OTHER) * decay
            if owner := phrase.owner:
                _add(by_terms, Mention(owner, weight, is_person=False, in_question=True))
                weight *= _ATTRIBUTE
            person = asks_for_person and position == 0 and phrase.is_proper
            _add(by_terms, Mention(phrase, weight, person, in_question=True))
        answer = (turn.answer or "")[:_MAX_ANSWER_CHARS]
        is_short = len(answer.split()) <= _SHORT and not opening & {"where", "when", "how"}
        for phrase in phrases(answer):
            person = asks_for_person and phrase.is_proper
            weight = _SHORT_ANSWER + person if is_short else _LONG_ANSWER
            _add(by_terms, Mention(phrase, weight * decay, person, in_question=False))
        for phrase in phrases(turn.titles[0]) if turn.titles else ():
            _add(by_terms, Mention(phrase, _TITLE * decay, is_person=False, in_question=False))
    _merge_short_names(by_terms)
    return sorted(by_terms.values(), key=lambda mention: -mention.weight)


def _add(by_terms: _Mentions, new: Mention) -> None:
    phrase = new.phrase
    key = tuple(terms(phrase.text))
    if not phrase.says_something or len(phrase.words) > _MAX_WORDS or not key:
        return
    if phrase.is_proper:
        new.weight += 1.5 * min(new.weight, 1)
    new.is_person |= phrase.head.lower in _WOMEN | _MEN | _ROLES
    earlier = by_terms.setdefault(key, new)
    if earlier is not new:
        earlier.weight += new.weight
        earlier.is_person |= new.is_person
        if new.in_question and not earlier.in_question:
            earlier.phrase, earlier.in_question = phrase, True


def _merge_short_names(by_terms: _Mentions) -> None:
    """Merge a short name ("Liang", "the fund") into the longer one that ends with it."""
    for key in list(by_terms):
        part = by_terms[key]
        longer = [
            by_terms[other]
            for other in by_terms
            if set(key) < set(other)
            and key[-1] == other[-1]
            and not by_terms[other].phrase.owner
            and (by_terms[other].in_question or not part.in_question)
            and (part.phrase.is_proper or len(key) == 1)
        ]
        if longer:
            whole = max(longer, key=lambda mention: mention.weight)
            whole.weight += part.weight
            whole.is_person |= part.is_person
            del by_terms[key]
