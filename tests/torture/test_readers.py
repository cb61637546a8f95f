"""Processes that ask without pause while another one ingests, updates and deletes.

For ``AIQA_TORTURE_SECONDS`` (4 by default, 300 in ``make torture``).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

from eval.benchmarks.hashing import HashEmbedder

from aiqa import Assistant, Settings
from tests.conftest import ROOT

SECONDS = float(os.environ.get("AIQA_TORTURE_SECONDS", "4"))
READERS = 4
FEWEST_LINES, PATIENCE_S = 5, 120


def write(docs: Path, edition: int) -> None:
    """Some stations, whose gauges all show the number of the edition."""
    for number in range(12):
        file = docs / f"station{number:02}.md"
        if number == edition % 12:
            file.unlink(missing_ok=True)
        else:
            file.write_text(
                f"# Station {number}\n\nThe gauge of station {number} shows {edition} metres.\n",
                "utf-8",
            )


def test_readers_see_whole_generations_while_a_writer_works(tmp_path: Path) -> None:
    docs, index = tmp_path / "docs", tmp_path / "index"
    docs.mkdir()
    write(docs, 0)
    with Assistant(index, Settings.load(), HashEmbedder()) as writer:
        writer.ingest(docs)
        command = [sys.executable, "-m", "tests.torture.child", "ask", str(index), str(docs)]
        readers = [
            subprocess.Popen(
                [*command, "hashing"], cwd=ROOT, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )
            for _ in range(READERS)
        ]  # fmt: skip
        told: list[list[str]] = [[] for _ in readers]
        threads = [
            threading.Thread(target=lambda p=process, t=lines: t.extend(p.stdout))
            for process, lines in zip(readers, told, strict=True)
        ]
        for thread in threads:
            thread.start()
        while not all(told):
            time.sleep(0.1)
        end, edition = time.monotonic() + SECONDS, 0
        # On a busy machine it takes longer until each reader has answered a few times.
        while time.monotonic() < end or min(map(len, told)) < FEWEST_LINES:
            assert time.monotonic() < end + PATIENCE_S
            edition += 1
            write(docs, edition)
            report = writer.ingest(docs)
            assert not report.failed
        # However slow the machine is, each reader begins an answer after the last edition.
        known = [len(lines) for lines in told]
        while any(len(lines) < n + 3 for lines, n in zip(told, known, strict=True)):
            assert time.monotonic() < end + PATIENCE_S
            time.sleep(0.1)
    died = [process.poll() for process in readers]
    for process in readers:
        process.kill()
    errors = [process.communicate()[1] for process in readers]
    for thread in threads:
        thread.join()
    assert died == [None] * READERS, errors
    for lines in told:
        seen = set()
        assert lines[0] == "ready\n"
        for line in lines[1:-1]:
            answer, *chunks = json.loads(line)
            editions = {re.search(r"shows (\d+) metres", text)[1] for text in chunks}  # type: ignore[index]
            assert len(editions) == 1, editions
            assert len(chunks) == 11
            assert answer.startswith("The gauge of station")
            seen |= editions
        assert len(seen) > 1
        assert int(max(seen, key=int)) >= edition - 1
