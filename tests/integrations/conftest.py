"""One assistant over the bundled corpus for every framework."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aiqa import Answer, Assistant, Settings
from aiqa.embedders import Embedder

QUESTION = "How much does SenseRobot cost?"
UNANSWERED = "Who is the mayor of Hangzhou?"


@pytest.fixture(scope="session")
def corpus_assistant(corpus_index: Path, embedder: Embedder) -> Iterator[Assistant]:
    """The bundled corpus, with the shared embedder; each question is answered once."""
    with Assistant(corpus_index, Settings.load(), embedder=embedder) as assistant:
        ask, answers = assistant.ask, dict[Any, Answer]()

        def ask_once(question: str, **options: Any) -> Answer:
            given = {name: value for name, value in options.items() if value}
            key = question, str(given)
            if key not in answers:
                answers[key] = ask(question, **given)
            return answers[key]

        assistant.ask = ask_once  # type: ignore[method-assign]
        yield assistant
