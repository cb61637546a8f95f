"""An index that follows a folder: what is looked into, what is meant, what holds other files."""

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

from aiqa import Assistant, IngestReport
from tests.conftest import age
from tests.ingestion.test_pipeline import counts

Open = Callable[..., Assistant]


def changes(report: IngestReport) -> dict[str, str]:
    return {change.source: change.what for change in report.changes}


def test_a_file_of_the_same_size_and_time_is_not_looked_into_unless_asked(
    harbour: Path, assistant: Assistant
) -> None:
    tides = harbour / "tides.txt"
    tides.write_text(tides.read_text("utf-8").replace("one crown", "two pound"), "utf-8")
    age(tides)
    assert counts(assistant.ingest(harbour)) == (0, 0, 0, 5, 0)
    assert counts(assistant.ingest(harbour, verify=True)) == (0, 1, 0, 4, 0)
    assert any("costs two pound" in document.text for document in assistant.documents())


def test_a_touched_file_is_read_but_the_index_stays_the_same(
    harbour: Path, assistant: Assistant
) -> None:
    generation = assistant.status().generation
    os.utime(harbour / "tides.txt", ns=(2 * 10**18 // 2 + 10**9, 10**18 + 10**9))
    assert counts(assistant.ingest(harbour)) == (0, 0, 0, 5, 0)
    assert assistant.status().generation == generation


def test_a_file_changed_a_moment_ago_is_looked_into_again(
    harbour: Path, assistant: Assistant
) -> None:
    tides = harbour / "tides.txt"
    tides.write_text("The harbour bell rings at noon.", "utf-8")
    # Ahead of the clock, so that it is a moment ago however long the ingest takes.
    stamp = tides.stat().st_mtime_ns + 60 * 10**9
    os.utime(tides, ns=(stamp, stamp))
    assistant.ingest(harbour)
    tides.write_text("The harbour bell rings at nine.", "utf-8")
    os.utime(tides, ns=(stamp, stamp))
    assert changes(assistant.ingest(harbour)) == {"docs/tides.txt": "updated"}


def test_one_changed_file_touches_one_file(harbour: Path, assistant: Assistant) -> None:
    kept = {h.chunk.key: h.chunk.text for h in assistant.search("harbour tide Petrel flare", k=99)}
    (harbour / "tides.txt").write_text("The harbour bell rings at noon.", "utf-8")
    assert changes(assistant.ingest(harbour)) == {"docs/tides.txt": "updated"}
    after = {h.chunk.key: h.chunk.text for h in assistant.search("harbour tide Petrel flare", k=99)}
    assert len(kept.items() & after.items()) == len(after) - 1


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, data in members.items():
            folder.writestr(name, data)
    return buffer.getvalue()
