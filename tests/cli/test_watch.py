"""An index that follows a folder as it changes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from aiqa import Assistant
from aiqa.cli.watch import follow
from aiqa.index import Index
from tests.conftest import ROOT


@contextmanager
def watching(folder: Path) -> Iterator[Callable[[], dict[str, Any]]]:
    """Gives what reads the next thing that ``aiqa ingest FOLDER --watch`` tells."""
    command = [sys.executable, "-u", "-m", "aiqa", "ingest", folder.name, "--watch", "--json"]
    with subprocess.Popen(
        command, cwd=folder.parent, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:  # fmt: skip
        out = process.stdout
        assert out
        try:
            yield lambda: json.loads(out.readline())
        finally:
            process.send_signal(2)
            process.wait(60)
    assert process.returncode == 130  # 128 + SIGINT, as shells have it


class Interrupted:
    """Is interrupted where Python drops exceptions."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupt_ends_watching_even_where_its_exception_is_dropped(
    harbour: Path, open_assistant: Callable[..., Assistant]
) -> None:
    assistant = open_assistant(harbour.parent / "index")
    writer = threading.Timer(1, (harbour / "dog.md").write_text, ["The dog is called Bosun."])
    writer.start()
    told = []

    def watched() -> None:
        for report in follow(assistant, [harbour], {}):
            told.append(report)
            Interrupted()

    with pytest.raises(KeyboardInterrupt):
        watched()
    assert len(told) == 1
    writer.join()


def test_an_index_follows_a_watched_folder_through_errors(harbour: Path) -> None:
    with watching(harbour) as told:
        assert told()["added"] == 5
        time.sleep(1)  # until the watch is set up
        dog = harbour / "dog.md"
        dog.write_text("The harbour dog is called Bosun.", "utf-8")
        assert told()["added"] == 1
        dog.unlink()
        assert told()["removed"] == 1
        # For a moment, nothing is there: as when a folder is written anew.
        for file in harbour.iterdir():
            file.rename(harbour.parent / file.name)
        assert "no documents in the folder" in told()["error"]
        dog.write_text("The harbour dog is called Bosun.", "utf-8")
        assert (report := told())["added"] == 1
        assert report["documents"] == 1
        with Index(harbour.parent / "index").writing():
            dog.unlink()
            dog.with_name("cat.md").write_text("The harbour cat is called Tar.", "utf-8")
            assert "Another process is writing" in told()["error"]
        assert told()["added"] == 1
