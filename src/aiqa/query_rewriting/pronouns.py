"""Pronouns of a question, replaced by what they stand for."""

from __future__ import annotations

from collections.abc import Sequence

from aiqa.query_rewriting.coreference import HE, SHE, THEY, Mention, antecedent
from aiqa.query_rewriting.noun_phrases import AUXILIARY, POINTING, WH, Word, phrases, words

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
