"""What tests of the index ask and look at."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from aiqa import Assistant
from tests.conftest import ROOT

QUESTION = "What was the Petrel carrying?"


def told(assistant: Assistant) -> object:
    """What is answered and found, without the time it took."""
    answer = assistant.ask(QUESTION, min_confidence=0)
    hits = assistant.search("harbour tide flare", k=50)
    return answer.text, answer.citations, [(hit.chunk.key, hit.score) for hit in hits]


def derived(index: Path) -> Path:
    """The folder of the search structures."""
    (place,) = index.glob("derived-*")
    return place


def run(index: Path, *command: str) -> tuple[int, str]:
    """Run ``aiqa`` over ``index``: its exit code, and its output as one line."""
    done = subprocess.run(
        [sys.executable, "-m", "aiqa", *command, "--index", str(index)],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env=os.environ | {"COLUMNS": "1000"},  # so that no path is broken between two lines
    )  # fmt: skip
    return done.returncode, " ".join((done.stdout + done.stderr).split())
