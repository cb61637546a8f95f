"""Coreference resolution: which mention of the conversation a pronoun refers to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiqa.query_rewriting.mentions import HE, SHE, THEY, Mention
from aiqa.query_rewriting.noun_phrases import (
    AUXILIARY,
    BE,
    POINTING,
    WH,
    Word,
    phrases,
    words,
)
from aiqa.text.analysis import terms

_PERSONAL = HE | SHE | THEY | {"it", "itself"} - POINTING
_POSSESSIVE = {"his", "her", "its", "their"}
_REFERRING = {"other", "others", "another", "else", "such", "same", "either", "former", "latter"}
_NEW_CLAUSE = {
    "when", "if", "because", "that", "which", "who", "once", "after", "before", "while",
    "although", "without", "by", "what", "how", "where", "why", "whether",
}  # fmt: skip
_TIMES = {"year", "month", "week", "day", "time", "century"}
_CONDITIONS = {"if", "when", "once", "because", "while", "unless", "until", "after", "before"}
_EMPTY_VERBS = {"take", "cost", "mean", "matter", "help", "hurt"}
_DEONTIC = {"allowed", "permitted", "forbidden", "prohibited", "required", "recommended"}
_COMPLEMENT_WORDS = {"that", "if", "when", "whether"}
_BREAKS = frozenset(".?!;:–—-")


def replace_pronouns(question: str, candidates: Sequence[Mention]) -> tuple[str | None, bool]:
    """Replace the pronouns of ``question`` by their antecedents.

    Args:
        question: a question of the conversation.
        candidates: the mentions of the turns before it.

    Returns:
        The rewritten question, None if no pronoun could be replaced; and whether the question
        refers to earlier turns at all, which it also does with "the others".
    """
    tokens = words(question)
    has_name = any(word.is_proper for word in tokens[1:])
    antecedents: dict[str, Mention] = {}
    edits: list[tuple[Word, str]] = []
    refers = False
    for position, word in enumerate(tokens):
        if word.lower in _REFERRING:
            refers |= not has_name
            continue
        role = _role(tokens, position)
        if role is None or _is_bound(question, tokens, position, role):
            continue
        refers = True
        if role == "noun":
            continue
        group = word.lower[:2]
        free = [
            m for m in candidates if m not in antecedents.values() or antecedents.get(group) is m
        ]
        mention = antecedents.get(group) or antecedent(word.lower, free, question)
        if mention is None or (group in antecedents and role == "personal"):
            continue
        antecedents[group] = mention
        ending = ("'" if mention.text.endswith("s") else "'s") if role == "possessive" else ""
        edits.append((word, mention.text + ending))
    rewritten = question
    for word, text in reversed(edits):
        rewritten = rewritten[: word.start] + text + rewritten[word.end :]
    return (rewritten if edits else None), refers


@dataclass(frozen=True, slots=True)
class Reference:
    """A word that may refer back: its role, whether the question itself has its antecedent.

    ``nouns`` is the number of noun phrases before it in the question.
    """

    role: str
    bound: bool
    nouns: int


def references(question: str) -> list[Reference]:
    """Return the words of ``question`` that may refer to earlier turns, or to the question."""
    tokens = words(question)
    found = []
    for position, word in enumerate(tokens):
        if word.lower in _REFERRING:
            found.append(Reference("other", bound=False, nouns=_nouns_before(question, word)))
            continue
        role = _role(tokens, position)
        if role is None:
            continue
        bound = _is_bound(question, tokens, position, role)
        name = _kind(word, role)
        found.append(Reference(name, bound=bound, nouns=_nouns_before(question, word)))
    return found


def _kind(word: Word, role: str) -> str:
    if word.lower in POINTING:
        return f"pointing_{role}"
    if role == "noun":
        return "there" if word.lower == "there" else "one"
    return "it" if word.lower in {"it", "itself"} else role


def _nouns_before(question: str, word: Word) -> int:
    return sum(phrase.end <= word.start and phrase.says_something for phrase in phrases(question))


def antecedent(pronoun: str, candidates: Sequence[Mention], question: str) -> Mention | None:
    """Return the most likely antecedent of ``pronoun``, not counting what ``question`` names."""
    own = set(terms(question))
    unnamed = [m for m in candidates if not set(terms(m.phrase.text)) <= own]
    best = max(unnamed, key=lambda mention: mention.weight * mention.fits(pronoun), default=None)
    return best if best is not None and best.fits(pronoun) else None


def _role(tokens: Sequence[Word], position: int) -> str | None:
    """Return how a word refers back: "personal", "possessive", or "noun" as in "that city"."""
    word = tokens[position]
    before = tokens[position - 1] if position else None
    after = tokens[position + 1] if position + 1 < len(tokens) else None
    nominal = after is not None and (after.is_noun or after.tag in {"JJ", "JJS", "CD", "VBG"})
    lower, role = word.lower, None
    if lower in POINTING:
        role = _pointing(word, before, after)
    elif lower in _POSSESSIVE:
        role = "possessive" if nominal or lower != "her" else "personal"
    elif lower in _PERSONAL:
        role = None if _is_empty(tokens, position) else "personal"
    elif lower == "there":
        role = None if before is None or before.lower in AUXILIARY else "noun"
    elif lower in {"one", "ones"}:
        role = None if nominal or (before and before.lower in {"in", "by", "to"}) else "noun"
    return role


def _pointing(word: Word, before: Word | None, after: Word | None) -> str | None:
    """Return the role of a demonstrative; None if it only introduces a clause, as "that" may."""
    if after is not None and after.lower in _TIMES:
        return None
    if after is not None and after.is_noun:
        opens = word.lower == "that" and before is not None and before.is_noun
        return None if opens else "noun"
    if word.lower != "that" or before is None or before.lower in AUXILIARY | WH:
        return "personal"
    if before.lower in _CONDITIONS and after is not None and after.is_verb:
        return "personal"  # "What if that fails?"
    if before.is_noun:
        return None
    closes = after is None or after.tag in {".", ","}
    return "personal" if closes else None


def _is_empty(tokens: Sequence[Word], position: int) -> bool:
    """Tell whether an "it" is an expletive: "what does it take to", "is it legal to own one"."""
    rest = list(tokens[position + 1 :])
    before = tokens[position - 1].lower if position else ""
    if tokens[position].lower != "it" or not rest:
        return False
    if before in BE and rest[0].lower in {"that", "who"}:
        return True  # "Who was it that …?"
    if rest[0].lower in BE:
        before = rest.pop(0).lower
    if not rest:
        return False
    is_verb = before not in BE and rest[0].lower in _EMPTY_VERBS
    is_adjective = before in BE and (rest[0].tag == "JJ" or rest[0].lower in _DEONTIC)
    return (is_verb or is_adjective) and _has_clause(rest[1:], is_verb=is_verb)


def _has_clause(rest: Sequence[Word], *, is_verb: bool) -> bool:
    """Tell whether there is a clause that "it" stands for; "safe to drink" has none."""
    names = [word.lower for word in rest if word.is_word]
    if "to" in names:
        return is_verb or len(names) > names.index("to") + 2
    return any(name in _COMPLEMENT_WORDS for name in names)


def _is_bound(question: str, tokens: Sequence[Word], position: int, role: str) -> bool:
    """Tell whether the question itself has the antecedent, before the pronoun."""
    word = tokens[position]
    if _is_of_later_sentence(question, tokens, word):
        return True
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


def _is_of_later_sentence(question: str, tokens: Sequence[Word], word: Word) -> bool:
    """Tell whether a sentence with a noun comes before: "I need a code. How do I get it?"."""
    ends = [other.start for other in tokens if other.text in _BREAKS and other.start < word.start]
    return bool(ends) and any(
        phrase.end <= ends[-1] and phrase.says_something for phrase in phrases(question)
    )
