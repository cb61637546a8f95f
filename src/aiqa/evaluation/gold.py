"""Gold sets: questions with the answers and evidence that a person found in the documents."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from aiqa.errors import GoldError
from aiqa.types import Document, Span

Split = Literal["dev", "test"]


class Evidence(BaseModel):
    """Words of a document that answer the question; found by ``quote``, so chunking is free."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    quote: Annotated[str, Field(min_length=1)]

    def locate(self, document: Document) -> list[Span]:
        """Every place of the quote in the document's canonical text."""
        spans, start = [], document.text.find(self.quote)
        while start >= 0:
            spans.append(Span(start, start + len(self.quote)))
            start = document.text.find(self.quote, start + 1)
        return spans


class Question(BaseModel):
    """One line of a gold set.

    ``answers`` are accepted wordings, ``evidence`` every place that states the answer; both are
    empty for a question that the documents do not answer. ``history`` is what was asked before in
    the same conversation, oldest first, and ``rewrite`` how a person would put the question if it
    had to stand alone.
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
        return bool(self.answers)

    @model_validator(mode="after")
    def _complete(self) -> Question:
        if bool(self.answers) != bool(self.evidence):
            raise ValueError("answers and evidence must both be given, or neither")
        return self


def read_gold(path: Path, split: Split | None = None) -> list[Question]:
    """The questions of a JSON-lines file, of one ``split`` or of all.

    Raises:
        GoldError: the file cannot be read, a line breaks the format, an id stands twice, or no
            question is left.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise GoldError(f"The gold set {path} cannot be read: {error}.") from error
    questions: dict[str, Question] = {}
    for number, line in enumerate(lines, 1):
        if line.strip():
            question = _parse(line, f"{path}, line {number}")
            if question.id in questions:
                raise GoldError(f"{path}, line {number}: the id {question.id!r} stands twice.")
            questions[question.id] = question
    chosen = [q for q in questions.values() if split is None or q.split == split]
    if not chosen:
        raise GoldError(f"There are no questions in {path}{f' of split {split}' if split else ''}.")
    return chosen


def _parse(line: str, place: str) -> Question:
    try:
        return Question.model_validate_json(line)
    except ValidationError as error:
        complaints = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or 'line'}: {item['msg']}" for item in error.errors()
        )
        raise GoldError(f"{place}: {complaints}.", "The README describes the format.") from error
