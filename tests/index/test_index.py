"""The index folder: made, opened, and written by one process at a time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from aiqa import Assistant
from aiqa.errors import AiqaError, CatalogError
from tests.conftest import Open
from tests.ingestion.test_pipeline import counts


def test_an_index_whose_making_was_cut_off_at_once_can_be_made_again(
    harbour: Path, open_assistant: Open
) -> None:
    (harbour.parent / "index").mkdir()
    (harbour.parent / "index" / "catalog.sqlite3").touch()
    assert counts(open_assistant(harbour.parent / "index").ingest(harbour)) == (5, 0, 0, 0, 0)


def test_every_error_a_person_meets_names_a_remedy(tmp_path: Path, open_assistant: Open) -> None:
    with pytest.raises(AiqaError, match=r"no index in .*nothing.* Run `aiqa ingest PATH`"):
        open_assistant(tmp_path / "nothing").ask("x")


def test_a_reader_sees_what_another_has_committed_without_opening_again(
    harbour: Path, assistant: Assistant, open_assistant: Open
) -> None:
    reader = open_assistant(harbour.parent / "index")
    question = "What is the harbour dog called?"
    assert "Bosun" not in (reader.ask(question, min_confidence=0).text or "")
    (harbour / "dog.md").write_text("The harbour dog is called Bosun.", "utf-8")
    assistant.ingest(harbour)
    assert reader.ask(question, min_confidence=0).text == "Bosun"
    (harbour / "dog.md").unlink()
    assistant.ingest(harbour)
    assert "Bosun" not in (reader.ask(question, min_confidence=0).text or "")


def test_one_process_writes_at_a_time_and_a_killed_one_leaves_no_lock(
    harbour: Path, assistant: Assistant
) -> None:
    code = (
        "import sys, time; from pathlib import Path; from aiqa.index import Index\n"
        "with Index(Path(sys.argv[1])).writing(): print('mine', flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", code, str(harbour.parent / "index")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "mine\n"
        with pytest.raises(CatalogError, match="Another process is writing"):
            assistant.ingest(harbour)
        with pytest.raises(CatalogError, match="Another process is writing"):
            assistant.remove("docs")
        assert assistant.ask("When was the lighthouse lit?", min_confidence=0).text
        other.kill()
    assert counts(assistant.ingest(harbour)) == (0, 0, 0, 5, 0)
