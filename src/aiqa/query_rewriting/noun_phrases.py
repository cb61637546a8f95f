"""Part-of-speech tagging and noun phrase chunking."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

_TOKEN = re.compile(r"[^\W_]+(?:[-.,&][^\W_]+)*|['’](?:s|S)\b|['’]|\S")
POINTING = frozenset({"this", "that", "these", "those"})
WH = frozenset({"what", "which", "who", "whom", "whose", "why", "when", "where", "how"})
DO = frozenset({"do", "does", "did"})
MODAL = frozenset({
    "can", "could", "will", "would", "shall", "should", "may", "might", "must",
})  # fmt: skip
BE = frozenset({"is", "are", "was", "were", "am", "be"})
AUXILIARY = DO | MODAL | BE | {"has", "have", "had"}

_DETERMINERS = {"DT", "PRP$", "PDT", "WDT", "WP$"}
_QUANTITIES = {"many", "much", "several", "few", "some", "any"}
_INSIDE = {"JJ", "JJR", "JJS", "CD", "POS", "VBG", "VBN"}
_EMPTY_HEADS = {
    "way", "kind", "sort", "thing", "lot", "part", "point", "example", "difference", "year", "day",
    "time", "name", "number", "amount", "one", "other", "others", "people", "reason", "information",
    "something", "anything", "everything", "nothing", "someone", "anyone", "month", "week",
}  # fmt: skip
"""Nouns that are no subject of a follow-up question by themselves."""

_ATTRIBUTES = frozenset({
    "price", "cost", "fee", "fare", "value", "amount", "number", "size", "weight", "height",
    "length", "width", "depth", "age", "speed", "area", "population", "capacity", "range",
    "duration", "date", "deadline", "year", "name", "title", "address", "location", "headquarters",
    "colour", "color", "shape", "purpose", "meaning", "definition", "role", "status",
    "version", "owner", "maker", "manufacturer", "author", "founder", "inventor",
    "president", "chair", "chairman", "director", "executive", "ceo", "head", "leader", "mayor",
    "treasurer", "secretary", "minister", "chief",
})  # fmt: skip
"""Nouns for what something has, or who leads it: one goes on to talk of the thing itself."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word or punctuation mark, from ``start`` to ``end``, with its Penn Treebank ``tag``."""

    text: str
    tag: str
    start: int
    end: int

    @property
    def lower(self) -> str:
        """The word in lower case."""
        return self.text.lower()

    @property
    def is_noun(self) -> bool:
        """Whether it can be the head of a noun phrase."""
        return self.tag.startswith("NN")

    @property
    def is_verb(self) -> bool:
        """Whether it is a verb or an auxiliary."""
        return self.tag.startswith("VB") or self.tag == "MD" or self.lower in AUXILIARY

    @property
    def is_proper(self) -> bool:
        """Whether it is a noun with a capital letter."""
        return self.is_noun and any(letter.isupper() for letter in self.text)

    @property
    def is_word(self) -> bool:
        """Whether it is a word, not a punctuation mark."""
        return self.text[0].isalnum()


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase of a text: its ``words`` without the ``determiner`` before them."""

    words: tuple[Word, ...]
    determiner: Word | None
    text: str

    @property
    def start(self) -> int:
        """Offset of its first character in the text."""
        return self.words[0].start

    @property
    def end(self) -> int:
        """Offset after its last character in the text."""
        return self.words[-1].end

    @property
    def head(self) -> Word:
        """The head noun: the last word before any "of"."""
        names = [word.lower for word in self.words]
        return self.words[names.index("of") - 1 if "of" in names else -1]

    @property
    def article(self) -> str | None:
        """The determiner in lower case."""
        return self.determiner.lower if self.determiner else None

    @property
    def is_complemented(self) -> bool:
        """Whether it has a complement with "of"."""
        return any(word.lower == "of" for word in self.words)

    @property
    def head_part(self) -> Phrase:
        """It without any "of" and what follows."""
        names = [word.lower for word in self.words]
        end = names.index("of") if "of" in names else len(names)
        return self._part(0, end, self.determiner)

    @property
    def owner(self) -> Phrase | None:
        """What it is an attribute of: "a pass" in "price of a pass", "Acme" in "Acme's price".

        None where it is none, as in "rules of chess", or a name, such as "Battle of Hastings".
        """
        if self.head.lower not in _ATTRIBUTES:
            return None
        names = [word.lower for word in self.words]
        if "of" in names:
            first = names.index("of") + 1
            start = _past_determiners(self.words, first)
            determiner = self.words[start - 1] if start > first else None
            return self._part(start, len(names), determiner)
        owned = next((i for i, word in enumerate(self.words) if word.tag == "POS"), 0)
        return self._part(0, owned, self.determiner) if owned else None

    def _part(self, start: int, end: int, determiner: Word | None) -> Phrase:
        run = self.words[start:end]
        return Phrase(
            run, determiner, self.text[run[0].start - self.start : run[-1].end - self.start]
        )

    @property
    def is_proper(self) -> bool:
        """Whether it contains a name."""
        return any(word.is_proper for word in self.words)

    @property
    def is_plural(self) -> bool:
        """Whether its head is plural."""
        return self.head.tag in {"NNS", "NNPS"}

    @property
    def says_something(self) -> bool:
        """Whether it can be what a question is about."""
        return self.is_proper or self.head.lower not in _EMPTY_HEADS


@lru_cache(maxsize=512)
def words(text: str) -> tuple[Word, ...]:
    """Return the words and punctuation marks of ``text`` with their tags.

    The tagger is that of Brill, "A simple rule-based part of speech tagger", ANLP 1992, with the
    lexicon of ``textblob``. Its frequent errors in questions are corrected.
    """
    matches = list(_TOKEN.finditer(text))
    if not matches:
        return ()
    # Slashes have a meaning in the tagger's input format.
    plain = [
        m.group() if m.group()[0].isalnum() or m.group() in ".?!,;:'" else "," for m in matches
    ]
    tags = [tag for _, tag in _tagger().find_tags(plain)]
    tagged = [
        Word(m.group(), "POS" if m.group().lower() in {"'s", "’s"} else tag, m.start(), m.end())
        for m, tag in zip(matches, tags, strict=True)
    ]
    return tuple(_with_verbs_corrected(_with_nouns_corrected(tagged)))


def _with_nouns_corrected(tagged: list[Word]) -> list[Word]:
    """Tag capitalised words within a sentence as names, and words after an article as nouns."""
    helps = any(word.lower in DO | MODAL | {"to"} for word in tagged)
    for place in range(1, len(tagged)):
        before, word = tagged[place - 1], tagged[place]
        after = tagged[place + 1] if place + 1 < len(tagged) else None
        closes = after is None or after.tag in {".", ",", "IN", "TO", "CC", "VBZ", "VBD", "VBP"}
        ends = closes or (after is not None and after.tag in {"VBN", "MD", "JJ"})
        follows_article = before.tag in {"DT", "PRP$", "JJ"} and before.lower not in POINTING
        if word.text[0].isupper() and word.text != "I" and not word.is_noun and before.is_word:
            tagged[place] = replace(word, tag="NNP")
        elif follows_article and closes and word.tag in {"VB", "VBP", "VBG", "VBZ"}:
            tagged[place] = replace(word, tag="NN")
        elif before.tag == "NN" and word.tag in {"VB", "VBP"} and ends and not helps:
            tagged[place] = replace(word, tag="NN")  # "the water pump", "a day pass"
        elif before.tag == "NN" and word.tag == "JJ" and after and after.tag in {"VB", "VBP"}:
            tagged[place] = replace(word, tag="NN")  # "does the summer fair take place"
        elif word.tag == "NN" and after and after.lower in {"it", "them", "him", "her"}:
            tagged[place] = replace(word, tag="VB")
        elif word.tag == "NN" and before.lower == "to" and _obliges(tagged, place - 2):
            tagged[place] = replace(word, tag="VB")  # "have to claim"
    return tagged


def _obliges(tagged: Sequence[Word], place: int) -> bool:
    return place >= 0 and tagged[place].lower in {"has", "have", "had"}


def _with_verbs_corrected(tagged: list[Word]) -> list[Word]:
    """Tag the bare verb after "do" or "can" and the subject: "does the robot cost"."""
    _correct_verb_of_subject(tagged)
    for place, word in enumerate(tagged):
        if word.lower not in DO | MODAL:
            continue
        clause = []
        for other in range(place + 1, len(tagged)):
            if tagged[other].tag in {".", ",", ":", "CC", "IN", "TO"}:
                break
            clause.append(other)
        rest = clause[1:]
        if _asks_how_much(tagged, place) and len(rest) > 1:
            # The amount is the object, so that a noun at the end is none: "does the pump cost".
            before, last = rest[-2:]
            if tagged[before].tag == "VB" and tagged[last].tag == "NN":
                tagged[before] = replace(tagged[before], tag="NN")
                tagged[last] = replace(tagged[last], tag="VB")
        if any(tagged[i].tag in {"VB", "VBP"} for i in rest):
            continue
        nouns = [i for i in rest if tagged[i].tag == "NN" and tagged[i].text[0].islower()]
        after_adverb = [i for i in nouns if tagged[i - 1].tag == "RB"]
        before_object = [i for i in nouns[:-1] if tagged[i + 1].tag in {"DT", "PRP$"}]
        past = [i for i in rest if tagged[i].tag in {"VBN", "VBD"}]
        for i in (after_adverb or before_object or past or nouns[-1:])[:1]:
            tagged[i] = replace(tagged[i], tag="VB")
    return tagged


def _asks_how_much(tagged: Sequence[Word], place: int) -> bool:
    return place > 1 and [word.lower for word in tagged[place - 2 : place]] == ["how", "much"]


def _correct_verb_of_subject(tagged: list[Word]) -> None:
    """Tag the verb of a question about its subject: "Which country banned downloads?"."""
    if not tagged or tagged[0].lower not in WH or any(map(_is_finite, tagged)):
        return
    for place in range(1, len(tagged) - 1):
        if tagged[place - 1].is_noun and tagged[place].tag == "VBN":
            tagged[place] = replace(tagged[place], tag="VBD")
            return


def _is_finite(word: Word) -> bool:
    return word.tag in {"VB", "VBD", "VBP", "VBZ", "MD"} or word.lower in AUXILIARY


@cache
def _tagger() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # textblob leaves a file open
        from textblob.en import parser

        parser.find_tags(["word"])
    return parser


@lru_cache(maxsize=512)
def phrases(text: str) -> tuple[Phrase, ...]:
    """Return the maximal noun phrases of ``text`` in order, including complements with "of"."""
    result: list[Phrase] = []
    tokens = words(text)
    place = 0
    while place < len(tokens):
        end = _stretch(tokens, place)
        if end == place:
            place += 1
            continue
        while end + 1 < len(tokens) and tokens[end].lower == "of":
            after = _stretch(tokens, end + 1)
            if after == end + 1:
                break
            end = after
        first = _past_determiners(tokens, place)
        while first == place and tokens[first].tag in {"VBN", "JJR", "JJS"} and first < end - 1:
            first += 1
            place += 1
        if first < end:
            run = tokens[first:end]
            determiner = tokens[first - 1] if first > place else None
            result.append(Phrase(run, determiner, text[run[0].start : run[-1].end]))
        place = end
    return tuple(result)


def _past_determiners(tokens: Sequence[Word], place: int) -> int:
    while place < len(tokens) and (
        tokens[place].lower in _QUANTITIES
        or (tokens[place].tag in _DETERMINERS and tokens[place].lower not in POINTING | WH)
    ):
        place += 1
    return place


def _stretch(tokens: Sequence[Word], start: int) -> int:
    """Return the end of the noun phrase that begins at ``start``; ``start`` if none does."""
    first = end = _past_determiners(tokens, start)
    while end < len(tokens) and (tokens[end].tag in _INSIDE or tokens[end].is_noun):
        if tokens[end].lower in AUXILIARY:
            break
        end += 1
    joins = first < end < len(tokens) - 1 and tokens[end].tag == "CC"
    if joins and tokens[end - 1].tag == tokens[end + 1].tag == "JJ":
        end = max(end, _stretch(tokens, end + 1))  # "generative and extractive answering"
    while end > first and not (tokens[end - 1].is_noun or tokens[end - 1].tag == "CD"):
        end -= 1
    return end if end > first else start
