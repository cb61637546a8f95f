"""The audit log: a chain that breaks where it is touched, and that no writer breaks."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aiqa.errors import ReceiptError
from aiqa.receipts.audit_log import AuditLog


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    log = AuditLog(tmp_path / "audit.jsonl", lambda: "ada")
    log.record("sign-in", "ada", address="127.0.0.1")
    log.asked(question="Who?")
    log.record("upload", "bob", source="a.txt", outcome="ready")
    return log


def test_it_says_who_did_what_and_when(log: AuditLog) -> None:
    records = list(log.records())
    assert [(one.number, one.user, one.event) for one in records] == [
        (1, "ada", "sign-in"),
        (2, "ada", "ask"),
        (3, "bob", "upload"),
    ]
    assert records[2].details == {"source": "a.txt", "outcome": "ready"}
    assert records[0].time <= records[1].time <= records[2].time
    found = log.check()
    assert (found.lines, found.faults) == (3, ())
    assert log.file.stat().st_mode & 0o077 == 0


def test_whatever_is_changed_within_is_noticed(log: AuditLog) -> None:
    lines = log.file.read_bytes().splitlines(keepends=True)
    assert log.check().faults == ()
    for place in range(len(b"".join(lines[:-1]))):
        broken = bytearray(b"".join(lines))
        broken[place] ^= 1
        log.file.write_bytes(broken)
        assert log.check().faults, place
    for mutant in (
        lines[1:],
        [lines[1], lines[0], lines[2]],
        [lines[0], *lines],
        lines[:1] + lines[2:],
    ):
        log.file.write_bytes(b"".join(mutant))
        assert log.check().faults


def test_a_log_cut_off_or_written_anew_is_noticed_by_a_noted_head(log: AuditLog) -> None:
    head = log.check().head
    log.record("sign-out", "ada")
    assert log.check(head).faults == ()
    lines = log.file.read_bytes().splitlines(keepends=True)
    log.file.write_bytes(b"".join(lines[:2]))
    assert log.check().faults == ()
    assert log.check(head).faults == (
        f"No line has the hash {head}: the log was cut off or written anew.",
    )


@pytest.mark.parametrize("lines", [0, 2])
def test_an_interrupted_write_is_kept_as_a_record_and_told(
    log: AuditLog, lines: int, caplog: pytest.LogCaptureFixture
) -> None:
    whole = log.file.read_bytes().splitlines(keepends=True)
    torn = whole[lines][:40]
    log.file.write_bytes(b"".join(whole[:lines]) + torn)
    (fault,) = log.check().faults
    assert fault == f"Line {lines + 1} is incomplete: its writing was interrupted."
    with caplog.at_level(logging.WARNING):
        log.record("sign-out", "ada")
    assert "was not written to its end" in caplog.text
    assert log.check().faults == ()
    events = [one.event for one in log.records()][lines:]
    assert events == ["interrupted write", "sign-out"]
    kept = list(log.records())[lines].details
    assert kept["bytes"] == len(torn)


def test_a_line_longer_than_is_read_at_once_is_followed(log: AuditLog) -> None:
    for size in (65_535, 65_536, 200_000):
        log.record("note", "ada", text="x" * size)
    assert log.check().faults == ()
    assert log.check().lines == 6


def test_processes_and_threads_write_one_chain(log: AuditLog) -> None:
    code = (
        "import sys; from pathlib import Path; from aiqa.receipts.audit_log import AuditLog\n"
        "for n in range(20): AuditLog(Path(sys.argv[1])).record('note', 'process', number=n)"
    )
    command = [sys.executable, "-c", code, str(log.file)]
    with subprocess.Popen(command) as one, subprocess.Popen(command) as two:
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda n: log.record("note", "thread", number=n), range(20)))
        assert (one.wait(), two.wait()) == (0, 0)
    assert log.check().faults == ()
    assert log.check().lines == 63


def test_nothing_is_added_to_what_is_no_audit_log(log: AuditLog) -> None:
    log.file.write_text('{"question": "of another program"}\n', "utf-8")
    with pytest.raises(ReceiptError, match="not a record"):
        log.record("sign-in", "ada")
    assert log.check().faults == ("Line 1 is not a record.",)
    assert json.loads(log.file.read_text("utf-8"))["question"] == "of another program"


def test_what_cannot_be_read_or_written_is_explained(tmp_path: Path) -> None:
    log = AuditLog(tmp_path)
    with pytest.raises(ReceiptError, match="cannot be written"):
        log.record("sign-in", "ada")
    with pytest.raises(ReceiptError, match="cannot be read"):
        log.check()
    with pytest.raises(ReceiptError, match="cannot be recorded"):
        AuditLog(tmp_path / "audit.jsonl").record("sign-in", "\ud800")
