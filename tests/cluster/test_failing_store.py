"""An object store that is slow or fails one request in five loses nothing, and no answer is wrong.

A fifth of its requests is refused, done without an answer, or late. ``AIQA_TORTURE_STORE_ROUNDS``
times documents change, 1 by default and 20 in ``make torture``.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from eval.benchmarks.hashing import HashEmbedder

from aiqa import Assistant, Settings
from aiqa.errors import CatalogError
from tests.cluster.s3_server import failing_s3

ROUNDS = int(os.environ.get("AIQA_TORTURE_STORE_ROUNDS", "1"))
SETTINGS = Settings.load(reader="sentences")
TRIES = 20

Told = tuple[str | None, tuple[str, ...]]


def asked(assistant: Assistant, question: str) -> Told:
    answer = assistant.ask(question, min_confidence=0)
    return answer.text, tuple(citation.quote for citation in answer.citations)


def stored(assistant: Assistant, docs: Path) -> None:
    """Ingest until it succeeds."""
    for _ in range(TRIES):
        try:
            assistant.ingest(docs)
        except CatalogError as error:
            if "search table" not in error.message and "object store" not in error.message:
                raise
        else:
            return
    raise AssertionError("the index was never published")


def test_what_fails_is_told_and_what_is_told_is_right(
    postgres: str, object_store: str, tmp_path: Path
) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    address = f"{postgres}?lance={object_store}/failing&base={tmp_path}"
    questions = [f"Which boat does note {number} tell of?" for number in range(4)]
    answered = 0
    with (
        failing_s3(os.environ["AWS_ENDPOINT_URL"], seed=ROUNDS) as faults,
        ThreadPoolExecutor(4) as callers,
        Assistant(tmp_path / "here", SETTINGS, HashEmbedder()) as here,
        Assistant(address, SETTINGS, HashEmbedder()) as there,
    ):

        def answer(question: str) -> Told | None:
            try:
                return asked(there, question)
            except CatalogError as error:
                if "cannot be read" not in error.message:
                    raise
                return None

        for turn in range(ROUNDS):
            for number in range(4):
                note = f"Note {number} tells of the boat Gull {number} and of year {turn}."
                (docs / f"{number}.txt").write_text(note, "utf-8")
            here.ingest(docs, verify=True)
            stored(there, docs)
            expected = [asked(here, question) for question in questions]
            told = list(callers.map(answer, questions * 3))
            assert all(one in (None, right) for one, right in zip(told, expected * 3, strict=True))
            answered += sum(one is not None for one in told)
        assert faults.counts.keys() == {"refused", "lost", "late", "done"}
    with Assistant(address, SETTINGS, HashEmbedder()) as there:
        assert not there.check().problems
        assert [asked(there, question) for question in questions] == expected
    assert answered > 6 * ROUNDS
