"""A follow-up question to one that stands alone, in words that were said."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aiqa.conversation.antecedents import Mention, antecedent, mentions
from aiqa.conversation.exchange import Exchange
from aiqa.conversation.phrases import Phrase, Word, phrases, words
from aiqa.embedding import Embedder
from aiqa.terms import content_terms, terms

_PERSONAL = {
    "he",
    "him",
    "himself",
    "she",
    "hers",
    "herself",
    "it",
    "itself",
    "they",
    "them",
    "theirs",
    "themselves",
}
_POSSESSIVE = {"his", "her", "its", "their"}
_POINTING = {"this", "that", "these", "those"}
_BE = {"is", "are", "was", "were"}
_AUX = _BE | {
    "do",
    "does",
    "did",
    "can",
    "could",
    "will",
    "would",
    "has",
    "have",
    "had",
    "should",
    "may",
    "might",
    "must",
    "shall",
}
_WH = {"what", "which", "who", "whom", "whose", "why", "when", "where", "how"}
_OPENERS = re.compile(
    r"^\s*(?:(?:and|but|or|so|ok|okay|also|then|now|well)\b[\s,]*)+", re.IGNORECASE
)
_ABOUT = re.compile(r"^(?:what|how)\s+about\s+|^(?:what|how)\s+of\s+", re.IGNORECASE)
_DEFINITION = re.compile(
    r"^(?:what|who)\s*(?:is|are|was|were|'s|’s)\s+(?:an?\s+)?[\w-]+(?:\s[\w-]+)?\s*\??$|^what does .* mean|^how do(?:es)? .* work\W*$",
    re.IGNORECASE,
)
_SIMILAR = 0.3
_SHORT = 3


class Interpreter:
    """Makes follow-up questions complete."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def interpret(self, question: str, history: Sequence[Exchange]) -> str | None:
        question = question.strip()
        if not history:
            return None
        found = mentions(history)
        if not found:
            return None
        bare = _OPENERS.sub("", question)
        about = _ABOUT.sub("", bare)
        tokens = words(about)
        verbless = len([w for w in tokens if w.text[0].isalnum()]) <= 5 and not any(
            w.tag.startswith("VB") or w.tag == "MD" or w.lower in _AUX for w in tokens
        )
        made = None
        if about != bare or verbless:
            made = self._ellipsis(about, history, found)
        if made is None:
            made = self._pronouns(bare, found)
        if made is None and self._incomplete(bare, found):
            made = _topic(bare, found)
        if made is None or made == question:
            return None
        return made[0].upper() + made[1:] if question[0].isupper() else made

    # pronouns
    def _pronouns(self, question: str, found: list[Mention]) -> str | None:
        tokens = words(question)
        edits: list[tuple[int, int, str]] = []
        used: list[str] = []
        chosen: dict[str, Mention] = {}
        anaphoric = False
        for place, word in enumerate(tokens):
            lower = word.lower
            after = tokens[place + 1] if place + 1 < len(tokens) else None
            before = tokens[place - 1] if place else None
            nominal = after is not None and (
                after.is_noun or after.tag in {"JJ", "JJS", "JJR", "CD", "VBG"} or after.tag == "NN"
            )
            if lower == "her" and not nominal:
                kind = "personal"
            elif lower in _POSSESSIVE:
                kind = "possessive"
            elif lower in _PERSONAL:
                kind = "personal"
            elif lower in _POINTING and self._points(tokens, place):
                kind = (
                    "determiner"
                    if nominal
                    and not (
                        before is not None
                        and before.lower in _BE
                        and lower in {"this", "that"}
                        and after is not None
                        and after.tag not in {"NN", "NNS"}
                    )
                    else "personal"
                )
            elif lower == "there" and before is not None and before.lower not in _AUX:
                kind = "there"
            elif (
                lower in {"one", "ones"}
                and (before is None or before.lower not in {"in"})
                and not nominal
            ):
                kind = "one"
            elif lower in {
                "other",
                "others",
                "another",
                "else",
                "such",
                "same",
                "both",
                "either",
                "former",
                "latter",
                "instead",
            }:
                anaphoric |= not any(w.is_proper for w in tokens[1:])
                continue
            else:
                continue
            if kind in {"personal", "possessive"} and _bound(question, tokens, place, kind):
                continue
            anaphoric = True
            if lower in {"it"} and _expletive(tokens, place):
                continue
            if kind in {"personal", "possessive"}:
                group = lower[:2]
                mention = chosen.get(group) or antecedent(
                    lower, [m for m in found if m not in chosen.values()], question
                )
                if mention is None:
                    continue
                text = mention.text
                if mention in chosen.values() and kind != "possessive":
                    continue  # once is enough
                chosen[group] = mention
                if kind == "possessive":
                    text += "'" if text.endswith("s") else "'s"
                edits.append((word.start, word.end, text))
                used.append(mention.text)
        made = question
        for start, end, text in reversed(edits):
            made = made[:start] + text + made[end:]
        if edits:
            return made
        return _topic(question, found) if anaphoric else None

    @staticmethod
    def _points(tokens: Sequence[Word], place: int) -> bool:
        """Whether "that" points at something, rather than opening a clause."""
        if tokens[place].lower != "that":
            return True
        before = tokens[place - 1] if place else None
        after = tokens[place + 1] if place + 1 < len(tokens) else None
        if before is None or before.lower in _AUX or before.lower in _WH:
            return True
        if before.is_noun:
            return False
        return (
            after is None
            or after.tag in {".", ","}
            or (before.tag in {"IN", "TO"} and after.tag not in {"NN", "VB", "VBP", "PRP"})
        )

    # ellipsis
    def _ellipsis(self, rest: str, history: Sequence[Exchange], found: list[Mention]) -> str | None:
        previous = history[-1].question
        tokens = words(rest)
        if not tokens:
            return None
        if any(w.lower in _PERSONAL for w in tokens):
            return self._pronouns(rest, found)
        if any(w.lower in _WH for w in tokens) and len(tokens) <= 6:
            return _moved(rest, history[-1])
        own = phrases(rest)
        if any(
            w.lower in _PERSONAL | _POSSESSIVE | _POINTING | {"one", "ones", "other", "others"}
            for w in tokens
        ):
            return _topic(rest, found)
        if len(own) == 0:
            return _topic(rest, found)
        new = own[0]
        old = self._contrasted(new, rest, previous)
        tail = rest.rstrip(" ?.!")
        stem = previous.rstrip(" ?.!")
        preposition = tokens[0] if tokens[0].tag in {"IN", "TO"} else None
        if old is not None:
            body = (
                tail[words(tail)[1].start :]
                if preposition and not _preceded(previous, old, preposition.lower)
                else tail
            )
            start = old.start
            if preposition and _preceded(previous, old, preposition.lower):
                body = tail[words(tail)[1].start :]
            elif (old.determiner and body.lower().split()[0] in {"the", "a", "an"}) or (old.determiner in {"a", "an"} and (new.is_plural or new.is_proper)):
                start = _with_determiner(previous, old)
            return f"{previous[:start]}{body}{stem[old.end :]}?"
        if preposition:
            return f"{stem} {tail}?"
        return None if False else _topic(rest, found)

    def _contrasted(self, new: Phrase, rest: str, previous: str) -> Phrase | None:
        options = [p for p in phrases(previous) if not set(terms(p.text)) & set(terms(new.text))]
        if not options:
            return None
        tokens = words(rest)
        preposition = tokens[0].lower if tokens[0].tag in {"IN", "TO"} else None
        same = [p for p in options if preposition and _preceded(previous, p, preposition)]
        number = new.head.tag == "CD"
        alike = [p for p in (same or options) if (p.head.tag == "CD") == number]
        if not alike:
            return None
        if same and len(alike) == 1:
            return alike[0]
        vectors = self._embedder.encode([new.text, *(p.text for p in alike)])
        cosines = vectors[1:] @ vectors[0]
        best = max(range(len(alike)), key=lambda i: (float(cosines[i]), -i))
        return alike[best] if cosines[best] >= _SIMILAR else None

    # incomplete
    def _incomplete(self, question: str, found: list[Mention]) -> bool:
        tokens = words(question)
        if any(w.is_proper and place for place, w in enumerate(tokens)):
            return False
        if len(set(content_terms(question))) > _SHORT:
            return False
        for phrase in phrases(question):
            after = next((w for w in tokens if w.start >= phrase.end), None)
            if phrase.determiner == "the" and (
                after is None
                or after.lower
                not in {"of", "that", "which", "who", "in", "at", "on", "for", "between"}
            ):
                return True
        if any(w.tag in {"JJR", "JJS", "RBR", "RBS"} for w in tokens) and not any(
            w.lower in {"than", "of", "in"} for w in tokens
        ):
            return True
        return len(set(content_terms(question))) < _SHORT and not _DEFINITION.match(question)


def _preceded(text: str, phrase: Phrase, preposition: str) -> bool:
    before = [w for w in words(text) if w.end <= phrase.start]
    while before and before[-1].tag == "DT":
        before.pop()
    return bool(before) and before[-1].lower == preposition


def _with_determiner(text: str, phrase: Phrase) -> int:
    before = [w for w in words(text) if w.end <= phrase.start]
    return before[-1].start if before else phrase.start


def _bound(question: str, tokens: Sequence[Word], place: int, kind: str) -> bool:
    """Whether the question itself names, before it, what the pronoun stands for."""
    word = tokens[place]
    plural = word.lower in {"they", "them", "their", "theirs", "themselves", "these", "those"}
    earlier = [
        p
        for p in phrases(question)
        if p.end <= word.start and (p.is_plural == plural or p.is_proper)
    ]
    earlier = [p for p in earlier if p.says_something]
    if not earlier:
        return False
    if word.lower.endswith(("self", "selves")):
        return True
    between = [w for w in tokens if w.start >= earlier[0].end and w.end <= word.start]
    if kind == "possessive":
        return any(
            w.tag.startswith("VB") and w.lower not in _AUX - {"has", "have", "had"} for w in between
        )
    return any(
        w.lower
        in {
            "when",
            "if",
            "because",
            "that",
            "which",
            "who",
            "once",
            "after",
            "before",
            "while",
            "although",
        }
        for w in between
    )


def _expletive(tokens: Sequence[Word], place: int) -> bool:
    rest = tokens[place + 1 :]
    return bool(rest) and rest[0].lower in {"take"} and any(w.lower == "to" for w in rest)


def _moved(asked: str, exchange: Exchange) -> str:
    """A bare "why" or "in which year" with what the question before said, its own wh left out."""
    tokens = words(exchange.question)
    first = 0
    while (
        first < len(tokens)
        and tokens[first].lower not in _AUX
        and not tokens[first].tag.startswith("VB")
    ):
        first += 1
    rest = (
        exchange.question[tokens[first].start :] if 0 < first < len(tokens) else exchange.question
    )
    stem = asked.rstrip(" ?.!")
    return f"{stem} {rest}"


def _topic(question: str, found: list[Mention]) -> str | None:
    own = set(terms(question))
    for mention in found:
        if not set(terms(mention.phrase.text)) <= own:
            return f"{mention.text}: {question}"
    return None
