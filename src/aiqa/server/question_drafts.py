"""Questions that a document seems to answer, made of its own headings, sentences and table rows.

They are drafts: whether one is answered, and from the place it was made of, is for whoever asks it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from aiqa.query_rewriting.noun_phrases import AUXILIARY, WH, Word, phrases, words
from aiqa.text.analysis import content_terms
from aiqa.text.sentences import sentences
from aiqa.types import Document, Heading, Span

Form = Literal["heading", "definition", "table", "fact"]

_LONGEST_QUESTION = 100
_LONGEST_SENTENCE = 300
_MOST_SENTENCES = 300
_MOST_SUBJECT_WORDS = 6

_UNCLEAR = frozenset({
    "it", "its", "this", "that", "these", "those", "they", "them", "their", "he", "him", "his",
    "she", "her", "hers", "here", "there", "one", "ones", "such", "other", "others", "another",
    "same", "both", "each", "first", "second", "third", "last", "next", "former", "latter",
})  # fmt: skip
"""Words that mean something only after what stood before."""

_READER = frozenset({"i", "my", "me", "we", "our", "us", "you", "your"})
"""What a question of readers has: it is clear without a name."""

_DEFINED = re.compile(r"an? |one of the ")
_APPOSITION = re.compile(r"([A-Z][^,;:()]{1,40}), (an? [^,;:()]{3,80}),")
_DATE = re.compile(
    r" (?:in|on|since) (?:early |late |mid-?)?(?:\d{1,2} )?(?:(?:1[5-9]|20)\d\d\b|"
    r"January|February|March|April|May |June|July|August|September|October|November|December)"
)
_IN_A_YEAR = re.compile(r"In ((?:1[5-9]|20)\d\d),? (?=[A-Z])")
_PLACED = frozenset({"based", "located", "situated", "headquartered"})
_PRICE = re.compile(r"(?:about |around |only |roughly )?(?:[$€£¥]\s?)?\d")
_COUNT = re.compile(r"(?:more than |about |over |nearly )?[\d.,]+(?: (?:million|billion))? ")
_HAVE = {"has": "does", "have": "do", "had": "did"}
_PERSONS = frozenset({
    "founder", "co-founder", "engineer", "entrepreneur", "investor", "president", "minister",
    "director", "professor", "author", "chairman", "chairwoman", "scientist", "executive",
    "manager", "politician", "man", "woman", "person", "doctor", "lawyer", "teacher",
})  # fmt: skip
_VAGUE_HEADS = frozenset({
    "value", "answer", "amount", "figure", "item", "question", "kind", "type", "note", "notes",
    "comment", "name", "description", "event", "remark", "example", "fact", "measure", "years",
})  # fmt: skip
"""Heads of table columns that say nothing of what stands under them."""

_MOST_HEAD_WORDS, _MOST_LABEL_WORDS = 3, 5


@dataclass(frozen=True, slots=True)
class Draft:
    """A question, how it was made, and the place that should answer it."""

    question: str
    form: Form
    document_id: str
    place: Span


def drafts(document: Document) -> Iterator[Draft]:
    """Questions on ``document``, each wording once, in order of its text."""
    seen: set[str] = set()
    for question, form, place in _found(document):
        if len(question) <= _LONGEST_QUESTION and question.casefold() not in seen:
            seen.add(question.casefold())
            yield Draft(question, form, document.id, place)


def _found(document: Document) -> Iterator[tuple[str, Form, Span]]:
    headings = {heading.start: heading for heading in document.headings}
    for span in islice(sentences(document.text), _MOST_SENTENCES):
        if heading := headings.get(span.start):
            if _stands_alone(heading.title):
                yield heading.title, "heading", _below(document, heading)
            continue
        text = document.text[span.start : span.end]
        if len(text) > _LONGEST_SENTENCE:
            continue
        if "; " in text and not text.endswith("."):
            for question in _of_row(text, document):
                yield question, "table", span
        elif text.endswith("."):
            yield from ((question, form, span) for question, form in _of_sentence(text, document))


def _stands_alone(title: str) -> bool:
    """Whether it is a question that says what it is about: "And since then?" does not."""
    said = words(title)
    if not title.endswith(("?", "？")) or len(set(content_terms(title))) < 2:  # noqa: PLR2004
        return False
    if said[0].lower not in WH | AUXILIARY or _is_unclear(title):
        return False
    return _has_name(title[1:]) or any(word.lower in _READER for word in said)


def _is_unclear(text: str) -> bool:
    return any(word.lower in _UNCLEAR for word in words(text))


def _below(document: Document, heading: Heading) -> Span:
    """What stands between a heading and the next."""
    after = (other.start for other in document.headings if other.start > heading.start)
    return Span(heading.start, next(after, len(document.text)))


def _of_sentence(text: str, document: Document) -> Iterator[tuple[str, Form]]:
    if beside := _APPOSITION.match(text):
        named = words(beside[1])
        if _is_name(named[0], document) and len(phrases(beside[1])) == 1:
            yield f"{'Who' if _is_person(beside[2]) else 'What'} is {beside[1]}?", "definition"
    year = _IN_A_YEAR.match(text)
    clause = text[year.end() :] if year else text
    tokens = words(clause)
    at = next((i for i, token in enumerate(tokens) if token.is_verb or token.lower == "costs"), 0)
    subject = _subject(clause, tokens[:at], document)
    if subject and not year and tokens[at].lower in ("is", "are"):
        yield from ((asked, "definition") for asked in _definition(subject, clause, tokens[at]))
    if subject and _has_name(subject):
        yield from ((asked, "fact") for asked in _event(subject, clause, tokens[at : at + 2]))
        when = f" in {year[1]}" if year else ""
        yield from ((asked, "fact") for asked in _amount(subject, clause, tokens[at], when))


def _definition(subject: str, clause: str, verb: Word) -> Iterator[str]:
    """From a sentence like "A chatbot is a program"."""
    rest = clause[verb.end + 1 :]
    if _DEFINED.match(rest) and not _is_unclear(" ".join(rest.split()[:2])):
        yield f"{'Who' if _is_person(rest) else 'What'} {verb.lower} {subject}?"


def _event(subject: str, clause: str, verbs: Sequence[Word]) -> Iterator[str]:
    """From "The lamp on Gull Rock was lit in 1887", "is based in", or "Bell founded Acme"."""
    verb, done = verbs[0], verbs[-1]
    if verb.lower in ("is", "are", "was", "were") and done.tag in ("VBN", "VBD"):
        if done.lower in _PLACED and clause[done.end :].startswith(" in "):
            yield f"Where {verb.lower} {subject} {done.text}?"
        elif _DATE.search(clause, done.end):
            yield f"When {verb.lower} {subject} {done.text}?"
    elif verb.tag in ("VBD", "VBN", "VBZ") and verb.lower not in AUXILIARY:
        thing = next(iter(phrases(clause[verb.end + 1 :])), None)
        if thing and thing.is_proper and not thing.determiner and thing.start == 0:
            yield f"Who {verb.text} {thing.text}?"


def _amount(subject: str, clause: str, verb: Word, when: str) -> Iterator[str]:
    """From "The robot costs 800 dollars" or "Acme has 40 shops"."""
    rest = clause[verb.end + 1 :]
    if verb.lower in ("costs", "cost") and _PRICE.match(rest):
        yield f"How much {'does' if verb.lower == 'costs' else 'do'} {subject} cost?"
    elif verb.lower in _HAVE and (count := _COUNT.match(rest)):
        counted = next(iter(phrases(rest[count.end() :])), None)
        if counted and counted.start == 0 and counted.is_plural:
            yield f"How many {counted.text} {_HAVE[verb.lower]} {subject} have{when}?"


def _subject(clause: str, tokens: tuple[Word, ...], document: Document) -> str:
    """What the sentence is about, as it is written within one; empty if it is not clear alone."""
    said = [token for token in tokens if token.is_word]
    if not 0 < len(said) <= _MOST_SUBJECT_WORDS or len(said) < len(tokens):
        return ""
    text = clause[: tokens[-1].end]
    first = next(iter(phrases(text)), None)
    begins = first and first.start == (tokens[1].start if first.article else 0)
    if not first or not begins or not first.says_something or _is_unclear(text):
        return ""
    is_titled = not first.article and _is_titled(text)
    if not (is_titled or _is_name(tokens[0], document)):
        text = text[0].lower() + text[1:]
    # "The fund" is clear only where the document speaks of one; "the capital of Italy" is.
    return "" if first.article == "the" and not _has_name(text) else text


def _is_name(word: Word, document: Document) -> bool:
    """Whether the first word of a sentence would have its capital elsewhere too."""
    if any(letter.isupper() for letter in word.text[1:]):
        return True
    return bool(re.search(rf"[a-z,] {re.escape(word.text)}\b", document.text))


def _has_name(text: str) -> bool:
    return any(letter.isupper() for letter in text)


def _is_person(predicate: str) -> bool:
    first = next(iter(phrases(predicate)), None)
    return bool(first) and first.head.lower in _PERSONS  # type: ignore[union-attr]


def _of_row(line: str, document: Document) -> Iterator[str]:
    """Questions for the cells of a row: "Head: cell; Head: cell", or "Key; value"."""
    cells = [cell.partition(": ") for cell in line.split("; ")]
    about = _subject_of(document.title)
    if all(colon for _, colon, _ in cells):
        label = cells[0][2]
        if label.endswith("?") and about:
            yield from _completed(label, about)
        for head, _, cell in cells[1:]:
            if head.casefold() in _VAGUE_HEADS:
                if not _is_titled(label):
                    yield from _of_head(label, about, cell)
            elif _is_label(label, document):
                yield from _of_head(head, label, cell)
    elif len(cells) == 2 and not any(colon for _, colon, _ in cells):  # noqa: PLR2004
        yield from _of_head(cells[0][0], about, cells[1][0])


def _completed(question: str, subject: str) -> Iterator[str]:
    """A question with the one "it" that it has as what it stands for."""
    made, put = re.subn(r"\bit\b", subject, question)
    if put == 1 and not _is_unclear(made):
        yield made


def _is_titled(text: str) -> bool:
    """Whether words after the first are written like names: "Ada Moor", not "Price in dollars"."""
    return any(word.istitle() for word in text.split()[1:])


def _is_label(label: str, document: Document) -> bool:
    """Whether what begins a row is a name."""
    made = phrases(label)
    if len(made) != 1 or made[0].text != label or len(made[0].words) > _MOST_LABEL_WORDS:
        return False
    return _has_name(label[1:]) or _is_name(made[0].words[0], document)


def _of_head(head: str, subject: str, cell: str) -> Iterator[str]:
    made = phrases(head.partition(" in ")[0])
    if not subject or subject in cell or len(made) != 1 or _is_unclear(f"{head} {subject}"):
        return
    (phrase,) = made
    whole = phrase.text == head.partition(" in ")[0] and len(phrase.words) <= _MOST_HEAD_WORDS
    if whole and phrase.head.is_noun and phrase.head.lower not in _VAGUE_HEADS:
        written = head if head.isupper() else head[0].lower() + head[1:]
        yield f"What {'are' if phrase.is_plural else 'is'} the {written} of {subject}?"


def _subject_of(title: str) -> str:
    """What a title names: "SenseRobot: a guide" and "The investment fund"; empty if nothing."""
    before, colon, _ = title.partition(":")
    if colon and len(before.split()) <= _MOST_HEAD_WORDS and _has_name(before):
        return before.strip()
    says_which = 2 < len(title.split()) <= _MOST_SUBJECT_WORDS  # noqa: PLR2004
    is_named = not colon and title.startswith("The ") and len(phrases(title)) == 1
    return f"the {title[4:]}" if is_named and says_which else ""
