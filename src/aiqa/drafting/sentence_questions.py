"""Questions that a sentence answers: definitions, dates, places, prices and counts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from aiqa.drafting.wording import has_name, is_name, is_titled, is_unclear
from aiqa.query_rewriting.noun_phrases import Word, phrases, words
from aiqa.types import Document

_MOST_SUBJECT_WORDS = 6

_DEFINED = re.compile(r"an? |one of the ")
_DATE = re.compile(
    r" (?:in|on|since) (?:early |late |mid-?)?(?:\d{1,2} )?(?:(?:1[5-9]|20)\d\d\b|"
    r"January|February|March|April|May |June|July|August|September|October|November|December)"
)
_IN_A_YEAR = re.compile(r"In ((?:1[5-9]|20)\d\d),? (?=[A-Z])")
_PLACED = frozenset({"based", "located", "situated", "headquartered"})
_PRICE = re.compile(r"(?:about |around |only |roughly )?(?:[$€£¥]\s?)?\d")
_COUNT = re.compile(r"(?:more than |about |over |nearly )?[\d.,]+(?: (?:million|billion))? ")
_REST = re.compile(r"(?P<rest>(?: (?:to|after|in|for|of|from|until) [^,;:()]{3,60})?)[.,;]")
_FOUNDING = frozenset({
    "founded", "founds", "wrote", "invented", "created", "built", "leads", "led", "runs", "owns",
    "owned", "makes", "made", "launched", "developed", "develops", "designed", "discovered",
    "directs", "directed", "introduced", "published", "chairs", "chaired",
})  # fmt: skip
_JUDGING = frozenset({
    "component", "part", "means", "way", "option", "example", "advantage", "problem", "sign",
    "step", "factor", "element", "opportunity", "matter", "question", "key", "reason", "result",
    "thing", "place", "point", "priority", "requirement", "challenge", "issue", "case", "contest",
})  # fmt: skip
"""Nouns that say what somebody thinks of a thing, not what it is."""

_HAVE = {"has": "does", "have": "do", "had": "did"}
_PERSONS = frozenset({
    "founder", "co-founder", "engineer", "entrepreneur", "investor", "president", "minister",
    "director", "professor", "author", "chairman", "chairwoman", "scientist", "executive",
    "manager", "politician", "man", "woman", "person", "doctor", "lawyer", "teacher",
})  # fmt: skip


def sentence_questions(
    text: str, document: Document
) -> Iterator[tuple[str, Literal["definition", "fact"]]]:
    """Yield the questions that the sentence ``text`` answers, with their form."""
    year = _IN_A_YEAR.match(text)
    clause = text[year.end() :] if year else text
    tokens = words(clause)
    at = next((i for i, token in enumerate(tokens) if token.is_verb or token.lower == "costs"), 0)
    subject = _subject(clause, tokens[:at], document)
    if subject and not year and tokens[at].lower in ("is", "are"):
        yield from (
            (question, "definition") for question in _definition(subject, clause, tokens[at])
        )
    if subject and has_name(subject):
        yield from ((question, "fact") for question in _event(subject, clause, tokens[at : at + 2]))
        when = f" in {year[1]}" if year else ""
        yield from ((question, "fact") for question in _amount(subject, clause, tokens[at], when))


def _definition(subject: str, clause: str, verb: Word) -> Iterator[str]:
    """Yield "What is a chatbot?" for "A chatbot is a program"."""
    rest = clause[verb.end + 1 :]
    named = next(iter(phrases(rest)), None)
    if named and named.head.lower in _JUDGING:
        return
    if _DEFINED.match(rest) and not is_unclear(" ".join(rest.split()[:2])):
        yield f"{'Who' if _is_person(rest) else 'What'} {verb.lower} {subject}?"


def _event(subject: str, clause: str, verbs: Sequence[Word]) -> Iterator[str]:
    """Yield "When was … lit?", "Where is … based?" or "Who founded Acme?" for such clauses."""
    verb, done = verbs[0], verbs[-1]
    if verb.lower in ("is", "are", "was", "were") and done.tag in ("VBN", "VBD"):
        if done.lower in _PLACED and clause[done.end :].startswith(" in "):
            yield f"Where {verb.lower} {subject} {done.text}?"
        elif _DATE.search(clause, done.end):
            yield f"When {verb.lower} {subject} {done.text}?"
    elif verb.lower in _FOUNDING:
        thing = next(iter(phrases(clause[verb.end + 1 :])), None)
        if thing and thing.is_proper and not thing.determiner and thing.start == 0:
            yield f"Who {verb.text} {thing.text}?"


def _amount(subject: str, clause: str, verb: Word, when: str) -> Iterator[str]:
    """Yield "How much does … cost?" or "How many shops does Acme have?" for such clauses."""
    rest = clause[verb.end + 1 :]
    if verb.lower in ("costs", "cost") and _PRICE.match(rest):
        yield f"How much {'does' if verb.lower == 'costs' else 'do'} {subject} cost?"
    elif verb.lower in _HAVE and (count := _COUNT.match(rest)):
        counted = next(iter(phrases(rest[count.end() :])), None)
        if counted and counted.start == 0 and counted.is_plural:
            after = _REST.match(rest, count.end() + counted.end)
            if after:
                then = after["rest"] + when
                yield f"How many {counted.text} {_HAVE[verb.lower]} {subject} have{then}?"


def _subject(clause: str, tokens: tuple[Word, ...], document: Document) -> str:
    """Return the subject, in the case of mid-sentence; empty if it is unclear by itself."""
    word_tokens = [token for token in tokens if token.is_word]
    if not 0 < len(word_tokens) <= _MOST_SUBJECT_WORDS or len(word_tokens) < len(tokens):
        return ""
    text = clause[: tokens[-1].end]
    first = next(iter(phrases(text)), None)
    begins = first and first.start == (tokens[1].start if first.article else 0)
    if not first or not begins or not first.says_something or is_unclear(text):
        return ""
    is_proper = not first.article and is_titled(text)
    if not (is_proper or is_name(tokens[0], document)):
        text = text[0].lower() + text[1:]
    # "The fund" is clear only where the document speaks of one; "the capital of Italy" is.
    return "" if first.article == "the" and not has_name(text) else text


def _is_person(predicate: str) -> bool:
    first = next(iter(phrases(predicate)), None)
    return bool(first) and first.head.lower in _PERSONS  # type: ignore[union-attr]
