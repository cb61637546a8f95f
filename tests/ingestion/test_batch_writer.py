"""Batches: what is stored when an ingest ends early, and when the recipe changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from aiqa import Assistant
from tests.conftest import Open
from tests.index.inspection import told
from tests.ingestion.test_pipeline import counts


def test_the_old_chunks_answer_while_new_ones_are_made(
    harbour: Path, index: Path, open_assistant: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aiqa.ingestion.batch_writer._BATCH_CHUNKS", 1)
    reader = open_assistant(index)
    before = told(reader)
    writer = open_assistant(index, chunk_tokens=16)
    encode, batches = writer.embedder.encode, []

    def interrupted(*arguments: object) -> object:
        batches.append(told(reader))
        if len(batches) == 4:
            raise KeyboardInterrupt
        return encode(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        # The reader shares the embedder, so its own calls go to the true one.
        patch.setattr(writer, "_given_embedder", _Encoding(writer.embedder, interrupted))
        del writer.__dict__["embedder"]
        with pytest.raises(KeyboardInterrupt):
            writer.ingest(harbour)
    assert batches == [before] * 4
    del writer.__dict__["embedder"]
    made: list[int] = []

    def counted(texts: list[str], on_progress: Callable[[int], None] | None = None) -> object:
        made.append(len(texts))
        return encode(texts, on_progress)

    with monkeypatch.context() as patch:
        patch.setattr(writer, "_given_embedder", _Encoding(reader.embedder, counted))
        writer.ingest(harbour)
    assert len(made) == 2  # three of five documents had been done
    assert told(reader) != before
    assert reader.status().chunk_tokens == 16


class _Encoding:
    """An embedder whose ``encode`` is another."""

    def __init__(self, embedder: object, encode: Callable[..., object]) -> None:
        self._embedder, self.encode = embedder, encode

    def __getattr__(self, name: str) -> object:
        return getattr(self._embedder, name)


@pytest.mark.usefixtures("assistant")
def test_other_chunk_sizes_make_the_stored_documents_again(
    harbour: Path, open_assistant: Open
) -> None:
    finer = open_assistant(harbour.parent / "index", chunk_tokens=16)
    assert counts(finer.ingest(harbour)) == (0, 0, 0, 5, 0)
    assert finer.status().chunk_tokens == 16
    assert finer.search("schooner Petrel")[0].chunk.source == "docs/log.pdf"


def test_an_interrupted_ingest_leaves_whole_documents_and_can_be_completed(
    harbour: Path, open_assistant: Open
) -> None:
    for number in range(40):
        words = f"Note {number} about the weather and the sea. " * 60
        (harbour / f"note{number:02}.txt").write_text(words, "utf-8")
    assistant = open_assistant(harbour.parent / "index")

    def interrupt(progress: object) -> None:
        if getattr(progress, "done", 0) == 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        assistant.ingest(harbour, on_progress=interrupt)
    stored = assistant.status().documents
    assert 0 < stored < 45
    assert counts(assistant.ingest(harbour)) == (45 - stored, 0, 0, stored, 0)


def test_contents_that_change_places_are_followed_over_batches(
    harbour: Path, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aiqa.ingestion.batch_writer._BATCH_CHUNKS", 1)
    (harbour / "tides.txt").rename(harbour / "tides.1.txt")
    (harbour / "log.pdf").unlink()
    (harbour / "tides.txt").write_text("The new tide tables cost two crowns.", "utf-8")
    (harbour / "lighthouse.md").rename(harbour / "zz.md")
    (harbour / "lighthouse.md").write_text("The lighthouse was sold.", "utf-8")
    assert counts(assistant.ingest(harbour)) == (2, 2, 1, 2, 0)
    texts = {document.source: document.text for document in assistant.documents()}
    assert "cost two crowns" in texts["docs/tides.txt"]
    assert "costs one crown" in texts["docs/tides.1.txt"]
    assert "lit in 1887" in texts["docs/zz.md"]
    assert texts["docs/lighthouse.md"] == "The lighthouse was sold."
