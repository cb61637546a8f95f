"""The question as a follow-up was understood, where that is not how it was put."""

from __future__ import annotations

from aiqa.types import Answer


def interpretation(answer: Answer) -> str:
    """Return the rewritten question of ``answer``; empty if it was not rewritten."""
    if not answer.interpreted or answer.interpreted == answer.question:
        return ""
    return answer.interpreted
