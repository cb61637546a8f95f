"""Gold questions that are proposed from documents and accepted by a person."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest

from aiqa import Assistant, Document
from aiqa.cli import main
from aiqa.errors import GoldError
from aiqa.evaluation import load_dataset
from aiqa.evaluation.proposals import ProposalFile
from aiqa.evaluation.proposing import propose

FERRY = """\
The Harbour Ferry was built in 1931. It is painted green.

The Harbour Ferry costs 4 crowns. A dinghy is a small open boat.

The Harbour Ferry has 40 seats for passengers.
"""

Told = Callable[..., str]


@pytest.fixture
def ferry(index: Path, open_assistant: Callable[..., Assistant]) -> Assistant:
    """An index beside which proposals are made."""
    assistant = open_assistant(index, reader="sentences")
    assistant.add([Document("f" * 64, "docs/ferry.txt", "text", "The Harbour Ferry", FERRY)])
    return assistant


@pytest.fixture
def proposed(ferry: Assistant) -> Path:
    """Proposals in a file."""
    path = ferry.folder.parent / "proposals.jsonl"
    ProposalFile(path).write(propose(ferry))
    return path


@pytest.fixture
def told(
    ferry: Assistant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Told:
    """Runs ``aiqa gold`` beside the index, with lines typed by a person."""
    monkeypatch.chdir(ferry.folder.parent)
    monkeypatch.setenv("AIQA_READER", "sentences")

    def told_(*arguments: str, typed: str = "") -> str:
        monkeypatch.setattr(sys, "argv", ["aiqa", "gold", *arguments])
        monkeypatch.setattr(sys, "stdin", StringIO(typed))
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capsys.readouterr()
        assert not stop.value.code, err
        return out + err

    return told_


def test_every_proposal_names_the_place_of_its_answer(ferry: Assistant) -> None:
    proposals = [*propose(ferry)]
    texts = {one.source: one.text for one in ferry.documents()}
    assert len(proposals) >= 4
    for one in proposals:
        (evidence,) = one.example.evidence
        text = texts[evidence.source]
        assert (text[one.start : one.end],) == one.example.answers
        assert text.startswith(evidence.quotes[0], evidence.start)
        assert "proposed" in one.example.tags
        assert one.status == "proposed"
    questions = [one.example.question for one in proposals]
    assert "When was the lighthouse on Gull Rock lit?" in questions
    assert len(set(questions)) == len(questions)
    # What is known is not proposed again.
    assert not [*propose(ferry, [one.example for one in proposals])]


def test_what_is_proposed_is_no_gold_until_it_is_accepted(proposed: Path) -> None:
    with pytest.raises(GoldError, match=r"nobody has accepted.*aiqa gold review"):
        load_dataset(proposed)


def test_a_review_goes_on_where_it_stopped_and_its_gold_can_be_asked(
    proposed: Path, told: Told
) -> None:
    first, second, third, *others = ProposalFile(proposed).read()
    review = ("review", "proposals.jsonl", "--gold", "gold.jsonl")
    shown = told(*review, typed="a\nr\ns\nq\n")
    assert first.example.question in shown
    assert f"1 accepted, 1 rejected, {len(others) + 1} left" in shown
    # Skipped ones come last; the terminal closes after one more verdict.
    shown = told(*review, typed="a\n")
    assert shown.index(others[0].example.question) < len(shown)
    assert first.example.question not in shown
    assert second.example.question not in shown
    gold = load_dataset(Path("gold.jsonl")).questions
    assert [one.id for one in gold] == [first.example.id, others[0].example.id]
    assert all("proposed" not in one.tags for one in gold)
    told("check", "gold.jsonl")
    assert [one.status for one in ProposalFile(proposed).read()][:3] == [
        "accepted", "rejected", "skipped",
    ]  # fmt: skip
    assert third.example.question in told(*review, typed="r\n" * 9)


def test_an_edit_is_taken_if_the_document_says_its_words(proposed: Path, told: Told) -> None:
    (ferry,) = (
        one
        for one in ProposalFile(proposed).read()
        if one.example.question.startswith("When was the Harb")
    )
    ProposalFile(proposed).write([ferry])
    typed = (
        "e\nHow is it painted?\nred\nIt is painted red.\n"
        "e\nHow is the Harbour Ferry painted?\ngreen | in green\nIt is painted green.\n"
    )
    shown = told("review", "proposals.jsonl", "--gold", "gold.jsonl", typed=typed)
    assert "docs/ferry.txt does not say 'It is painted red.'" in shown
    (edited,) = load_dataset(Path("gold.jsonl")).questions
    assert edited.question == "How is the Harbour Ferry painted?"
    assert edited.answers == ("green", "in green")
    assert edited.evidence[0].quotes == ("It is painted green.",)


def test_a_crash_between_gold_and_proposals_adds_nothing_twice(proposed: Path, told: Told) -> None:
    first, *_ = ProposalFile(proposed).read()
    told("review", "proposals.jsonl", "--gold", "gold.jsonl", typed="a\n")
    ProposalFile(proposed).decide(first)  # as if the verdict had not been kept
    told("review", "proposals.jsonl", "--gold", "gold.jsonl", typed="a\n")
    assert len(load_dataset(Path("gold.jsonl")).questions) == 1


def test_proposals_are_added_to_those_of_before(told: Told) -> None:
    propose_two = ("propose", "--out", "mine.jsonl", "--most", "2", "--json")
    assert json.loads(told(*propose_two)) == {"added": 2}
    told(*propose_two)
    kept = ProposalFile(Path("mine.jsonl")).read()
    assert len({one.example.question for one in kept}) == 4


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "proposals.jsonl"
    path.write_text('{"status": "proposed"}\n', "utf-8")
    with pytest.raises(GoldError, match=r"Line 1 of .* is no proposal: example: Field required"):
        ProposalFile(path).read()
