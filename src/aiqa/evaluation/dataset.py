"""Gold sets: questions with annotated answers and evidence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aiqa.checksums import content_id
from aiqa.evaluation.quote_matching import occurrences
from aiqa.types import Document, Span

Split = Literal["train", "dev", "test"]

WITHHELD = "withheld"
"""Tag of the questions whose evidence was removed; see ``withhold``."""


class Evidence(BaseModel):
    """One place that states the answer, found by its words, so that chunking is free.

    ``quote`` may be several quotes that state it together; without one the whole document counts.
    ``start``, the character of the document's text at which a quote begins, tells it from the same
    words elsewhere where that matters. ``grade`` is how relevant a document is; 0 is not at all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    quote: Annotated[str, Field(min_length=1)] | tuple[str, ...] | None = None
    start: Annotated[int, Field(ge=0)] | None = None
    grade: Annotated[int, Field(ge=0)] = 1

    @property
    def quotes(self) -> tuple[str, ...]:
        """The quotes; empty if the whole document is meant."""
        if self.quote is None:
            return ()
        return (self.quote,) if isinstance(self.quote, str) else self.quote

    def locate(self, document: Document) -> list[Span]:
        """Every place of the quotes in the document's canonical text; empty if one is missing."""
        if self.quote is None:
            return [Span(0, len(document.text))]
        if self.start is not None and document.text.startswith(self.quotes[0], self.start):
            return [Span(self.start, self.start + len(self.quotes[0]))]
        places = [occurrences(document.text, quote) for quote in self.quotes]
        return [span for spans in places for span in spans] if all(places) else []


class EvalExample(BaseModel):
    """One line of a gold set.

    ``answers`` are accepted wordings, ``evidence`` every place that states the answer; both are
    empty for a question that the documents do not answer. Evidence without answers says which
    documents bear on the question, and only their retrieval is judged. ``history`` holds the
    questions before it in its conversation, oldest first; what they were answered is up to the
    system. ``rewrite`` is how a person puts the question where it must stand alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    question: Annotated[str, Field(min_length=1)]
    answers: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    tags: tuple[str, ...] = ()
    split: Split = "test"
    history: tuple[str, ...] = ()
    rewrite: str | None = None

    @property
    def answerable(self) -> bool:
        """Whether the documents answer the question."""
        return bool(self.evidence)

    @model_validator(mode="after")
    def _complete(self) -> EvalExample:
        if self.answers and not self.evidence:
            raise ValueError("answers need evidence, the places that state them")
        return self


@dataclass(frozen=True, slots=True)
class EvalPassage:
    """A text that is part of a gold set, which its questions are about."""

    source: str
    title: str
    text: str

    def document(self) -> Document:
        """Return the passage as a document with the same text."""
        identity = content_id(f"{self.source}\n{self.title}\n{self.text}".encode())
        return Document(identity, self.source, "text", self.title, self.text)


@dataclass(frozen=True, slots=True)
class EvalDataset:
    """Questions and, unless they are about documents that people ingest, their passages.

    ``contexts`` maps the id of a question to the source of the passage that it was asked about.
    """

    name: str
    questions: tuple[EvalExample, ...]
    passages: tuple[EvalPassage, ...] = ()
    contexts: dict[str, str] | None = None

    def limit(self, most: int) -> EvalDataset:
        """Return an evenly spaced sample of at most ``most`` questions, with all passages."""
        count = len(self.questions)
        if count <= most:
            return self
        return replace(
            self, questions=tuple(self.questions[i * count // most] for i in range(most))
        )

    def withhold(self, share: float) -> EvalDataset:
        """Without the passages of about ``share`` of the answerable questions.

        Those become unanswerable and are tagged ``WITHHELD``. Which passages go depends on nothing
        but their texts.
        """
        wanted = share * sum(question.answerable for question in self.questions)
        counts: dict[str, int] = {}
        for question in self.questions:
            for source in {item.source for item in question.evidence}:
                counts[source] = counts.get(source, 0) + 1
        gone: set[str] = set()
        count = 0
        by_chance = sorted(self.passages, key=lambda passage: content_id(passage.text.encode()))
        for passage in by_chance:
            if count >= wanted:
                break
            if passage.source in counts:
                gone.add(passage.source)
                count += counts[passage.source]
        return replace(
            self,
            questions=tuple(_without(question, gone) for question in self.questions),
            passages=tuple(passage for passage in self.passages if passage.source not in gone),
        )


def _without(question: EvalExample, gone: set[str]) -> EvalExample:
    left = tuple(item for item in question.evidence if item.source not in gone)
    if left or not question.evidence:
        return question.model_copy(update={"evidence": left})
    tags = (*question.tags, WITHHELD)
    return question.model_copy(update={"answers": (), "evidence": (), "tags": tags})
