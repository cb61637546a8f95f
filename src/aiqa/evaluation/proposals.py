"""Gold questions that were proposed and wait for a person's verdict, in a file of JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from aiqa.errors import GoldError
from aiqa.evaluation.dataset import EvalExample
from aiqa.validation_errors import validation_message

Status = Literal["proposed", "skipped", "accepted", "rejected"]


class Proposal(BaseModel):
    """A question with the answer that was read for it; no gold until a person accepts it.

    The answer is characters ``start`` to ``end`` of the document that the evidence of ``example``
    names; ``place`` is how people write where that is. ``confidence`` is the reader's that the
    answer is right.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: Status = "proposed"
    example: EvalExample
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=1)]
    place: str
    confidence: float

    def as_line(self) -> str:
        """Return it as JSON, its example as a gold set has it."""
        example = self.example.model_dump(exclude_defaults=True, mode="json")
        fields = self.model_dump(mode="json") | {"example": example}
        return json.dumps(fields, ensure_ascii=False)

    @property
    def is_open(self) -> bool:
        """Whether a person has still to decide."""
        return self.status in ("proposed", "skipped")


class ProposalFile:
    """The proposals at ``path``; each change replaces the file at once."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[Proposal]:
        """Return every proposal, in order.

        Raises:
            GoldError: the file cannot be read, or a line is no proposal.
        """
        try:
            lines = self.path.read_text("utf-8").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise GoldError(
                f"The proposals {self.path} cannot be read: {error}.",
                "`aiqa gold propose --out FILE` makes them.",
            ) from error
        return [self._proposal(number, line) for number, line in enumerate(lines, 1) if line]

    def write(self, proposals: Iterable[Proposal]) -> None:
        """Put ``proposals`` in place of what was there.

        Raises:
            GoldError: the file cannot be written.
        """
        draft = self.path.with_name(f".{self.path.name}.new")
        lines = [f"{one.as_line()}\n" for one in proposals]
        try:
            draft.write_text("".join(lines), "utf-8")
            draft.replace(self.path)
        except OSError as error:
            raise GoldError(
                f"The proposals {self.path} cannot be written: {error.strerror}.",
                "Choose another file.",
            ) from error

    def decide(self, proposal: Proposal) -> None:
        """Keep ``proposal`` in place of the one with its id.

        Raises:
            GoldError: the file cannot be read or written.
        """
        self.write(
            proposal if one.example.id == proposal.example.id else one for one in self.read()
        )

    def _proposal(self, number: int, line: str) -> Proposal:
        try:
            return Proposal.model_validate_json(line)
        except ValidationError as error:
            complaint = validation_message(error, whole="line", most=1)
            raise GoldError(
                f"Line {number} of {self.path} is no proposal: {complaint}.",
                "Correct or delete that line.",
            ) from error


def open_first(proposals: Sequence[Proposal]) -> list[Proposal]:
    """Return those to be decided, skipped ones last."""
    waiting = [one for one in proposals if one.is_open]
    return sorted(waiting, key=lambda one: one.status == "skipped")
