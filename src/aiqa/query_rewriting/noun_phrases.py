"""Words with their parts of speech, and the noun phrases that they make up."""

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
"""Nouns that name nothing a follow-up question would be about."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word or mark of a text, from ``start`` to ``end``, with its Penn Treebank ``tag``."""

    text: str
    tag: str
    start: int
    end: int

    @property
    def lower(self) -> str:
        """The word in small letters."""
        return self.text.lower()

    @property
    def is_noun(self) -> bool:
        """Whether it can be the head of a noun phrase."""
        return self.tag.startswith("NN")

    @property
    def is_verb(self) -> bool:
        """Whether it is a verb, helping ones included."""
        return self.tag.startswith("VB") or self.tag == "MD" or self.lower in AUXILIARY

    @property
    def is_proper(self) -> bool:
        """Whether it is written like a name."""
        return self.is_noun and any(letter.isupper() for letter in self.text)

    @property
    def is_word(self) -> bool:
        """Whether it is more than a mark."""
        return self.text[0].isalnum()


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase of a text: its ``words`` without the ``determiner`` before them."""

    words: tuple[Word, ...]
    determiner: Word | None
    text: str

    @property
    def start(self) -> int:
        """First character, in the text it stands in."""
        return self.words[0].start

    @property
    def end(self) -> int:
        """Character after the last, in the text it stands in."""
        return self.words[-1].end

    @property
    def head(self) -> Word:
        """Its main word: the last before any "of"."""
        names = [word.lower for word in self.words]
        return self.words[names.index("of") - 1 if "of" in names else -1]

    @property
    def article(self) -> str | None:
        """The determiner in small letters."""
        return self.determiner.lower if self.determiner else None

    @property
    def is_complemented(self) -> bool:
        """Whether it says "of" what it is."""
        return any(word.lower == "of" for word in self.words)

    @property
    def is_proper(self) -> bool:
        """Whether it names somebody or something."""
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
    """The words and marks of ``text`` with their tags.

    By the rules and the lexicon of Brill, "A simple rule-based part of speech tagger", 1992, in the
    edition of ``textblob``; what it often gets wrong in questions is put right.
    """
    found = list(_TOKEN.finditer(text))
    if not found:
        return ()
    # Slashes and the like mean something to the tagger.
    plain = [m.group() if m.group()[0].isalnum() or m.group() in ".?!,;:'" else "," for m in found]
    tags = [tag for _, tag in _tagger().find_tags(plain)]
    made = [
        Word(m.group(), "POS" if m.group().lower() in {"'s", "’s"} else tag, m.start(), m.end())
        for m, tag in zip(found, tags, strict=True)
    ]
    return tuple(_verbs_put_right(_nouns_put_right(made)))


def _nouns_put_right(made: list[Word]) -> list[Word]:
    """Names are written large within a sentence; after an article comes a noun, not a verb."""
    for place in range(1, len(made)):
        before, word = made[place - 1], made[place]
        after = made[place + 1] if place + 1 < len(made) else None
        closes = after is None or after.tag in {".", ",", "IN", "TO", "CC", "VBZ", "VBD", "VBP"}
        follows_article = before.tag in {"DT", "PRP$", "JJ"} and before.lower not in POINTING
        if word.text[0].isupper() and word.text != "I" and not word.is_noun and before.is_word:
            made[place] = replace(word, tag="NNP")
        elif follows_article and closes and word.tag in {"VB", "VBP", "VBG", "VBZ"}:
            made[place] = replace(word, tag="NN")
        elif word.tag == "NN" and after and after.lower in {"it", "them", "him", "her"}:
            made[place] = replace(word, tag="VB")
    return made


def _verbs_put_right(made: list[Word]) -> list[Word]:
    """After "do" or "can" a bare verb follows the subject: "does the robot cost"."""
    for place, word in enumerate(made):
        if word.lower not in DO | MODAL:
            continue
        clause = []
        for other in range(place + 1, len(made)):
            if made[other].tag in {".", ",", ":", "CC", "IN", "TO"}:
                break
            clause.append(other)
        rest = clause[1:]
        if any(made[i].tag in {"VB", "VBP"} for i in rest):
            continue
        nouns = [i for i in rest if made[i].tag == "NN" and made[i].text[0].islower()]
        after_adverb = [i for i in nouns if made[i - 1].tag == "RB"]
        past = [i for i in rest if made[i].tag in {"VBN", "VBD"}]
        for i in (after_adverb or past or nouns[-1:])[:1]:
            made[i] = replace(made[i], tag="VB")
    return made


@cache
def _tagger() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves its lexicon's file open
        from textblob.en import parser

        parser.find_tags(["word"])
    return parser


@lru_cache(maxsize=512)
def phrases(text: str) -> tuple[Phrase, ...]:
    """The noun phrases of ``text`` in order: the longest, joined by "of" where they are."""
    made: list[Phrase] = []
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
            made.append(Phrase(run, determiner, text[run[0].start : run[-1].end]))
        place = end
    return tuple(made)


def _past_determiners(tokens: Sequence[Word], place: int) -> int:
    while place < len(tokens) and (
        tokens[place].lower in _QUANTITIES
        or (tokens[place].tag in _DETERMINERS and tokens[place].lower not in POINTING | WH)
    ):
        place += 1
    return place


def _stretch(tokens: Sequence[Word], start: int) -> int:
    """Where the noun phrase that begins at ``start`` ends; ``start`` where none does."""
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
