"""One assistant over the bundled corpus for every framework; no framework tells anybody of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from aiqa import Assistant, Settings
from aiqa.embedders import Embedder

# Read when Haystack and LangSmith are imported.
os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
os.environ["LANGSMITH_TRACING"] = "false"

QUESTION = "How many US dollars does SenseRobot cost?"
UNANSWERED = "Who is the mayor of Hangzhou?"


@pytest.fixture(scope="session")
def corpus_assistant(corpus_index: Path, embedder: Embedder) -> Iterator[Assistant]:
    """The bundled corpus, with the shared embedder."""
    with Assistant(corpus_index, Settings.load(), embedder=embedder) as assistant:
        yield assistant
