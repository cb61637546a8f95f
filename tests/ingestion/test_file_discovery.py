"""Paths to files: what is meant, what is passed over, and what a file is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from aiqa import Assistant
from aiqa.errors import SourceError
from tests.conftest import Open
from tests.ingestion.test_pipeline import counts


def test_missing_empty_and_unknown_paths_are_errors_and_make_no_index(
    tmp_path: Path, open_assistant: Open
) -> None:
    assistant = open_assistant(tmp_path / "index")
    (tmp_path / "empty").mkdir()
    for path, message in (("nope", "no file or folder"), ("empty", "no documents")):
        with pytest.raises(SourceError, match=message):
            assistant.ingest(tmp_path / path)
    with pytest.raises(SourceError, match="No path"):
        assistant.ingest()
    assert not (tmp_path / "index").exists()
    (tmp_path / "a.exe").write_bytes(b"MZ")
    with pytest.raises(SourceError, match=r"no loader for \.exe.*Formats read: .*\.pdf"):
        assistant.ingest(tmp_path / "a.exe")


def test_hidden_files_and_the_index_are_passed_over_and_the_rest_is_reported(
    harbour: Path, assistant: Assistant
) -> None:
    (harbour / ".secret.md").write_text("hidden", "utf-8")
    (harbour / ".git").mkdir()
    (harbour / ".git" / "note.md").write_text("hidden", "utf-8")
    (harbour / "data.bin").write_bytes(b"\x00")
    (harbour.parent / "index" / "README.md").write_text("not a document", "utf-8")
    (harbour / "loop").symlink_to(harbour)
    for name in ("~$rescue.docx", "Thumbs.db", ".DS_Store", "desktop.ini", "rules.html~"):
        (harbour / name).write_bytes(b"\x00")
    for _ in range(2):
        report = assistant.ingest(harbour.parent)
        assert counts(report) == (0, 0, 0, 5, 2)
        assert {failure.source: failure.error.split(",")[0] for failure in report.failed} == {
            "docs/data.bin": "There is no loader for .bin files.",
            "docs/loop": "This is a link to a folder",
        }
    assert assistant.status().failures == report.failed


def test_sources_survive_moving_the_project(
    harbour: Path, assistant: Assistant, open_assistant: Open
) -> None:
    assistant.close()
    moved = harbour.parent.parent / "moved"
    harbour.parent.rename(moved)
    again = open_assistant(moved / "index")
    assert counts(again.ingest(moved / "docs")) == (0, 0, 0, 5, 0)
    moved.rename(harbour.parent)


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        (["*.md"], [], {"a.md", "drafts/b.md", "drafts/deep/c.md"}),
        (["drafts/**/*.md"], [], {"drafts/b.md", "drafts/deep/c.md"}),
        ([], ["drafts"], {"a.md", "d.txt"}),
        ([], ["drafts/*"], {"a.md", "d.txt"}),
        ([], ["*.{md,html}"], {"d.txt", "drafts/e.txt"}),
        (["*.md"], ["deep", "a*"], {"drafts/b.md"}),
    ],
)
def test_patterns_say_which_files_of_a_folder_are_meant(
    tmp_path: Path,
    open_assistant: Open,
    include: list[str],
    exclude: list[str],
    expected: set[str],
) -> None:
    for name in ("a.md", "d.txt", "drafts/b.md", "drafts/e.txt", "drafts/deep/c.md"):
        path = tmp_path / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"This is {name}.", "utf-8")
    assistant = open_assistant(tmp_path / "index")
    assistant.ingest(tmp_path / "docs", include=include, exclude=exclude)
    assert set(assistant.status().sources) == {f"docs/{name}" for name in expected}
    with pytest.raises(SourceError, match="no documents that are meant"):
        assistant.ingest(tmp_path / "docs", include=["*.epub"])
    assistant.ingest(tmp_path / "docs")
    assert assistant.status().documents == 5
