"""Files that are made to harm, or merely too large: they fail alone, and quickly."""

import gzip
import io
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from aiqa import Assistant
from aiqa.documents.sandbox.pool import Limits, Parsing, Request
from aiqa.types import Document, Failure
from tests.conftest import ROOT, write_docx
from tests.ingestion.test_change_detection import zipped

Open = Callable[..., Assistant]

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "haha">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]><x>&i;</x>"
)
"""Ten to the eighth times "haha", if it were believed."""


def with_member(archive: bytes, name: str, data: bytes) -> bytes:
    """A ZIP-based file with one member replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for info in old.infolist():
            new.writestr(info.filename, data if info.filename == name else old.read(info))
    return out.getvalue()


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "good.txt").write_text("The harbour bell rings at noon.", "utf-8")
    return folder


def failures(assistant: Assistant, docs: Path) -> dict[str, str]:
    report = assistant.ingest(docs)
    assert "docs/good.txt" in assistant.status().sources
    return {Path(failure.source).name: failure.error for failure in report.failed}


def test_bombs_fail_alone(docs: Path, tmp_path: Path, open_assistant: Open) -> None:
    zeros = zipped({"zeros.txt": b" a" * 50_000_000})
    (docs / "bomb.zip").write_bytes(zeros)
    nest = b"The end."
    for depth in range(6):
        nest = zipped({f"{depth}.zip" if depth else "end.txt": nest})
    (docs / "nest.zip").write_bytes(nest)
    word = write_docx(tmp_path / "plan.docx").read_bytes()
    (docs / "laughs.docx").write_bytes(with_member(word, "word/document.xml", LAUGHS.encode()))
    (docs / "laughs.html").write_text(f"<html><body>{LAUGHS}</body></html>", "utf-8")
    (docs / "deep.json").write_text("[" * 200_000 + "]" * 200_000, "utf-8")
    (docs / "deep.html").write_text("<div>" * 100_000 + "x", "utf-8")
    (docs / "squeezed.txt").write_bytes(gzip.compress(b"a" * 1000))
    assistant = open_assistant(tmp_path / "index", parse_seconds=20, max_file_mb=20)
    told = failures(assistant, docs)
    assert "unpacks to 100 MB; at most 20 MB" in told["zeros.txt"]
    assert "packed into 3 other files" in told["3.zip"]
    assert {"laughs.docx", "deep.json"} <= told.keys()
    for document in assistant.documents():
        assert "haha" * 1000 not in document.text


def test_a_file_beyond_the_limit_is_told_so_without_being_read(
    docs: Path, tmp_path: Path, open_assistant: Open
) -> None:
    with (docs / "huge.txt").open("wb") as file:
        file.truncate(10**9)
    told = failures(open_assistant(tmp_path / "index"), docs)
    assert "has 1,000 MB; at most 512 MB are read" in told["huge.txt"]


def test_memory_has_a_limit(docs: Path, tmp_path: Path, open_assistant: Open) -> None:
    (docs / "large.json").write_bytes(b"[" + b'{"a":1},' * 12_000_000 + b"{}]")
    told = failures(open_assistant(tmp_path / "index", parse_memory_mb=1024), docs)
    assert "memory" in told["large.json"]


def test_time_has_a_limit(docs: Path, tmp_path: Path, open_assistant: Open) -> None:
    # A fifo opens only when somebody writes to it: reading it hangs for ever.
    os.mkfifo(docs / "pipe.txt")
    started = time.monotonic()
    told = failures(open_assistant(tmp_path / "index", parse_seconds=3), docs)
    assert "longer than 3 s" in told["pipe.txt"]
    assert time.monotonic() - started < 60


def reading_processes() -> set[int]:
    command = ["pgrep", "-P", str(os.getpid()), "-f", "aiqa.documents.sandbox.worker"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return {int(process) for process in found.stdout.split()}


def test_a_killed_reading_process_fails_one_file_and_is_replaced(docs: Path) -> None:
    os.mkfifo(docs / "pipe.txt")
    others = reading_processes()  # of what other tests keep open
    with Parsing(1, Limits(60, 1024, 100)) as parsing:
        requests = [Request(name, docs / name, 1) for name in ("pipe.txt", "good.txt")]

        def kill() -> None:
            for _ in range(600):
                time.sleep(0.1)
                for process in reading_processes() - others:
                    time.sleep(1)
                    os.kill(process, signal.SIGKILL)
                    return

        threading.Thread(target=kill).start()
        (first, *_), second = [list(outcomes) for _, outcomes in parsing.outcomes(requests)]
        assert isinstance(first, Failure)
        assert "died (SIGKILL)" in first.error
        assert isinstance(second[0], Document)
        assert second[0].text == "The harbour bell rings at noon."


def test_a_program_leaves_no_process_behind_and_imports_nothing_from_the_documents(
    docs: Path, tmp_path: Path
) -> None:
    for place in (docs, tmp_path):
        (place / "docx.py").write_text(f"open({str(tmp_path / 'owned')!r}, 'w')", "utf-8")
    write_docx(docs / "plan.docx")
    code = (
        "import os; from pathlib import Path; from aiqa import Assistant, Settings;"
        "from eval.benchmarks.hashing import HashEmbedder;"
        "a = Assistant(Path('index'), Settings.load(), HashEmbedder());"
        "print(a.ingest('docs').added);"
        "print(os.popen(f'pgrep -c -P {os.getpid()} -f sandbox[.]worker').read())"
    )
    places = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), str(ROOT))))
    told = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=tmp_path, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": places},
    )  # fmt: skip
    assert told.stdout.split() == ["3", "0"]  # the module is read as code
    assert not (tmp_path / "owned").exists()
