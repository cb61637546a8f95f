"""What a candidate span is to its question, beyond the words that its sentence shares with it."""

from __future__ import annotations

from collections.abc import Sequence

from aiqa.answers.values.polarity import is_polar
from aiqa.answers.values.quantities import Quantity
from aiqa.reader.amount_conditions import amounts, given_amounts, range_match
from aiqa.reader.question_type import question_type
from aiqa.reader.table_cells import head_match
from aiqa.text.analysis import content_terms
from aiqa.types import Chunk, Span


class QuestionMatch:
    """Compares spans with one question, and tells of which kind that is.

    ``explanation``, ``several`` and ``polar`` are 1 where it asks for an explanation, for several
    things, and for yes or no; otherwise 0.
    """

    def __init__(self, question: str) -> None:
        kind = question_type(question)
        self.explanation = float(kind == "explanation")
        self.several = float(kind == "list")
        self.polar = float(is_polar(question))
        self._asked = frozenset(content_terms(question))
        self._given = given_amounts(question)
        self._amounts: dict[tuple[str, Span], list[Quantity]] = {}

    def restated(self, text: str) -> float:
        """Return the share of the terms of a span's ``text`` that the question has, too."""
        own = content_terms(text)
        return sum(term in self._asked for term in own) / len(own) if own else 0.0

    def head(self, chunk: Chunk, span: Span) -> tuple[float, float]:
        """Return how well the head of the span's table cell fits; see ``head_match``."""
        text, start, end = chunk.text, span.start - chunk.start, span.end - chunk.start
        first = text.rfind("\n", 0, start) + 1
        last = text.find("\n", end)
        line = text[first : last if last >= 0 else len(text)]
        return head_match(self._asked, line, Span(start - first, end - first))

    def in_range(self, chunk: Chunk, span: Span) -> float:
        """Tell whether the question's amounts lie in the sentence's ranges; see ``range_match``."""
        return range_match(self._given, self._stated(chunk, span)) if self._given else 0.0

    def _stated(self, chunk: Chunk, span: Span) -> Sequence[Quantity]:
        sentence = chunk.sentence_around(span)
        place = chunk.document_id, sentence
        if place not in self._amounts:
            self._amounts[place] = amounts(chunk.words(sentence))
        return self._amounts[place]
