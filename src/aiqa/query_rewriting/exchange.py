"""A question that was asked before, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from aiqa.types import Answer


@dataclass(frozen=True, slots=True)
class Exchange:
    """An earlier ``question``, as it was understood, its ``answer`` and the ``titles`` cited."""

    question: str
    answer: str | None = None
    titles: tuple[str, ...] = ()

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """What is to be remembered of ``answer``."""
        titles = dict.fromkeys(citation.title for citation in answer.citations)
        return cls(answer.interpreted or answer.question, answer.text, tuple(titles))
