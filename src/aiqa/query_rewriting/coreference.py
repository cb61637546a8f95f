"""Coreference: the things a conversation mentioned, and which of them a pronoun refers to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiqa.query_rewriting.noun_phrases import AUXILIARY, POINTING, WH, Phrase, Word, phrases, words
from aiqa.text.analysis import terms
from aiqa.types import ChatTurn

HE = frozenset({"he", "him", "his", "himself"})
SHE = frozenset({"she", "her", "hers", "herself"})
THEY = frozenset({"they", "them", "their", "theirs", "themselves", "these", "those"})

_FADING = 0.6
"""What a mention counts, one exchange further back."""
_SUBJECT, _ASKED, _SHORT_ANSWER, _LONG_ANSWER, _TITLE = 3.0, 2.5, 3.0, 1.0, 0.7
"""What a mention counts by where it stands: first in a question, elsewhere in it, and so on."""
_SHORT = 8
"""Words of a short answer: what it mentions is what was asked for, not its surroundings."""
_READ = 600
"""Characters of an answer that are looked into."""
_LONGEST = 8
"""Words of a phrase that can still stand in for a pronoun."""

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
    """Something mentioned, its salience, whether a question named it, and whether it is a person.

    Salience adds up over mentions, by place and recency, after Lappin and Leass, "An algorithm for
    pronominal anaphora resolution", 1994.
    """

    phrase: Phrase
    weight: float
    is_person: bool
    asked: bool

    @property
    def text(self) -> str:
        """The words that stand in for a pronoun, with the article they were said with."""
        text, first = self.phrase.text, self.phrase.words[0]
        article = self.phrase.article
        if first.start == 0 and not first.tag.startswith("NNP") and text[1:].islower():
            text = text[0].lower() + text[1:]
        return f"{article} {text}" if article in {"the", "a", "an"} else text

    def fits(self, pronoun: str) -> float:
        """How well ``pronoun``, in small letters, can stand for it: a factor on its weight."""
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


def mentions(history: Sequence[ChatTurn]) -> list[Mention]:
    """Everything mentioned, most salient first."""
    found: dict[tuple[str, ...], Mention] = {}
    for distance, exchange in enumerate(reversed(history)):
        fade = _FADING**distance
        opening = {word.lower for word in words(exchange.question)[:3]}
        of_people = bool(opening & {"who", "whom", "whose"})
        for place, phrase in enumerate(phrases(exchange.question)):
            weight = _SUBJECT if place == 0 else _ASKED
            person = of_people and place == 0 and phrase.is_proper
            _add(found, Mention(phrase, weight * fade, person, asked=True))
        answer = (exchange.answer or "")[:_READ]
        is_short = len(answer.split()) <= _SHORT and not opening & {"where", "when", "how"}
        for phrase in phrases(answer):
            person = of_people and phrase.is_proper
            weight = _SHORT_ANSWER + person if is_short else _LONG_ANSWER
            _add(found, Mention(phrase, weight * fade, person, asked=False))
        for phrase in phrases(exchange.titles[0]) if exchange.titles else ():
            _add(found, Mention(phrase, _TITLE * fade, is_person=False, asked=False))
    _join(found)
    return sorted(found.values(), key=lambda mention: -mention.weight)


def _add(found: dict[tuple[str, ...], Mention], new: Mention) -> None:
    phrase = new.phrase
    key = tuple(terms(phrase.text))
    if not phrase.says_something or len(phrase.words) > _LONGEST or not key:
        return
    if phrase.is_proper:
        new.weight += 1.5 * min(new.weight, 1)
    new.is_person |= phrase.head.lower in _WOMEN | _MEN | _ROLES
    known = found.setdefault(key, new)
    if known is not new:
        known.weight += new.weight
        known.is_person |= new.is_person
        if new.asked and not known.asked:
            known.phrase, known.asked = phrase, True


def _join(found: dict[tuple[str, ...], Mention]) -> None:
    """A part of a longer name means what the longer name means: "Liang", "the fund"."""
    for key in list(found):
        part = found[key]
        longer = [
            found[other]
            for other in found
            if set(key) < set(other)
            and key[-1] == other[-1]
            and (found[other].asked or not part.asked)
            and (part.phrase.is_proper or len(key) == 1)
        ]
        if longer:
            whole = max(longer, key=lambda mention: mention.weight)
            whole.weight += part.weight
            whole.is_person |= part.is_person
            del found[key]


def antecedent(pronoun: str, found: Sequence[Mention], question: str) -> Mention | None:
    """What ``pronoun`` most likely stands for, of what ``question`` does not name itself."""
    own = set(terms(question))
    unnamed = [m for m in found if not set(terms(m.phrase.text)) <= own]
    best = max(unnamed, key=lambda mention: mention.weight * mention.fits(pronoun), default=None)
    return best if best is not None and best.fits(pronoun) else None


_PERSONAL = HE | SHE | THEY | {"it", "itself"} - POINTING
_POSSESSIVE = {"his", "her", "its", "their"}
_REFERRING = {"other", "others", "another", "else", "such", "same", "either", "former", "latter"}
_NEW_CLAUSE = {
    "when", "if", "because", "that", "which", "who", "once", "after", "before", "while",
    "although", "without", "by",
}  # fmt: skip
_TIMES = {"year", "month", "week", "day", "time", "century"}


def replaced(question: str, found: Sequence[Mention]) -> tuple[str | None, bool]:
    """``question`` with its pronouns replaced, and whether it refers to anything said before.

    None where there is nothing to put in a pronoun's place: then it may still refer, as "the
    others" does.
    """
    tokens = words(question)
    named = any(word.is_proper for word in tokens[1:])
    chosen: dict[str, Mention] = {}
    edits: list[tuple[Word, str]] = []
    refers = False
    for place, word in enumerate(tokens):
        if word.lower in _REFERRING:
            refers |= not named
            continue
        role = _role(tokens, place)
        if role is None or _is_bound(question, tokens, place, role):
            continue
        refers = True
        if role == "noun":
            continue
        group = word.lower[:2]
        others = [m for m in found if m not in chosen.values() or chosen.get(group) is m]
        mention = chosen.get(group) or antecedent(word.lower, others, question)
        if mention is None or (group in chosen and role == "personal"):
            continue
        chosen[group] = mention
        ending = ("'" if mention.text.endswith("s") else "'s") if role == "possessive" else ""
        edits.append((word, mention.text + ending))
    made = question
    for word, text in reversed(edits):
        made = made[: word.start] + text + made[word.end :]
    return (made if edits else None), refers


def _role(tokens: Sequence[Word], place: int) -> str | None:
    """What a word does that refers back: "personal", "possessive", or "noun" for "that city"."""
    word = tokens[place]
    before = tokens[place - 1] if place else None
    after = tokens[place + 1] if place + 1 < len(tokens) else None
    nominal = after is not None and (after.is_noun or after.tag in {"JJ", "JJS", "CD", "VBG"})
    lower, role = word.lower, None
    if lower in POINTING:
        role = _pointing(word, before, after)
    elif lower in _POSSESSIVE:
        role = "possessive" if nominal or lower != "her" else "personal"
    elif lower in _PERSONAL:
        role = None if _is_empty(tokens, place) else "personal"
    elif lower == "there":
        role = None if before is None or before.lower in AUXILIARY else "noun"
    elif lower in {"one", "ones"}:
        role = None if nominal or (before and before.lower in {"in", "by", "to"}) else "noun"
    return role


def _pointing(word: Word, before: Word | None, after: Word | None) -> str | None:
    """A "that" may stand for something, point at a noun, or only open a clause."""
    if after is not None and after.lower in _TIMES:
        return None
    if after is not None and after.is_noun:
        opens = word.lower == "that" and before is not None and before.is_noun
        return None if opens else "noun"
    if word.lower != "that" or before is None or before.lower in AUXILIARY | WH:
        return "personal"
    if before.is_noun:
        return None
    closes = after is None or after.tag in {".", ","}
    return "personal" if closes else None


def _is_empty(tokens: Sequence[Word], place: int) -> bool:
    """Whether an "it" stands for nothing, as in "what does it take to"."""
    rest = [word.lower for word in tokens[place + 1 :]]
    return (
        tokens[place].lower == "it" and bool(rest) and rest[0] in {"take", "cost"} and "to" in rest
    )


def _is_bound(question: str, tokens: Sequence[Word], place: int, role: str) -> bool:
    """Whether the question itself names, before the pronoun, what it stands for."""
    word = tokens[place]
    if word.lower in POINTING or role == "noun":
        return False
    many = word.lower in THEY
    earlier = [
        phrase
        for phrase in phrases(question)
        if phrase.end <= word.start
        and phrase.says_something
        and (phrase.is_plural == many or phrase.is_proper)
    ]
    if not earlier or word.lower.endswith(("self", "selves")):
        return bool(earlier)
    between = [other for other in tokens if earlier[0].end <= other.start < word.start]
    if role == "possessive":
        helping = AUXILIARY - {"has", "have", "had"}
        return any(other.is_verb and other.lower not in helping for other in between)
    return any(other.lower in _NEW_CLAUSE for other in between)
