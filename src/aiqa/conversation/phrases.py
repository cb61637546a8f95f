"""Words with their parts of speech, and the noun phrases that they make up."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

_TOKEN = re.compile(r"[^\W_]+(?:[-.,&][^\W_]+)*|['’](?:s|S)\b|['’]|\S")
_WH = {"what", "which", "who", "whom", "whose", "why", "when", "where", "how"}
_DO = {"do", "does", "did"}
_MODAL = {"can", "could", "will", "would", "shall", "should", "may", "might", "must"}
_AUXILIARY = _DO | _MODAL | {"is", "are", "was", "were", "am", "be", "has", "have", "had"}
_POINTING = {"this", "that", "these", "those"}
_DETERMINERS = {"DT", "PRP$", "PDT", "WDT", "WP$"}
_INSIDE = {"JJ", "JJR", "JJS", "CD", "POS", "VBG", "VBN", "NN", "NNS", "NNP", "NNPS", "NNP-PERS"}
_EMPTY_HEADS = {
    "way", "kind", "sort", "thing", "lot", "part", "point", "example", "difference", "year", "day",
    "time", "name", "number", "amount", "one", "other", "others", "people", "reason", "information",
    "much", "many", "something", "anything", "everything", "nothing", "someone", "anyone",
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
    def is_proper(self) -> bool:
        """Whether it is written like a name."""
        return any(letter.isupper() for letter in self.text) and (
            self.tag.startswith("NNP") or self.is_noun
        )


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase: its ``words``, a leading article or determiner left out."""

    words: tuple[Word, ...]
    determiner: str | None
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
        """Its main word: the last noun before any "of"."""
        nouns = []
        for word in self.words:
            if word.lower == "of":
                break
            nouns.append(word)
        return nouns[-1]

    @property
    def is_proper(self) -> bool:
        """Whether it names somebody or something."""
        return any(word.is_proper for word in self.words)

    @property
    def is_plural(self) -> bool:
        """Whether its head is plural, or it joins several with "and"."""
        return self.head.tag in {"NNS", "NNPS"} or any(word.lower == "and" for word in self.words)

    @property
    def says_something(self) -> bool:
        """Whether it can be what a question is about."""
        return self.is_proper or self.head.lower not in _EMPTY_HEADS


@lru_cache(maxsize=512)
def words(text: str) -> tuple[Word, ...]:
    """The words and marks of ``text`` with their tags, which are right nineteen times in twenty.

    By the rules and the lexicon of Brill, "A simple rule-based part of speech tagger", 1992, in the
    edition of ``textblob``; a verb that it takes for a noun after "do" is put right.
    """
    found = list(_TOKEN.finditer(text))
    if not found:
        return ()
    # Slashes and the like mean something to the tagger.
    tokens = [
        m.group() if m.group()[0].isalnum() or m.group() in ".?!,;:()'" else "," for m in found
    ]
    tags = [
        "POS" if t.lower() in {"'s", "’s"} else tag
        for t, (_, tag) in zip((m.group() for m in found), _tagger().find_tags(tokens), strict=True)
    ]
    made = [Word(m.group(), tag, m.start(), m.end()) for m, tag in zip(found, tags, strict=True)]
    return tuple(_verbs_put_right(_nouns_put_right(made)))


def _nouns_put_right(made: list[Word]) -> list[Word]:
    """Names are written large within a sentence; after an article comes a noun, not a verb."""
    for place in range(1, len(made)):
        before, word = made[place - 1], made[place]
        follows = made[place + 1].tag if place + 1 < len(made) else "."
        tag = word.tag
        if (
            word.text[0].isupper()
            and word.text != "I"
            and not tag.startswith("NN")
            and before.tag not in {".", ":"}
            and before.text not in "\"“'"
        ):
            tag = "NNP"
        elif (
            before.tag in {"DT", "PRP$", "JJ"}
            and before.lower not in _POINTING
            and tag in {"VB", "VBP", "VBG", "VBZ"}
            and (follows in {".", ",", "IN", "TO", "CC", "VBZ", "VBD", "VBP"})
        ):
            tag = "NN"
        elif (
            tag == "NN"
            and follows == "PRP"
            and before.tag not in {"DT", "PRP$", "IN"}
            and made[place + 1].lower in {"it", "them", "him", "her"}
        ):
            tag = "VB"
        made[place] = replace(word, tag=tag)
    return made


def _verbs_put_right(made: list[Word]) -> list[Word]:
    """After "do" or "can" a bare verb follows the subject: "does the robot cost"."""
    for place, word in enumerate(made):
        if word.lower not in _DO | _MODAL:
            continue
        clause = []
        for other in range(place + 1, len(made)):
            if (
                made[other].tag in {".", ",", ":", "CC", "IN", "TO"}
                or made[other].lower in _AUXILIARY
            ):
                break
            clause.append(other)
        bare = [i for i in clause[1:] if made[i].tag in {"VB", "VBP"}]
        if bare:
            continue
        other_forms = [i for i in clause[1:] if made[i].tag in {"VBN", "VBD"}]
        nouns = [i for i in clause[1:] if made[i].tag == "NN" and made[i].text[0].islower()]
        adverbial = [i for i in nouns if made[i - 1].tag == "RB"]
        for i in (adverbial or other_forms or nouns[-1:])[:1]:
            made[i] = replace(made[i], tag="VB")
    return made


@cache
def _tagger() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it forgets to close its lexicon
        from textblob.en import parser

        parser.find_tags(["word"])
    return parser


@lru_cache(maxsize=512)
def phrases(text: str) -> tuple[Phrase, ...]:
    """The noun phrases of ``text`` in order: the longest, joined by "of" where they are."""
    made, tokens = [], words(text)
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
        determiner, first = None, place
        while first < end and tokens[first].tag in _DETERMINERS:
            determiner = tokens[first].lower
            first += 1
        if first < end:
            run = tokens[first:end]
            made.append(Phrase(run, determiner, text[run[0].start : run[-1].end]))
        place = end
    return tuple(made)


def _stretch(tokens: Sequence[Word], place: int) -> int:
    """Where the noun phrase that begins at ``place`` ends; ``place`` where none does."""
    start = place
    while (
        place < len(tokens)
        and tokens[place].tag in _DETERMINERS
        and tokens[place].lower not in {"this", "that", "these", "those"} | _WH
    ):
        place += 1
    end = place
    while end < len(tokens) and tokens[end].tag in _INSIDE and tokens[end].lower not in _AUXILIARY:
        end += 1
    if (
        end + 2 < len(tokens)
        and end > place
        and tokens[end - 1].tag == "JJ"
        and tokens[end].tag == "CC"
        and tokens[end + 1].tag == "JJ"
    ):
        rest = _stretch(tokens, end + 1)
        end = rest if rest > end + 1 else end
    while end > place and not (tokens[end - 1].is_noun or tokens[end - 1].tag == "CD"):
        end -= 1
    return end if end > place else start
