"""Standing questions in the terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from aiqa.cli import main

QUESTION = "What is the entrance fee of the museum?"

Told = Callable[..., tuple[int, str]]


@pytest.fixture
def told(index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Told:
    """Runs ``aiqa`` beside the harbour's index: exit code and what is printed."""
    monkeypatch.chdir(index.parent)
    monkeypatch.setenv("AIQA_READER", "sentences")
    monkeypatch.setenv("AIQA_MIN_CONFIDENCE", "0.2")

    def told_(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["aiqa", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capsys.readouterr()
        code = stop.value.code or 0
        assert isinstance(code, int)
        return code, out + err

    return told_


def write_fee(fee: str) -> None:
    Path("docs/fees.txt").write_text(f"The entrance fee of the museum is {fee}.\n", "utf-8")


def test_an_ingest_tells_what_changed_and_a_feed_keeps_it(told: Told) -> None:
    write_fee("4 crowns")
    told("ingest", "docs")
    code, shown = told("watch-question", "add", QUESTION)
    assert code == 0
    assert f"1. {QUESTION}" in shown
    assert "— docs/fees.txt" in shown
    assert "the feed" in told("watch-question", "tell", "--feed", "feed.xml")[1]
    write_fee("[red]5 crowns")
    _, shown = told("ingest", "docs", "--verify")
    assert f"The answer to “{QUESTION}” changed:" in shown
    assert "[-4-]{+[red]5+} crowns" in shown
    assert QUESTION in Path("feed.xml").read_text("utf-8")
    assert "The answer to" not in told("ingest", "docs", "--verify")[1]
    assert json.loads(told("watch-question", "check", "--json")[1]) == {
        "asked": True,
        "changed": [],
    }
    listed = json.loads(told("watch-question", "list", "--json")[1])
    assert [one["text"] for one in listed["questions"]] == [QUESTION]
    assert [one["name"] for one in listed["channels"]] == ["feed"]


def test_scripts_get_the_report_alone_and_the_change_from_check(told: Told) -> None:
    write_fee("4 crowns")
    told("ingest", "docs")
    told("watch-question", "add", QUESTION)
    code, shown = told("remove", "docs/fees.txt", "--json")
    assert code == 0
    assert json.loads(shown)["removed"] == 1
    (change,) = json.loads(told("watch-question", "check", "--json")[1])["changed"]
    assert change["question"] == QUESTION
    assert change["before"]["outcome"] == "answered"
    assert change["after"]["outcome"] != "answered"
    assert told("watch-question", "remove", "1")[0] == 0
    assert "no standing questions" in told("watch-question", "list")[1]


def test_an_address_that_must_not_be_told_is_refused(told: Told) -> None:
    code, shown = told("watch-question", "tell", "--webhook", "http://127.0.0.1:9/hook")
    assert (code, "not public" in shown, "--own-network" in shown) == (2, True, True)
    code, shown = told("watch-question", "tell")
    assert (code, "Give --feed FILE" in shown) == (2, True)
