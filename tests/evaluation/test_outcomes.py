"""What people see, counted: golden figures by hand, and what a row says of candidates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from aiqa import Assistant
from aiqa.evaluation import EvalExample, Figures, Row
from aiqa.evaluation.dataset import Evidence
from aiqa.evaluation.evidence import EvidencePlace, Located
from aiqa.evaluation.metrics.aggregate import OUTCOMES
from aiqa.evaluation.scoring import judge
from aiqa.evaluation.systems import IndexSystem
from aiqa.types import Answer, Citation, Document, Outcome, Span, Statement

Open = Callable[..., Assistant]

TEXT = "The lamp was lit in 1887. Ada Moor kept it. The lamp burns rapeseed oil. The rock is bare."
DOCUMENT = Document("0" * 64, "rock.txt", "text", "Gull Rock", TEXT)


def row(outcome: Outcome, *, answerable: bool, right: bool = False, among: bool = False) -> Row:
    evidence = (Evidence(source="rock.txt"),) if answerable else ()
    return Row(
        question=EvalExample(id="q", question="x", evidence=evidence),
        answer=Answer("x", "y", 0.5, "span"),
        outcome=outcome, candidate_right=among, format=None, em=None, f1=None, sentence_f1=None,
        right=right, verbatim=(), supported=(), in_passage=(), evidence_cited=(), ranking=None,
        stage=None,
    )  # fmt: skip


def test_outcomes_by_hand() -> None:
    rows = [
        # Of ten: 3 right, 1 wrong, 2 unsure with the right one and 1 without, 3 not found.
        *[row("answered", answerable=True, right=True, among=True)] * 3,
        row("answered", answerable=True, among=True),
        *[row("unsure", answerable=True, right=True, among=True)],
        row("unsure", answerable=True, among=True),
        row("unsure", answerable=True),
        *[row("not found", answerable=True, right=True, among=True)] * 3,
        # Of four: 1 answered, 2 unsure, 1 not found.
        row("answered", answerable=False),
        *[row("unsure", answerable=False)] * 2,
        row("not found", answerable=False),
    ]
    values = Figures.of(rows, [{}] * len(rows)).values
    assert {name: values[name] for names in OUTCOMES.values() for name in names} == {
        "answerable_right": 0.3,
        "answerable_wrong": 0.1,
        "answerable_unsure_right": 0.2,
        "answerable_unsure_wrong": 0.1,
        "answerable_not_found": 0.3,
        "unanswerable_answered": 0.25,
        "unanswerable_unsure": 0.5,
        "unanswerable_not_found": 0.25,
    }
    assert values["answered"] == 0.4
    assert values["abstained"] == 0.75


def said(words: str, confidence: float) -> Statement:
    start = TEXT.index(words)
    first = TEXT.rfind(". ", 0, start) + 2 if ". " in TEXT[:start] else 0
    last = TEXT.index(".", start) + 1 if "." not in words else start + len(words)
    citation = Citation(
        DOCUMENT.id, "rock.txt", "Gull Rock", None, "", start, start + len(words), words,
        first, last, TEXT[first:last],
    )  # fmt: skip
    return Statement(words, confidence, (citation,))


@pytest.mark.parametrize(
    ("stated", "least", "outcome"),
    [
        (0.9, 0.4, "answered"),
        (0.1, 0.4, "answered"),
        (0.9, 0.6, "unsure"),
        (0.5, 0.6, "unsure"),
        (None, 0.6, "unsure"),
        (0.34, 0.6, "not found"),
    ],
)
def test_the_outcome_of_a_forced_answer_is_that_of_the_settings(
    tmp_path: Path, open_assistant: Open, stated: float | None, least: float, outcome: Outcome
) -> None:
    assistant = open_assistant(tmp_path / "index", reader="sentences", min_confidence=least)
    forced = Answer("x", "1887", 0.5, "span", (said("1887", 0.5),), stated=stated)
    assert assistant.outcome_of(forced) == outcome
    assert assistant.outcome_of(Answer("x", None, 0.9, "abstention", stated=0.9)) == "not found"


@pytest.mark.parametrize(
    ("gold", "evidence", "found"),
    [
        ("rapeseed oil", "rapeseed oil", True),
        ("Ada Moor", "Ada Moor", True),
        # A whole sentence is right by its place; its words are many.
        ("x", "The rock is bare.", True),
        # The fourth candidate is not shown.
        ("bare rock", "bare", False),
        ("Tom Reed", "The lamp was lit", False),
    ],
)
def test_a_candidate_is_right_among_the_three_that_are_shown(
    tmp_path: Path, open_assistant: Open, gold: str, evidence: str, *, found: bool
) -> None:
    assistant = open_assistant(tmp_path / "index", reader="sentences", min_confidence=0.9)
    assistant.add([DOCUMENT])
    place = TEXT.index(evidence)
    located = Located(
        (EvidencePlace(DOCUMENT.id, (Span(place, place + len(evidence)),), 1),), (), "text"
    )
    others = [said("Ada Moor", 0.4), said("rapeseed oil", 0.3)]
    if evidence == "The rock is bare.":
        others = [said("The rock is bare.", 0.35), *others]
    elif evidence == "bare":
        others.append(said("bare", 0.1))
    answer = Answer("x", "1887", 0.5, "span", (said("1887", 0.5),), tuple(others), stated=0.9)
    question = EvalExample(
        id="q", question="x", answers=(gold,), evidence=(Evidence(source="rock.txt"),)
    )
    judged = judge(question, answer, None, located, IndexSystem(assistant))
    assert (judged.outcome, judged.candidate_right) == ("unsure", found)
