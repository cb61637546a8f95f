"""What a system other than aiqa says to a question: its text, its citations, how sure it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from aiqa.errors import SettingsError
from aiqa.evaluation.quote_matching import occurrences
from aiqa.text.sentences import sentences
from aiqa.types import Answer, Citation, Document, ScoredChunk, Span, Statement, heading_path
from aiqa.validation_errors import validation_message

UNPLACED = Span(-1, -1)
"""The place of a citation that stands nowhere in the documents."""


class CitedPlace(BaseModel):
    """A place in a document: ``source`` and a ``quote``, or its ``start`` and ``end``, or both.

    Offsets are characters of the document's text, half-open; a quote beside them has to stand
    there. A quote alone is looked for; where its words stand more than once, the first place is
    meant.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)

    source: str
    quote: Annotated[str, Field(min_length=1)] | None = None
    start: Annotated[int, Field(ge=0)] | None = None
    end: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _says_where(self) -> CitedPlace:
        if (self.start is None) != (self.end is None):
            raise ValueError("start and end go together")
        if self.quote is None and self.start is None:
            raise ValueError("a citation needs a quote, or start and end")
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise ValueError("start must be before end")
        return self

    def locate(self, text: str) -> tuple[Span, str]:
        """Return where in ``text`` it stands, and its quote; ``UNPLACED`` if it does not."""
        if self.start is None or self.end is None:
            quote = self.quote or ""
            return next(iter(occurrences(text, quote)), UNPLACED), quote
        if self.end > len(text):
            return UNPLACED, self.quote or f"characters {self.start} to {self.end}"
        return Span(self.start, self.end), self.quote or text[self.start : self.end]


class SystemAnswer(BaseModel):
    """What a system says to a question; only ``text`` is needed.

    ``text`` is None if there is no answer. With ``abstained`` the text is what would be said if
    an answer were forced, but is not shown. ``confidence`` is the system's probability, in [0, 1],
    that the text is right. ``retrieved`` are the passages that it found, best first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)

    text: str | None
    citations: tuple[CitedPlace, ...] = ()
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    abstained: bool = False
    retrieved: tuple[CitedPlace, ...] | None = None

    @model_validator(mode="after")
    def _cites_what_is_said(self) -> SystemAnswer:
        if self.citations and not self.text:
            raise ValueError("citations need a text that they are for")
        return self

    @classmethod
    def read(cls, given: Any, question_id: str) -> SystemAnswer:
        """Return ``given``, an object or a mapping with these fields.

        Raises:
            SettingsError: a field is missing, unknown or of the wrong type.
        """
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            complaints = validation_message(error, whole="answer")
            raise SettingsError(
                f"What the system said to question {question_id} is not an answer: {complaints}.",
                "Return a SystemAnswer, or a dict with its fields; the page Evaluation of the "
                "documentation describes them.",
            ) from error

    def as_answer(self, question: str, find: Callable[[str], Document | None]) -> Answer:
        """Return this as an answer of aiqa; ``find`` gives the document of a source.

        Each citation is a statement. An answer that is not shown has a ``cause``.
        """
        confidence = self.confidence or 0.0
        if not self.text:
            return Answer(question, None, confidence, "abstention", cause="not stated")
        citations = [_citation(place, find(place.source)) for place in self.citations]
        quotes_sentences = bool(citations) and citations[0].quote == citations[0].sentence
        return Answer(
            question,
            self.text,
            confidence,
            "sentence" if quotes_sentences and self.text == citations[0].quote else "span",
            statements=tuple(Statement(one.quote, confidence, (one,)) for one in citations),
            cause="not stated" if self.abstained else None,
        )

    def hits(self, find: Callable[[str], Document | None]) -> list[ScoredChunk] | None:
        """Return the passages found, best first; None if the system does not say."""
        if self.retrieved is None:
            return None
        from aiqa.ingestion.chunker import whole_chunk

        found = []
        for number, place in enumerate(self.retrieved):
            document = find(place.source) or _nowhere(place.source)
            span, _ = place.locate(document.text)
            within = Span(0, 0) if span == UNPLACED else span
            found.append(ScoredChunk(whole_chunk(document, within), score=-number, dense=0.0))
        return found


def _citation(place: CitedPlace, document: Document | None) -> Citation:
    document = document or _nowhere(place.source)
    span, quote = place.locate(document.text)
    around = span
    if span != UNPLACED:
        line = document.text.rfind("\n", 0, span.start) + 1
        ends = document.text.find("\n", span.end)
        bounds = sentences(document.text, line, ends if ends >= 0 else len(document.text))
        touched = [one for one in bounds if one.overlaps(span)]
        around = Span(
            min([span.start, *(one.start for one in touched)]),
            max([span.end, *(one.end for one in touched)]),
        )
    return Citation(
        document_id=document.id,
        source=place.source,
        title=document.title,
        page=document.page_at(span.start),
        section=heading_path(document.section_at(span.start)),
        start=span.start,
        end=span.end,
        quote=quote,
        sentence_start=around.start,
        sentence_end=around.end,
        sentence=quote if span == UNPLACED else document.text[around.start : around.end],
        place=document.place_at(span.start),
    )


def _nowhere(source: str) -> Document:
    """Return what stands for a source that the documents do not have."""
    return Document("", source, "text", "", "")
