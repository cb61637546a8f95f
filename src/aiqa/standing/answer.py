"""What is compared of two answers to a standing question."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Self

from aiqa.types import Answer, Outcome


@dataclass(frozen=True, slots=True)
class StandingAnswer:
    """The outcome, the words and the places of an answer; the same where nothing is to be told.

    Offsets and confidence are left out: they change with text that has nothing to do with it.
    ``places`` are written as people write them, in order; an answer that is not sure has neither
    words nor places.
    """

    outcome: Outcome
    words: str | None
    places: tuple[str, ...]

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """What is compared of ``answer``."""
        places = {
            f"{one.source}, {one.locator}" if one.locator else one.source
            for one in answer.citations
        }
        return cls(answer.outcome, answer.text, tuple(sorted(places)))

    def as_json(self) -> str:
        """Return it as it is stored."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, stored: str) -> Self:
        """Return what ``as_json`` gave ``stored`` for."""
        fields = json.loads(stored)
        return cls(fields["outcome"], fields["words"], tuple(fields["places"]))

    def text(self) -> str:
        """Return words and places as lines; the outcome where there are no words."""
        return "\n".join([self.words or f"({self.outcome})", *(f"— {one}" for one in self.places)])
