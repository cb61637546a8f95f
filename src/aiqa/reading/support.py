"""What a span's own sentence says of the question: what the span model overlooks most.

A question that no passage answers is often one letter away from one that is: another name, another
year, a "not" too many (Rajpurkar, Jia & Liang, "Know what you don't know", ACL 2018). A small model
scores both alike, but their words tell them apart.
"""

from __future__ import annotations

import re
from functools import cached_property

from aiqa.sentences import sentences
from aiqa.terms import terms
from aiqa.types import Chunk, Span

_NAMED = re.compile(r"(?<=.)\b[A-Z][\w'’-]*|\d(?:[\d.,]*\d)?")
_NEGATION = re.compile(
    r"\b(?:not|never|no|none|nor|neither|without|cannot)\b|n['’]t\b", re.IGNORECASE
)


class Support:
    """Holds a question against the sentences of one chunk."""

    def __init__(self, question: str, chunk: Chunk) -> None:
        self._question = question
        self._chunk = chunk

    def of(self, span: Span) -> tuple[float, float, float]:
        """Of a span of the chunk, in characters of the document, three things.

        The share of the question's words that its sentence or the chunk's headings have; how many
        names and numbers of the question stand nowhere in the chunk; and whether just one of
        question and sentence denies something, as 0 or 1.
        """
        inside = span.start - self._chunk.start
        found = (told for end, told in self._sentences if end > inside)
        share, differs = next(found, None) or self._held_against("")
        return share, self._unmatched, differs

    @cached_property
    def _sentences(self) -> list[tuple[int, tuple[float, float]]]:
        """Where each sentence ends in the chunk, and what it says of the question."""
        text = self._chunk.text
        return [(s.end, self._held_against(text[s.start : s.end])) for s in sentences(text)]

    def _held_against(self, sentence: str) -> tuple[float, float]:
        words = self._headings | set(terms(sentence))
        differs = self._denies != bool(_NEGATION.search(sentence))
        return len(self._wanted & words) / max(len(self._wanted), 1), float(differs)

    @cached_property
    def _denies(self) -> bool:
        return bool(_NEGATION.search(self._question))

    @cached_property
    def _wanted(self) -> set[str]:
        return set(terms(self._question))

    @cached_property
    def _headings(self) -> set[str]:
        return set(terms(self._chunk.context))

    @cached_property
    def _unmatched(self) -> float:
        said = f"{self._chunk.context}\n{self._chunk.text}".casefold()
        return float(sum(name.casefold() not in said for name in _NAMED.findall(self._question)))
