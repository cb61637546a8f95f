"""The commands as a person or a script runs them."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aiqa.cli import main
from tests.conftest import ROOT

Run = Callable[..., tuple[int, Any]]

ROW: dict[str, Any] = {"id": "a", "question": "x", "answers": ["y"]}
QUESTION = "What cargo did the schooner Petrel carry?"


@pytest.fixture
def run(harbour: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs ``aiqa`` in the harbour's project folder: exit code and output, parsed if ``--json``."""
    monkeypatch.chdir(harbour.parent)

    def run_(*arguments: str) -> tuple[int, Any]:
        monkeypatch.setattr(sys, "argv", ["aiqa", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capsys.readouterr()
        code = stop.value.code or 0
        assert isinstance(code, int)
        return code, json.loads(out) if "--json" in arguments else out + err

    return run_


def test_the_json_of_every_command(run: Run) -> None:
    code, report = run("ingest", "docs", "--json")
    assert code == 0
    assert report == {
        "added": 5,
        "updated": 0,
        "removed": 0,
        "unchanged": 0,
        "failed": [],
        "documents": 5,
        "chunks": report["chunks"],
        "omissions": [],
        "changes": [
            {"source": f"docs/{name}", "what": "added"}
            for name in ("lighthouse.md", "log.pdf", "rescue.docx", "rules.html", "tides.txt")
        ],
    }

    _, answer = run("ask", QUESTION, "--min-confidence", "0", "--json")
    assert list(answer) == [
        "question", "text", "outcome", "abstained", "conflicts", "confidence", "kind", "citations",
        "statements", "alternatives", "positions", "cause", "reason", "stated", "interpreted",
        "timings_ms", "unread",
    ]  # fmt: skip
    assert answer["question"] == QUESTION
    assert "salt" in answer["text"]
    assert list(answer["citations"][0]) == [
        "document_id", "source", "title", "page", "section", "start", "end", "quote",
        "sentence_start", "sentence_end", "sentence", "place",
    ]  # fmt: skip
    assert answer["citations"][0]["page"] == 1

    _, refusal = run("ask", "Who painted the Mona Lisa?", "--json", "--profile")
    profile = refusal.pop("profile")
    assert list(profile["stages_ms"]) == [
        "import", "open index", "load embedder", "load reader",
        "interpretation", "retrieval", "reading", "answering",
    ]  # fmt: skip
    assert profile["total_ms"] == pytest.approx(sum(profile["stages_ms"].values()), abs=0.1)
    assert (refusal["text"], refusal["abstained"]) == (None, True)
    assert refusal["outcome"] == "not found"

    _, found = run("search", QUESTION, "--top", "2", "--format", "pdf", "--json")
    assert {hit["source"] for hit in found["hits"]} == {"docs/log.pdf"}

    _, status = run("status", "--json")
    assert status["documents"] == 5
    assert status["formats"]["pdf"] == 1

    _, removed = run("remove", "docs/log.pdf", "--json")
    assert (removed["removed"], removed["documents"]) == (1, 4)


def test_people_see_the_same_facts(run: Run) -> None:
    assert "5 added" in run("ingest", "docs")[1]
    shown = run("ask", QUESTION, "--min-confidence", "0")[1]
    assert "cargo of salt" in shown
    assert "Boat log, p. 1, § May (docs/log.pdf)" in shown
    assert "The documents don't seem to say." in run("ask", "Who painted the Mona Lisa?")[1]
    profiled = run("ask", QUESTION, "--profile")[1]
    assert "load reader: the small and the base model" in profiled
    assert "MiB of memory" in profiled
    unsure = run("ask", QUESTION, "--min-confidence", "1")[1]
    assert "Possible answers, not sure:" in unsure
    assert "[1] Boat log, p. 1, § May (docs/log.pdf)" in unsure
    assert "% likely" in unsure
    assert unsure.count("came in with a broken mast") == 1
    assert "docs/log.pdf" in run("search", QUESTION)[1]
    assert "docs/tides.txt" in run("status")[1]
    assert "1 removed" in run("remove", "docs/tides.txt")[1]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["ingest", "nope"], 3, "no file or folder nope"),
        (["ask", "x"], 4, "no index in index"),
        (["status", "--index", "elsewhere"], 4, "no index in elsewhere"),
        (["ask", " "], 5, "empty"),
        (["ask", "x" * 100_000], 5, "100,000 characters"),
        (["ask", "x", "--format", "exe"], 2, "no format 'exe'"),
        (["ask", "x", "--min-confidence", "7"], 2, "min_confidence"),
        (["remove", "nope"], 4, "no index"),
        (["eval", "nope.jsonl"], 6, "nope.jsonl cannot be read"),
        (["nonsense"], 2, "No such command"),
    ],
)
def test_mistakes_are_explained_and_exit_with_a_code(
    run: Run, arguments: list[str], code: int, says: str
) -> None:
    exit_code, shown = run(*arguments)
    assert exit_code == code
    assert says in " ".join(shown.split())
    assert "Traceback" not in shown


def test_mistakes_are_told_to_machines_as_json(run: Run) -> None:
    code, error = run("ask", "x", "--json")
    assert code == 4
    assert error == {
        "error": "There is no index in index.",
        "remedy": "Run `aiqa ingest PATH` to make one.",
    }


def test_a_bad_file_is_listed_and_the_command_succeeds(run: Run, harbour: Path) -> None:
    (harbour / "broken.docx").write_bytes(b"PK\x03\x04 cut off")
    code, report = run("ingest", "docs", "--json")
    assert code == 0
    assert [failure["source"] for failure in report["failed"]] == ["docs/broken.docx"]
    assert "docs/broken.docx" in run("status")[1]


def test_what_was_not_read_or_left_out_is_told_at_the_end(run: Run, harbour: Path) -> None:
    for number in range(12):
        (harbour / f"photo-{number:02}.raw").write_bytes(b"\xff\xd8\x00")
    shown = " ".join(run("ingest", "docs")[1].split())
    assert "5 read, 12 not read: Not read: docs/photo-00.raw: There is no loader" in shown
    assert "photo-10" not in shown
    assert shown.endswith("And 2 more: `aiqa status --failures` lists all.")
    code, report = run("ingest", "docs", "--json")
    assert (code, report["unchanged"], len(report["failed"])) == (0, 5, 12)
    assert "photo-11" in run("status", "--failures")[1]


def test_parts_left_out_are_listed_until_they_are_read(run: Run, harbour: Path) -> None:
    (harbour / "wrong.txt").write_bytes((harbour / "log.pdf").read_bytes() + b"\n")
    told = {
        "source": "docs/wrong.txt",
        "what": "The name ends in .txt, but this is a .pdf file and was read as one.",
    }
    for _ in range(2):
        code, report = run("ingest", "docs", "--strict", "--json")
        assert (code, report["failed"], report["omissions"]) == (3, [], [told])
    shown = " ".join(run("ingest", "docs")[1].split())
    assert f"6 read, 0 not read; 1 with parts left out: Not all read: {told['source']}" in shown
    assert run("status", "--failures", "--json")[1]["omissions"] == [told]
    (harbour / "wrong.txt").unlink()
    assert run("ingest", "docs", "--strict", "--json")[0] == 0
    assert "Every file was read" in run("status", "--failures")[1]


def test_strict_ends_with_an_error_if_anything_was_not_read(run: Run, harbour: Path) -> None:
    (harbour / "photo.raw").write_bytes(b"\xff\xd8\x00")
    assert run("ingest", "docs", "--json")[0] == 0
    assert run("ingest", "docs", "--strict", "--json")[0] == 3


def test_a_folder_in_which_nothing_can_be_read_is_an_error_that_tells_why(
    run: Run, harbour: Path
) -> None:
    photos = harbour.parent / "photos"
    photos.mkdir()
    for number in range(12):
        (photos / f"{number:02}.raw").write_bytes(b"\xff\xd8\x00")
    code, shown = run("ingest", "photos")
    shown = " ".join(shown.split())
    assert code == 3
    assert "photos/09.raw: There is no loader for .raw files. And 2 more" in shown
    assert "Formats read: .adoc" in shown


def test_settings_come_from_file_environment_and_option_in_rising_order(
    run: Run, harbour: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("ingest", "docs")
    toml = harbour.parent / "aiqa.toml"
    toml.write_text("min_confidence = 1.0\n", "utf-8")
    assert run("ask", QUESTION, "--json")[1]["abstained"]
    monkeypatch.setenv("AIQA_MIN_CONFIDENCE", "0")
    assert not run("ask", QUESTION, "--json")[1]["abstained"]
    assert run("ask", QUESTION, "--min-confidence", "1", "--json")[1]["abstained"]
    monkeypatch.setenv("AIQA_CHUNK_TOKENS", "many")
    assert run("ask", QUESTION)[0] == 2
    toml.write_text("no_such_setting = 1\n", "utf-8")
    code, shown = run("ask", QUESTION)
    assert code == 2
    assert "no_such_setting" in shown


def test_a_profile_tells_what_a_deadline_left_unread(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("ingest", "docs")
    monkeypatch.setenv("AIQA_DEADLINE_MS", "1")
    _, answer = run("ask", QUESTION, "--json", "--profile")
    assert answer["profile"]["left_out"] == answer["unread"]
    count = answer["unread"]["passages not read again"]
    _, shown = run("ask", QUESTION, "--profile")
    assert f"{count}     passages not read again, to answer in time" in shown


def test_what_documents_say_cannot_steer_the_terminal(run: Run, harbour: Path) -> None:
    (harbour / "evil.txt").write_text("The \x1b[31mpirate\x07 flag [bold]is black[/bold].", "utf-8")
    run("ingest", "docs")
    shown = run("ask", "What colour is the pirate flag?", "--min-confidence", "0")[1]
    assert "\x1b" not in shown
    assert "[bold]is black[/bold]" in shown


def test_eval_prints_flat_figures_and_writes_rows(run: Run, harbour: Path) -> None:
    rows = [
        {
            "id": "cargo",
            "question": QUESTION,
            "answers": ["salt"],
            "evidence": [{"source": "docs/log.pdf", "quote": "a cargo of salt"}],
        },
        {"id": "nothing", "question": "Who painted the Mona Lisa?", "split": "dev"},
    ]
    gold = harbour.parent / "gold.jsonl"
    gold.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    run("ingest", "docs")
    code, figures = run("eval", "gold.jsonl", "--json")
    assert code == 0
    assert {"n", "em", "f1", "recall@1", "recall@5", "recall@20", "verbatim"} <= set(figures)
    assert (figures["n"], figures["verbatim"], figures["recall@1"]) == (2, 1.0, 1.0)
    assert figures["citation_precision"] == 1.0
    assert figures["auroc"] == 1.0
    assert 0 < figures["latency_ms"] <= figures["latency_ms_p95"]
    written = (harbour.parent / "runs" / "gold" / "rows.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(row)["question"]["id"] for row in written] == ["cargo", "nothing"]
    assert "citation_precision" in run("eval", "gold.jsonl", "--split", "test")[1]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "line 1"),
        ('{"id": "a", "question": "x", "answers": ["y"]}', "answers need evidence"),
        ('{"id": "a", "question": "x", "colour": "y"}', "colour"),
        ('{"id": "a", "question": "x"}\n{"id": "a", "question": "z"}', "stands twice"),
        ("", "no questions"),
        (
            json.dumps(ROW | {"evidence": [{"source": "docs/none.md", "quote": "y"}]}),
            "not in the index",
        ),
        (
            json.dumps(ROW | {"evidence": [{"source": "docs/log.pdf", "quote": "never said"}]}),
            "does not say 'never said'",
        ),
    ],
)
def test_a_gold_set_that_is_wrong_is_explained(
    run: Run, harbour: Path, line: str, says: str
) -> None:
    (harbour.parent / "gold.jsonl").write_text(line, "utf-8")
    run("ingest", "docs")
    code, shown = run("eval", "gold.jsonl")
    assert code == 6
    assert says in " ".join(shown.split())


def test_runs_are_held_to_limits_and_compared(
    run: Run, harbour: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIQA_READER", "sentences")
    rows = [
        {"id": "cargo", "title": "Log", "question": QUESTION, "answers": ["salt"],
         "context": "The schooner Petrel came in with a broken mast and a cargo of salt."},
        {"id": "lisa", "title": "Log", "question": "Who painted the Mona Lisa?", "answers": [],
         "context": "The Petrel sailed again after twenty days in the yard."},
    ]  # fmt: skip
    (harbour.parent / "log.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    code, figures = run("eval", "log.jsonl", "--out", "a", "--json", "--fail-under", "recall@5=1")
    assert (code, figures["fell_short"]) == (0, [])
    assert not Path("index").exists()
    assert "<h1>log</h1>" in Path("a/report.html").read_text("utf-8")

    code, figures = run(
        "eval", "log.jsonl", "--out", "b", "--json", "--min-confidence", "1",
        "--baseline", "a", "--max-drop", "f1=0,answered=0.5",
    )  # fmt: skip
    assert code == 9
    assert figures["fell_short"] == [
        "answered went from 1.000 to 0.000; it may get worse by 0.5 at most."
    ]
    code, shown = run("eval", "log.jsonl", "--mode", "reading", "--fail-under", "f1=0.99")
    assert code == 9
    assert "it must be at least 0.99" in " ".join(shown.split())

    code, found = run("eval", "compare", "a", "b", "--json")
    assert code == 0
    assert found["differences"]["answered"]["change"] == -1
    assert [(flip["id"], flip["got"], flip["b"]) for flip in found["flips"]] == [
        ("cargo", "worse", None)
    ]
    shown = run("eval", "compare", "a", "b")[1]
    assert f"- {QUESTION}" in shown
    code, shown = run("eval", "compare", "a", "docs")
    assert (code, "no run in docs" in shown) == (6, True)
    code, shown = run("eval", "log.jsonl", "--max-drop", "f1=0")
    assert (code, "go together" in shown) == (2, True)


def test_a_gold_set_is_checked_and_grows_from_feedback(run: Run, harbour: Path) -> None:
    run("ingest", "docs")
    answer = run("ask", QUESTION, "--min-confidence", "0", "--json")[1]
    feedback = {
        "id": "1", "question": QUESTION, "history": [], "filters": {}, "answer": answer,
        "verdict": "up", "correct": None, "settings": {}, "generation": 1,
    }  # fmt: skip
    (harbour.parent / "feedback.jsonl").write_text(json.dumps(feedback) + "\n", "utf-8")
    added = run("gold", "add", "gold.jsonl", "--from-feedback", "feedback.jsonl", "--json")
    assert added == (0, {"added": 1, "skipped": {}})
    assert "1 skipped: in the gold set already" in run(
        "gold", "add", "gold.jsonl", "--from-feedback", "feedback.jsonl"
    )[1]  # fmt: skip
    assert run("eval", "gold.jsonl", "--json")[1]["em"] == 1

    assert run("gold", "check", "gold.jsonl", "--json") == (
        0,
        {"questions": 1, "answerable": 1, "splits": {"test": 1}, "findings": []},
    )
    wrong = ROW | {"evidence": [{"source": "docs/log.pdf", "quote": "never said"}]}
    (harbour.parent / "wrong.jsonl").write_text(json.dumps(wrong), "utf-8")
    code, shown = run("gold", "check", "wrong.jsonl")
    assert code == 6
    assert "a: evidence: docs/log.pdf does not say 'never said'." in " ".join(shown.split())


def test_a_taken_port_is_explained(run: Run, harbour: Path) -> None:
    run("ingest", "docs")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        # In a process of its own: a server that cannot start leaves its sockets to the exit.
        command = [sys.executable, "-X", "importtime", "-m", "aiqa", "chat", "--port", port]
        out = subprocess.run(
            command, cwd=harbour.parent, capture_output=True, text=True, check=False
        )
    assert out.returncode == 2
    assert "--port" in out.stderr
    assert "Traceback" not in out.stderr
    # Nobody waits for the models to be loaded to be told.
    assert "sentence_transformers" not in out.stderr


def test_the_installed_script_runs() -> None:
    script = Path(sys.executable).with_name("aiqa")
    out = subprocess.run([script, "--help"], capture_output=True, text=True, check=True, cwd=ROOT)
    for command in ("ingest", "ask", "search", "chat", "eval", "status", "remove"):
        assert command in out.stdout


def test_a_line_break_in_a_name_makes_no_line_of_its_own(run: Run, harbour: Path) -> None:
    (harbour / "salt\nNot read: all.txt").write_text("Salt.", "utf-8")
    (harbour / "bell\rNot read: bell.raw").write_text("Bell.", "utf-8")
    told = run("ingest", "docs")[1] + run("status")[1] + run("status", "--failures")[1]
    assert "docs/salt\N{SYMBOL FOR NEWLINE}Not read: all.txt" in " ".join(told.split())
    assert "\r" not in told
    assert not [line for line in told.splitlines() if line.startswith("Not read: all.txt")]


def test_a_new_index_is_its_owners_only(run: Run, harbour: Path) -> None:
    run("ingest", "docs/tides.txt")
    assert (harbour.parent / "index").stat().st_mode & 0o777 == 0o700
    assert run("doctor", "--json")[1]["exposed"] is False
    (harbour.parent / "index").chmod(0o755)
    told = " ".join(run("doctor")[1].split())
    assert "Other users of this machine can read the documents' texts in index" in told
