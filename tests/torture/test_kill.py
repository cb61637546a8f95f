"""Ingestion killed at random moments: nothing is lost, and a second run ends as an undisturbed one.

``AIQA_TORTURE_KILLS`` kills (6 by default, 200 in ``make torture``), with the bundled embedder if
``AIQA_TORTURE_EMBEDDER=bundled``, else with a stand-in that makes storing the most of the work.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

from aiqa import Assistant, Settings
from aiqa.embedders import Embedder
from tests.conftest import ROOT, write_docx, write_pdf
from tests.torture.child import embedder_called

KILLS = int(os.environ.get("AIQA_TORTURE_KILLS", "6"))
EMBEDDER = os.environ.get("AIQA_TORTURE_EMBEDDER", "hashing")
SETTINGS = Settings.load(reader="sentences")
"""The reader does not matter here, and loading the bundled one took most of a round."""


def write(docs: Path, version: str) -> None:
    """A folder of documents as it is ``before`` or ``after`` a change of every kind."""
    shutil.rmtree(docs, ignore_errors=True)
    docs.mkdir()
    after = version == "after"
    for number in range(60):
        if after and number % 10 == 0:
            continue  # gone
        name = f"moved{number:02}.md" if after and number % 10 == 1 else f"note{number:02}.md"
        edition = version if number % 10 in (2, 3) else "first"
        words = " ".join(
            f"Line {line} of note {number}, {edition} edition, tells of gull {line * number}."
            for line in range(30)
        )
        (docs / name).write_text(f"# Note {number}\n\n{words}\n", "utf-8")
    write_pdf(docs / "log.pdf", [["May", f"The {version} log of the Petrel."]], invariant="1")
    if after:
        write_docx(docs / "plan.docx")
        (docs / "broken.pdf").write_bytes(b"%PDF-1.7 nothing more")
    for file in docs.iterdir():
        os.utime(file, ns=(10**18, 10**18 + (5 if after else 0)))


def contents(index: Path) -> str:
    """Every row of the catalog, but what tells one run from another."""
    with closing(sqlite3.connect(index / "catalog.sqlite3")) as catalog:
        catalog.text_factory = bytes
        digest = hashlib.sha256()
        tables = [
            name.decode()
            for (name,) in catalog.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        assert {"documents", "chunks", "sources", "files", "failures", "layouts"} <= set(tables)
        for table in sorted(set(tables) - {"generations", "deleted_chunks", "sqlite_sequence"}):
            # By what a row is, not by when it was stored.
            columns = [
                f'"{name.decode()}"'
                for (name,) in catalog.execute("SELECT name FROM pragma_table_info(?)", (table,))
                if name not in {b"number", b"born"} or table != "chunks"
            ]
            rows = catalog.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY 1, 2")
            for row in rows:
                if row[0] != b"note last run":
                    digest.update(repr(row).encode())
        return digest.hexdigest()


def whole_or_absent(assistant: Assistant, texts: set[str]) -> None:
    """Every document is one of the known ones, and its chunks are all there and verbatim."""
    for document in assistant.documents():
        assert document.text in texts, document.source
    for hit in assistant.search("Which gull does the line tell of?", k=1000):
        text = assistant.document(hit.chunk.document_id).text
        assert text[hit.chunk.start : hit.chunk.end] == hit.chunk.text
    answer = assistant.ask("What is in the log of the Petrel?", min_confidence=0)
    for citation in answer.citations:
        text = assistant.document(citation.document_id).text
        assert text[citation.start : citation.end] == citation.quote
    check = assistant.check()
    assert not check.lost, check.problems


def ingest(index: Path, docs: Path, embedder: Embedder) -> set[str]:
    with Assistant(index, SETTINGS, embedder) as assistant:
        assistant.ingest(docs)
        return {document.text for document in assistant.documents()}


def child(index: Path | str, docs: Path) -> subprocess.Popen[str]:
    """A process that ingests ``docs`` once it is told to ``go``."""
    command = [sys.executable, "-m", "tests.torture.child", "ingest", str(index), str(docs)]
    return subprocess.Popen(
        [*command, EMBEDDER], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def killed_after(process: subprocess.Popen[str], seconds: float) -> float | None:
    """Have a ``child`` ingest for that long and kill it.

    Returns:
        How many seconds it took if it was done before; None if it was killed.
    """
    with process:
        assert process.stdout
        assert process.stdin
        assert process.stdout.readline() == "ready\n"
        started = time.monotonic()
        process.stdin.write("go\n")
        process.stdin.flush()
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        process.kill()
    return None if process.returncode == -signal.SIGKILL else time.monotonic() - started


def test_a_killed_ingestion_loses_nothing_and_is_completed(tmp_path: Path) -> None:
    chance = random.Random(20261124)  # the same shares of the time it takes
    embedder = embedder_called(EMBEDDER)
    docs, base, index = (tmp_path / name for name in ("docs", "base", "index"))
    base.mkdir()
    write(docs, "before")
    texts = ingest(index, docs, embedder)
    index.rename(base / "index")
    write(docs, "after")
    shutil.copytree(base / "index", index)
    takes = killed_after(child(index, docs), 600)
    assert takes
    undisturbed = contents(index)
    with Assistant(index, SETTINGS, embedder) as assistant:
        texts |= {document.text for document in assistant.documents()}
        assert len(assistant.status().failures) == 1
    killed = 0
    following = child(index, docs)
    while killed < KILLS:
        shutil.rmtree(index)
        shutil.copytree(base / "index", index)
        done = killed_after(following, chance.uniform(0, takes))
        if done:
            takes = min(takes, done)  # the machine was busier at first
        else:
            killed += 1
        following = child(index, docs)  # gets ready while this one's index is looked at
        with Assistant(index, SETTINGS, embedder) as assistant:
            whole_or_absent(assistant, texts)
        ingest(index, docs, embedder)
        assert contents(index) == undisturbed
        assert len(list(index.glob("derived-[0-9]*"))) == 1
    killed_after(following, 0)
