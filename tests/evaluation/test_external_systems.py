"""Systems other than aiqa, judged by the metrics that aiqa is judged by."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from aiqa import Assistant
from aiqa.cli import main
from aiqa.errors import SettingsError
from aiqa.evaluation import Figures, Row, SourceText, SystemAnswer, evaluate
from aiqa.evaluation.dataset import EvalExample, Evidence
from aiqa.evaluation.external_systems import external_system
from aiqa.evaluation.metrics import bootstrap
from aiqa.evaluation.systems import IndexSystem
from tests.conftest import ROOT

LIT = EvalExample(
    id="lit",
    question="When was the lighthouse lit?",
    answers=("1887",),
    evidence=(Evidence(source="docs/lighthouse.md", quote="was lit in 1887"),),
)
PRICE = EvalExample(
    id="price",
    question="What does a copy of the tide tables cost?",
    answers=("one crown",),
    evidence=(Evidence(source="docs/tides.txt", quote="A copy costs one crown."),),
)
NOTHING = EvalExample(id="nothing", question="Who painted the Mona Lisa?")

Say = Callable[..., Any]


@pytest.fixture(autouse=True)
def few_replicates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Intervals are not what these tests are about."""
    monkeypatch.setattr(bootstrap, "REPLICATES", 20)


@pytest.fixture
def base(harbour_index: Path, open_assistant: Callable[[Path], Assistant]) -> IndexSystem:
    """The documents that are asked about."""
    return IndexSystem(open_assistant(harbour_index))


@pytest.fixture
def judged(base: IndexSystem, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Iterator[Row]]:
    """Gives the rows of a function's answers."""

    def judged_(answer: Say, *questions: EvalExample) -> Iterator[Row]:
        module = ModuleType("elsewhere")
        module.answer = answer  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "elsewhere", module)
        system, _ = external_system("elsewhere:answer", base)
        return (row for row, _ in evaluate(system, questions))

    return judged_


def saying(**fields: Any) -> Say:
    """A system that says the same whatever the question."""
    return lambda question: fields  # noqa: ARG005


def test_a_quote_without_offsets_is_found_and_judged_by_its_place(
    judged: Callable[..., Iterator[Row]],
) -> None:
    quoted = {"source": "docs/lighthouse.md", "quote": "1887"}
    (row,) = judged(saying(text="1887", citations=[quoted], confidence=0.9), LIT)
    assert (row.em, row.right, row.verbatim, row.supported) == (1.0, True, (True,), (True,))
    assert row.answer.citations[0].sentence == "The lighthouse on Gull Rock was lit in 1887."
    assert (row.outcome, row.stage, row.ranking) == ("answered", None, None)


def test_offsets_alone_are_a_quote(base: IndexSystem, judged: Callable[..., Iterator[Row]]) -> None:
    (text,) = (one.text for one in base.documents() if one.source == "docs/tides.txt")
    start = text.index("A copy costs one crown.")
    place = {"source": "docs/tides.txt", "start": start, "end": start + 23}
    (row,) = judged(saying(text="A copy costs one crown.", citations=[place]), PRICE)
    # A whole sentence counts as right by where it stands, as aiqa's do.
    assert (row.answer.kind, row.right, row.verbatim) == ("sentence", True, (True,))


@pytest.mark.parametrize(
    ("place", "supported"),
    [
        ({"source": "docs/lighthouse.md", "quote": "was LIT in 1887"}, True),
        ({"source": "docs/lighthouse.md", "quote": "it was lit long ago"}, False),
        ({"source": "docs/nowhere.md", "quote": "was lit in 1887"}, False),
        ({"source": "docs/lighthouse.md", "start": 10, "end": 99_999}, False),
        ({"source": "docs/lighthouse.md", "quote": "lit in 1887", "start": 0, "end": 11}, False),
    ],
)
def test_what_a_citation_misquotes_is_not_verbatim(
    place: dict[str, Any],
    supported: bool,  # noqa: FBT001
    judged: Callable[..., Iterator[Row]],
) -> None:
    (row,) = judged(saying(text="1887", citations=[place]), LIT)
    assert (row.verbatim, row.supported) == ((False,), (supported,))
    assert row.in_passage == (supported,)
    assert row.right  # by its words


def test_recall_is_of_the_passages_that_a_system_says_it_found(
    judged: Callable[..., Iterator[Row]],
) -> None:
    found = [
        {"source": "docs/tides.txt", "quote": "The tide tables"},
        {"source": "docs/lighthouse.md", "quote": "on Gull Rock was lit in 1887"},
        {"source": "docs/lighthouse.md", "quote": "lit in 1887"},
    ]
    rows = [*judged(saying(text="1888", retrieved=found), LIT, PRICE)]
    figures = Figures.of(rows, [{"total": 1.0}] * 2)
    assert rows[0].ranking is not None
    assert rows[0].ranking.found == (0, 1, 1)
    assert (figures.values["recall@1"], figures.values["recall@5"]) == (0.0, 0.5)
    assert [row.stage for row in rows] == ["wrong answer", "not retrieved"]


def test_without_confidence_there_are_no_figures_about_it(
    judged: Callable[..., Iterator[Row]],
) -> None:
    told = [*judged(saying(text="1887", confidence=0.8), LIT, NOTHING)]
    untold = [*judged(saying(text="1887"), LIT, NOTHING)]
    assert Figures.of(told, [{}] * 2).values["ece"] == pytest.approx(0.3)
    figures = Figures.of(untold, [{}] * 2).values
    assert not {"ece", "auroc", "aurc"} & figures.keys()
    assert (figures["answered"], figures["abstained"]) == (1.0, 0.0)


def test_an_abstention_may_say_what_it_would_have_said(
    judged: Callable[..., Iterator[Row]],
) -> None:
    (forced, refused) = judged(saying(text="1887", abstained=True), LIT, NOTHING)
    assert (forced.right, forced.outcome, forced.stage) == (True, "not found", "abstained wrongly")
    assert (refused.outcome, refused.stage) == ("not found", None)
    (silent,) = judged(saying(text=None), LIT)
    assert (silent.em, silent.shown) == (0.0, False)


def test_a_function_that_takes_the_documents_is_given_them_once(
    base: IndexSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Sequence[SourceText]] = []

    def prepare(documents: Sequence[SourceText]) -> Say:
        given.append(documents)
        (text,) = (one.text for one in documents if one.source == "docs/tides.txt")
        return lambda question: SystemAnswer(text=text[:16] + question)

    module = ModuleType("elsewhere")
    module.prepare = prepare  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "elsewhere", module)
    system, name = external_system("elsewhere:prepare", base)
    rows = [row for row, _ in evaluate(system, [LIT, PRICE])]
    assert [row.answer.text for row in rows] == [
        f"The tide tables {one.question}" for one in (LIT, PRICE)
    ]
    assert len(given) == 1
    assert {one.source for one in given[0]} == {one.source for one in base.documents()}
    assert name.startswith("elsewhere:prepare ")


def test_the_questions_before_a_follow_up_are_given_to_who_takes_them(
    judged: Callable[..., Iterator[Row]],
) -> None:
    follow_up = LIT.model_copy(update={"history": ("What stands on Gull Rock?",)})
    (row,) = judged(lambda question, history: {"text": f"{history[0]} {question}"}, follow_up)
    assert row.answer.text == "What stands on Gull Rock? When was the lighthouse lit?"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (saying(words="1887"), "question lit is not an answer: text: Field required; words"),
        (saying(text="1887", confidence=80), "confidence: Input should be less than"),
        (saying(text="1887", citations=[{"source": "a"}]), "a citation needs a quote"),
        (saying(text="1", citations=[{"source": "a", "start": 1}]), "start and end go together"),
        (lambda question: 1 / 0, "failed at question lit: ZeroDivisionError"),  # noqa: ARG005
    ],
)
def test_what_is_no_answer_is_told_by_question_and_field(
    answer: Say, told: str, judged: Callable[..., Iterator[Row]]
) -> None:
    with pytest.raises(SettingsError, match=told):
        next(judged(answer, LIT))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("elsewhere", "does not name a function"),
        ("no_such_module:answer", "cannot be imported"),
        ("json:no_such", "json has no function"),
        ("json:dumps", "takes neither documents nor a question"),
    ],
)
def test_a_name_that_is_no_system_is_refused(name: str, told: str, base: IndexSystem) -> None:
    with pytest.raises(SettingsError, match=told):
        external_system(name, base)


def test_a_run_of_another_system_is_kept_and_compared_with_aiqas(
    index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(index.parent)
    monkeypatch.setattr(sys, "path", [str(ROOT), *sys.path])
    questions = "".join(f"{one.model_dump_json()}\n" for one in (LIT, PRICE, NOTHING))
    Path("gold.jsonl").write_text(questions, "utf-8")

    def told(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["aiqa", "eval", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        assert not stop.value.code
        return capsys.readouterr().out

    name = "eval.systems.first_sentence:prepare"
    figures = json.loads(told("gold.jsonl", "--system", name, "--json"))
    assert (figures["verbatim"], figures["answered"], figures["abstained"]) == (1.0, 1.0, 0.0)
    assert (figures["recall@5"], figures["right"]) == (1.0, 0.5)
    theirs = "runs/gold-eval.systems.first_sentence.prepare"
    report = (Path(theirs) / "report.html").read_text("utf-8")
    assert f"Evaluation of {name}" in report
    assert "Can its confidence be trusted?" not in report
    monkeypatch.setenv("AIQA_READER", "sentences")
    told("gold.jsonl", "--out", "ours")
    side_by_side = told("compare", theirs, "ours")
    assert f"a is {name}, b is aiqa." in side_by_side
    assert "citation_precision" in side_by_side


def test_the_example_of_the_documentation_is_a_system(base: IndexSystem, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "pages" / "evaluation.md").read_text("utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (tmp_path / "my_system.py").write_text(example, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(tmp_path))
        system, _ = external_system("my_system:prepare", base)
    row, _ = next(evaluate(system, [LIT]))
    assert (row.right, row.verbatim) == (True, (True,))
