"""Passages that aiqa's own search finds for a question: the ones its reader will meet."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from aiqa.assistant import Assistant
from aiqa.training.examples import Example, contexts


def retrieved(examples: Sequence[Example], k: int) -> dict[str, list[str]]:
    """The ``k`` first chunks for each example's question, by its id.

    Searched are the passages of all ``examples``, as one collection.
    """
    with tempfile.TemporaryDirectory(prefix="aiqa-") as place:
        folder = Path(place) / "passages"
        folder.mkdir()
        for number, text in enumerate(contexts(examples)):
            (folder / f"{number:06}.txt").write_text(text, "utf-8", newline="")
        with Assistant.open(Path(place) / "index") as assistant:
            assistant.ingest(folder)
            return {
                example.id: [
                    hit.chunk.text
                    for hit in assistant.search(_shortened(example.question, assistant), k=k)
                ]
                for example in examples
            }


def _shortened(question: str, assistant: Assistant) -> str:
    return question[: assistant.settings.max_question_chars]
