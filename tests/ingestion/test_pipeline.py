import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from aiqa import Assistant, IngestReport
from aiqa.errors import CatalogError, SourceError

Open = Callable[..., Assistant]


def counts(report: IngestReport) -> tuple[int, int, int, int, int]:
    return (
        report.added,
        report.updated,
        report.removed,
        report.unchanged,
        len(report.failed),
    )


def test_the_index_follows_the_folder(harbour: Path, assistant: Assistant) -> None:
    assert counts(assistant.ingest(harbour)) == (0, 0, 0, 5, 0)
    (harbour / "tides.txt").write_text("Neap tides follow the half moon.", "utf-8")
    (harbour / "new.md").write_text("The harbour dog is called Bosun.", "utf-8")
    (harbour / "log.pdf").unlink()
    assert counts(assistant.ingest(harbour)) == (1, 1, 1, 3, 0)
    sources = {hit.chunk.source for hit in assistant.search("Petrel tide dog", k=50)}
    assert "docs/log.pdf" not in sources
    assert assistant.ask("What is the harbour dog called?", min_confidence=0).text
    texts = [document.text for document in assistant.documents()]
    assert "Neap tides follow the half moon." in texts
    assert not any("Spring tides" in text for text in texts)


def test_only_what_stands_under_a_given_folder_is_removed(
    harbour: Path, assistant: Assistant
) -> None:
    other = harbour.parent / "other"
    other.mkdir()
    (other / "a.txt").write_text("Elsewhere.", "utf-8")
    assert counts(assistant.ingest(other)) == (1, 0, 0, 0, 0)
    assert assistant.status().documents == 6


def test_nothing_but_bad_files_is_an_error(tmp_path: Path, open_assistant: Open) -> None:
    (tmp_path / "a.pdf").write_bytes(b"no pdf")
    with pytest.raises(SourceError, match=r"No file could be ingested.*a\.pdf"):
        open_assistant(tmp_path / "index").ingest(tmp_path / "a.pdf")


def test_an_index_of_another_embedder_says_so(
    harbour: Path, assistant: Assistant, open_assistant: Open
) -> None:
    assistant.close()
    catalog = sqlite3.connect(harbour.parent / "index" / "catalog.sqlite3")
    with catalog:
        catalog.execute("UPDATE recipes SET recipe = replace(recipe, 'MiniLM', 'Other')")
        catalog.execute("UPDATE chunks SET key = key - 1")  # that recipe gives other keys
    catalog.close()
    again = open_assistant(harbour.parent / "index")
    with pytest.raises(CatalogError, match=r"embedder all-Other.*aiqa ingest"):
        again.ask("When was the lighthouse lit?")
    again.ingest(harbour)
    assert again.ask("When was the lighthouse lit?", min_confidence=0).text
