"""What programs send with a question: the turns before it, and which documents to search."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from aiqa.types import Answer, ChatTurn, Filters, Format

_MOST_NAMES = 100
_LONGEST_NAME = 1000
_LONGEST_TEXT = 100_000
LONGEST_QUESTION = 10_000
"""Characters of a question that are taken in; the settings may allow fewer."""


def _checked_day(day: str) -> str:
    date.fromisoformat(day)
    return day


def _checked_number(value: object) -> object:
    if isinstance(value, str | bytes | bool):
        # Pydantic would read a number from these, which the schema does not allow.
        raise ValueError("Input should be a number")  # noqa: TRY004  # Pydantic tells of this one
    return value


NUMBER = BeforeValidator(_checked_number)
"""Goes behind all other parts of an annotation, which the schema would lack otherwise."""

QuestionText = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_QUESTION, pattern=r"[^\s\x1c-\x1f]")
]
Name = Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST_NAME)]
Day = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    AfterValidator(_checked_day),
    Field(json_schema_extra={"format": "date"}),
]


class EarlierTurn(BaseModel):
    """An earlier question of the conversation: ``turn`` of the answer that it got."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str = Field(
        max_length=LONGEST_QUESTION, description="The question, as it was understood."
    )
    answer: str | None = Field(
        default=None, max_length=_LONGEST_TEXT, description="The text of its answer."
    )
    titles: list[Name] = Field(
        default=[], max_length=_MOST_NAMES, description="Titles of the documents that it cites."
    )


def remembered(answer: Answer) -> dict[str, Any]:
    """Return what is to be sent with the next question; what is too long for that is cut."""
    turn = ChatTurn.of(answer)
    titles = [title[:_LONGEST_NAME] for title in turn.titles if title][:_MOST_NAMES]
    return {
        "question": turn.question[:LONGEST_QUESTION],
        "answer": turn.answer and turn.answer[:_LONGEST_TEXT],
        "titles": titles,
    }


def chat_turns(history: Sequence[EarlierTurn]) -> list[ChatTurn]:
    """Return the same for the assistant."""
    return [ChatTurn(turn.question, turn.answer, tuple(turn.titles)) for turn in history]


class SearchFilters(BaseModel):
    """Restricts a search: every given field must match."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sources: list[Name] = Field(
        default=[],
        max_length=_MOST_NAMES,
        description="Only documents whose path fits one of these shell patterns, as `contracts/*`.",
    )
    title: Name | None = Field(default=None, description="Only documents with this in their title.")
    formats: list[Format] = Field(
        default=[], max_length=_MOST_NAMES, description="Only documents of these formats."
    )
    collections: list[Name] = Field(
        default=[], max_length=_MOST_NAMES, description="Only documents of these collections."
    )
    since: Day | None = Field(
        default=None, description="Only documents of this day (ISO 8601) or later."
    )
    until: Day | None = Field(default=None, description="Only documents of this day or earlier.")

    @property
    def filters(self) -> Filters | None:
        """The same for the assistant; None if nothing is restricted."""
        filters = Filters(
            sources=tuple(self.sources),
            title=self.title,
            formats=tuple(dict.fromkeys(self.formats)),
            collections=tuple(self.collections),
            since=self.since,
            until=self.until,
        )
        return None if filters == Filters() else filters
