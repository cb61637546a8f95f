"""What a conversation is about: the things it has mentioned, by how likely they are meant next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiqa.conversation.exchange import Exchange
from aiqa.conversation.phrases import Phrase, phrases, words
from aiqa.terms import terms

_FADING = 0.6
_SUBJECT, _QUESTION, _SHORT_ANSWER, _ANSWER, _TITLE = 3.0, 2.5, 3.0, 1.0, 0.7
_PROPER = 1.5
_SHORT = 8
_SHE = {
    "mother",
    "mom",
    "mum",
    "wife",
    "sister",
    "daughter",
    "woman",
    "girl",
    "queen",
    "aunt",
    "grandmother",
    "actress",
    "lady",
    "princess",
    "niece",
}
_HE = {
    "father",
    "dad",
    "husband",
    "brother",
    "son",
    "man",
    "boy",
    "king",
    "uncle",
    "grandfather",
    "actor",
    "prince",
    "nephew",
}
_ROLES = {
    "executive",
    "president",
    "founder",
    "director",
    "author",
    "minister",
    "manager",
    "owner",
    "chairman",
    "head",
    "leader",
    "doctor",
    "teacher",
    "player",
    "singer",
    "writer",
    "officer",
    "employee",
    "person",
    "child",
    "tenant",
    "customer",
    "user",
}


@dataclass(slots=True)
class Mention:
    phrase: Phrase
    weight: float
    is_person: bool = False
    asked: bool = False

    @property
    def text(self) -> str:
        determiner = self.phrase.determiner
        keep = determiner in {"the", "a", "an"}
        return f"{determiner} {self.phrase.text}" if keep else self.phrase.text


def mentions(history: Sequence[Exchange]) -> list[Mention]:
    """Every thing mentioned, most salient first."""
    found: dict[tuple[str, ...], Mention] = {}
    for distance, exchange in enumerate(reversed(history)):
        fade = _FADING**distance
        inquires = phrases(exchange.question)
        who = bool(words(exchange.question)) and any(
            w.lower in {"who", "whom", "whose"} for w in words(exchange.question)[:3]
        )
        for place, phrase in enumerate(inquires):
            _add(
                found,
                phrase,
                (_SUBJECT if place == 0 else _QUESTION) * fade,
                who and place == 0 and phrase.is_proper,
                True,
            )
        answer = exchange.answer or ""
        short = len(answer.split()) <= _SHORT
        for phrase in phrases(answer[:600]):
            _add(
                found,
                phrase,
                (_SHORT_ANSWER if short else _ANSWER) * fade,
                who and phrase.is_proper,
                False,
            )
        for title in exchange.titles[:1]:
            for phrase in phrases(title):
                _add(found, phrase, _TITLE * fade, False, False)
    _merge(found)
    return sorted(found.values(), key=lambda m: -m.weight)


def _add(
    found: dict[tuple[str, ...], Mention], phrase: Phrase, weight: float, person: bool, asked: bool
) -> None:
    if not phrase.says_something:
        return
    if phrase.is_proper:
        weight += _PROPER * min(weight, 1)
    key = tuple(terms(phrase.text))
    if key in found:
        known = found[key]
        known.weight += weight
        known.is_person |= person
        if phrase.text[0].islower() and known.phrase.text[0].isupper() and not known.asked:
            known.phrase = phrase
        known.asked |= asked
    else:
        found[key] = Mention(phrase, weight, person or _person_noun(phrase), asked)


def _person_noun(phrase: Phrase) -> bool:
    return phrase.head.lower in _SHE | _HE | _ROLES


def _merge(found: dict[tuple[str, ...], Mention]) -> None:
    """A part of a longer name means what the longer name means."""
    for key in list(found):
        if not found[key].phrase.is_proper and len(key) > 1:
            continue
        longer = [
            other
            for other in found
            if len(key) < len(other) <= 5
            and (found[other].asked or not found[key].asked)
            and set(key) <= set(other)
            and found[other].phrase.is_proper >= found[key].phrase.is_proper
            and found[other].phrase.head.lower.rstrip("s")
            == found[key].phrase.head.lower.rstrip("s")
        ]
        if longer:
            best = max(longer, key=lambda other: found[other].weight)
            found[best].weight += found[key].weight
            found[best].is_person |= found[key].is_person
            found[best].asked |= found[key].asked
            del found[key]


def fits(mention: Mention, pronoun: str) -> float:
    """How well a pronoun can stand for what is mentioned: a factor on its weight."""
    phrase = mention.phrase
    head = phrase.head.lower
    if pronoun in {"he", "him", "his", "himself", "she", "her", "hers", "herself"}:
        if head in (_HE if pronoun[0] == "s" or pronoun.startswith("her") else _SHE):
            return 0.0
        if mention.is_person:
            return 3.0
        if (
            phrase.is_proper
            and not phrase.is_plural
            and not any(w.lower == "of" for w in phrase.words)
        ):
            return 1.0 if phrase.determiner is None else 0.2
        return 0.05
    if pronoun in {"they", "them", "their", "theirs", "themselves", "these", "those"}:
        if phrase.is_plural:
            return 2.0
        return 0.7 if phrase.is_proper and not mention.is_person else 0.3
    if phrase.head.tag == "CD":
        return 0.1
    if mention.is_person:
        return 0.2
    return 0.5 if phrase.is_plural else 1.0


def antecedent(pronoun: str, found: Sequence[Mention], question: str) -> Mention | None:
    """The mention that ``pronoun`` most likely stands for, none that the question names itself."""
    own = set(terms(question))
    open_ = [m for m in found if not set(terms(m.phrase.text)) <= own]
    best = max(open_, key=lambda m: m.weight * fits(m, pronoun), default=None)
    return best if best is not None and fits(best, pronoun) > 0 else None
