"""Questions that a table row answers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aiqa.drafting.wording import has_name, is_name, is_titled, is_unclear
from aiqa.query_rewriting.noun_phrases import phrases
from aiqa.types import Document

_VAGUE_HEADS = frozenset({
    "value", "answer", "amount", "figure", "item", "question", "kind", "type", "note", "notes",
    "comment", "name", "description", "quantity", "reference", "code",
    "company", "supplier", "event", "remark", "example", "fact", "measure", "years",
})  # fmt: skip
"""Column headers that do not describe their cells."""

_CODE = re.compile(r"^\d|[^\W\d_]\d|\d[^\W\d_]")
"""A label that only those know who made the table, such as "FishF1" or "200 µL tip"."""

_EVERYBODY_KNOWS = frozenset({
    "new year's day", "new year’s day", "new year's eve", "new year’s eve", "christmas",
    "christmas day", "christmas eve",
})  # fmt: skip
"""What is on the same day everywhere."""

_DATES = frozenset({"date", "dates", "day", "deadline"})
"""Column headers whose cells say when something is."""

_MOST_HEAD_WORDS, _MOST_LABEL_WORDS = 3, 5
_MOST_SUBJECT_WORDS = 6


def row_questions(line: str, document: Document) -> Iterator[str]:
    """Yield a question for each cell of a row: "Head: cell; Head: cell", or "Key; value"."""
    cells = [cell.partition(": ") for cell in line.split("; ")]
    about = _subject_of(document.title)
    if all(colon for _, colon, _ in cells):
        label = cells[0][2]
        if label.endswith("?") and about:
            yield from _completed(label, about)
        for head, _, cell in cells[1:]:
            if head.casefold() in _VAGUE_HEADS:
                if not is_titled(label):
                    yield from _of_head(label, about, cell)
            elif _is_label(label, document) and document.text.count(f": {label}; ") < 2:  # noqa: PLR2004
                yield from _of_head(head, label, cell)
    elif len(cells) == 2 and not any(colon for _, colon, _ in cells):  # noqa: PLR2004
        yield from _of_head(cells[0][0], about, cells[1][0])


def _completed(question: str, subject: str) -> Iterator[str]:
    """Yield ``question`` with its only "it" replaced by ``subject``."""
    text, count = re.subn(r"\bit\b", subject, question)
    if count == 1 and not is_unclear(text):
        yield text


def _is_label(label: str, document: Document) -> bool:
    """Tell whether the first cell of a row is a name."""
    names = phrases(label)
    if (
        _CODE.search(label)
        or len(names) != 1
        or names[0].text != label
        or len(names[0].words) > _MOST_LABEL_WORDS
    ):
        return False
    return has_name(label[1:]) or is_name(names[0].words[0], document)


def _of_head(head: str, subject: str, cell: str) -> Iterator[str]:
    nouns = phrases(head.partition(" in ")[0])
    if not subject or subject in cell or len(nouns) != 1 or is_unclear(f"{head} {subject}"):
        return
    (phrase,) = nouns
    whole = phrase.text == head.partition(" in ")[0] and len(phrase.words) <= _MOST_HEAD_WORDS
    if whole and phrase.head.lower in _DATES:
        if subject.lower() not in _EVERYBODY_KNOWS:
            yield f"When is {subject}?"
    elif whole and phrase.head.is_noun and phrase.head.lower not in _VAGUE_HEADS:
        is_common = head.partition(" ")[0][1:].islower()
        written = head[0].lower() + head[1:] if is_common else head
        yield f"What {'are' if phrase.is_plural else 'is'} the {written} of {subject}?"


def _subject_of(title: str) -> str:
    """Return the subject of a title like "SenseRobot: a guide" or "The fund"; empty if none."""
    before, colon, _ = title.partition(":")
    if colon and len(before.split()) <= _MOST_HEAD_WORDS and has_name(before):
        return before.strip()
    says_which = 2 < len(title.split()) <= _MOST_SUBJECT_WORDS  # noqa: PLR2004
    is_named = not colon and title.startswith("The ") and len(phrases(title)) == 1
    return f"the {title[4:]}" if is_named and says_which else ""
