"""One assistant over the bundled corpus for every framework."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aiqa import Assistant, Settings
from aiqa.embedders import Embedder

QUESTION = "How many US dollars does SenseRobot cost?"
UNANSWERED = "Who is the mayor of Hangzhou?"


@pytest.fixture(scope="session")
def corpus_assistant(corpus_index: Path, embedder: Embedder) -> Iterator[Assistant]:
    """The bundled corpus, with the shared embedder."""
    with Assistant(corpus_index, Settings.load(), embedder=embedder) as assistant:
        yield assistant
