"""`aiqa ask --receipt`, `verify`, `key`, `audit` and `replay` as a person or a script runs them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from aiqa import Assistant
from aiqa.receipts import checker
from tests.cli.test_main import Run, run
from tests.receipts.conftest import edit

__all__ = ["run"]

TABLES = "What does a copy of the tide tables cost?"


@pytest.fixture
def receipt(run: Run, index: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A receipt that `aiqa ask` wrote."""
    assert index.is_dir()
    monkeypatch.setenv("AIQA_READER", "sentences")
    code, told = run("ask", TABLES, "--min-confidence", "0", "--receipt", "receipt.json")
    assert code == 0
    assert "The receipt is in receipt.json; `aiqa verify` checks it." in told
    return "receipt.json"


def test_a_receipt_is_verified_alone_with_files_and_with_an_index(run: Run, receipt: str) -> None:
    code, told = run("verify", receipt)
    assert code == 0
    assert f"Question: {TABLES}" in told
    assert "Everything that was looked at holds." in told
    assert "Anybody can sign: compare the key" in told
    key = run("key", "show")[1].strip()
    assert run("key", "show", "--json")[1]["public"] == key
    code, told = run("verify", receipt, "--key", key, "--documents", "docs")
    assert code == 0
    assert "“A copy costs one crown.” (docs/tides.txt): Its document is as it was." in told
    assert "Anybody can sign" not in told
    code, found = run("verify", receipt, "--index", "index", "--json")
    assert (code, found["holds"], found["answer"]) == (0, True, "A copy costs one crown.")
    assert found["quotes"][0]["state"] == "holds"


def test_what_does_not_hold_is_said_and_sets_the_exit_code(run: Run, receipt: str) -> None:
    code, told = run("verify", receipt, "--key", "0" * 64)
    assert code == 10
    assert "This receipt is not to be relied upon." in told
    edit(Path("docs/tides.txt"), "one crown", "two crowns")
    code, told = run("verify", receipt, "--documents", "docs")
    assert code == 10
    assert "changed “A copy costs one crown.” (docs/tides.txt)" in told
    assert "The receipt is sound, but the documents are not as they were." in told
    edit(Path(receipt), "one crown", "two crowns")
    code, told = run("verify", receipt, "--documents", "docs")
    assert code == 10
    assert "FAILS" in told
    assert run("ask", TABLES, "--receipt", receipt)[0] == 10
    assert run("verify", "none.json")[0] == 10
    assert run("verify")[0] == 2
    assert run("verify", receipt, "--documents", "docs", "--index", "index")[0] == 2


def test_the_checker_that_is_written_is_the_one_that_aiqa_uses(run: Run, receipt: str) -> None:
    assert run("verify", "--write-checker", "checker.py")[0] == 0
    assert Path("checker.py").read_bytes() == Path(checker.__file__).read_bytes()
    command = [sys.executable, "-I", "checker.py", receipt, "docs/tides.txt", "docs/rules.html"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "holds: docs/tides.txt is among the files." in done.stdout
    assert run("verify", "--write-checker", "none/checker.py")[0] == 10


def test_a_log_is_checked_and_its_questions_are_asked_again(run: Run, index: Path) -> None:
    log = index.parent / "audit.jsonl"
    with Assistant.open(index, reader="sentences", audit=log) as assistant:
        assistant.ask(TABLES, min_confidence=0)
    code, told = run("audit", "check", "audit.jsonl")
    assert code == 0
    assert "The log is whole: each of its 1 lines follows the last." in told
    head = run("audit", "check", "audit.jsonl", "--json")[1]["head"]
    code, told = run("replay", "audit.jsonl")
    assert code == 0
    assert "1 of 1 answers are the same, byte for byte." in told
    edit(Path("docs/tides.txt"), "one crown", "two crowns")
    run("ingest", "docs")
    code, found = run("replay", "audit.jsonl", "--json")
    assert code == 10
    (question,) = found["questions"]
    assert question["same"] is False
    assert "docs/tides.txt has changed." in question["causes"]
    # Each cause is a line of its own, however narrow the terminal.
    told = run("replay", "audit.jsonl")[1].splitlines()
    assert {f"        {cause}" for cause in question["causes"]} <= set(told)
    record = json.loads(log.read_text("utf-8"))
    assert (record["event"], record["details"]["question"]) == ("ask", TABLES)
    log.write_text(log.read_text("utf-8").replace("one crown", "no crown"), "utf-8")
    code, told = run("audit", "check", "audit.jsonl", "--head", head)
    assert code == 10
    assert "the log was cut off or written anew" in told
