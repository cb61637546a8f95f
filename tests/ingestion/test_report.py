"""Reports: what a run would do, and what was removed."""

from __future__ import annotations

from pathlib import Path

import pytest

from aiqa import Assistant, IngestReport
from aiqa.errors import SourceError
from tests.conftest import Open
from tests.ingestion.test_change_detection import changes
from tests.ingestion.test_pipeline import counts


def test_remove_takes_sources_and_folders_and_refuses_unknown_ones(
    harbour: Path, assistant: Assistant
) -> None:
    with pytest.raises(SourceError, match=r"Did you mean docs/tides\.txt"):
        assistant.remove("docs/log.pdf", "docs/tide.txt")
    assert assistant.status().documents == 5
    assert assistant.remove("docs/tides.txt").removed == 1
    assert assistant.remove("docs").removed == 4
    assert assistant.status().chunks == 0
    assert assistant.ask("Anything?").abstained
    assert counts(assistant.ingest(harbour)) == (5, 0, 0, 0, 0)


def test_a_dry_run_tells_what_would_be_done_and_does_nothing(
    harbour: Path, assistant: Assistant, open_assistant: Open
) -> None:
    elsewhere = open_assistant(harbour.parent / "other")
    assert elsewhere.ingest(harbour, dry_run=True).added == 5
    assert not (harbour.parent / "other").exists()
    (harbour / "new.md").write_text("New.", "utf-8")
    (harbour / "tides.txt").write_text("Changed.", "utf-8")
    (harbour / "log.pdf").unlink()
    before = assistant.status()
    plan = assistant.ingest(harbour, dry_run=True)
    assert assistant.status() == before
    assert changes(plan) == {
        "docs/log.pdf": "removed",
        "docs/new.md": "added",
        "docs/tides.txt": "updated",
    }
    assert assistant.ingest(harbour) == IngestReport(
        1, 1, 1, 3, (), documents=5, chunks=assistant.status().chunks, changes=plan.changes
    )
