"""The contexts of reading-comprehension sets: each text once, whichever questions share it."""

from __future__ import annotations

from collections.abc import Sequence

from aiqa.evaluation.dataset import EvalDataset, EvalExample, EvalPassage


class Passages:
    """Collects contexts and which question was asked about which."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._passages: dict[tuple[str, str], EvalPassage] = {}
        self._contexts: dict[str, str] = {}

    def add(self, title: str, text: str) -> str:
        """The source of the passage with this title and text, which is new or was given before."""
        source = f"{self._name}/{len(self._passages) + 1}"
        return self._passages.setdefault((title, text), EvalPassage(source, title, text)).source

    def asked(self, question_id: str, source: str) -> None:
        """Record that the question is about the passage ``source``."""
        self._contexts[question_id] = source

    def gold(self, questions: Sequence[EvalExample]) -> EvalDataset:
        """Return the evaluation set."""
        return EvalDataset(
            self._name, tuple(questions), tuple(self._passages.values()), self._contexts
        )


def title_of(title: str | None) -> str:
    """A title as people write it: SQuAD's have underscores for blanks."""
    return (title or "").replace("_", " ")
