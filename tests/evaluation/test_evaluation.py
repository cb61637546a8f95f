"""Runs over small gold sets, with the real index and reader."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from aiqa import Assistant
from aiqa.errors import GoldError
from aiqa.evaluation import EvalDataset, Figures, Row, evaluate, load_dataset, open_system
from aiqa.evaluation.compare import compare
from aiqa.evaluation.dataset import EvalExample, Evidence
from aiqa.evaluation.error_analysis import failed_stage
from aiqa.evaluation.evidence import EvidencePlace, Located
from aiqa.evaluation.metrics.summary import question_word
from aiqa.evaluation.run_store import Run, perform
from aiqa.evaluation.systems import IndexSystem, Mode
from aiqa.ingestion.chunker import whole_chunk
from aiqa.types import Answer, Chunk, Document, ScoredChunk, Span

Open = Callable[..., Assistant]

ROCK = "The lighthouse on Gull Rock was lit in 1887. Its lamp burns rapeseed oil."
BOATS = "Boats longer than twelve metres must report to the harbour master before they enter."
LOG = "The schooner Petrel came in with a broken mast and a cargo of salt."

ASKED = [
    ("lit", "When was the lighthouse on Gull Rock lit?", ROCK, "1887"),
    ("burns", "What does the lamp on Gull Rock burn?", ROCK, "rapeseed oil"),
    ("report", "Whom must long boats report to?", BOATS, "the harbour master"),
    ("cargo", "What cargo did the schooner Petrel carry?", LOG, "salt"),
    ("lisa", "Who painted the Mona Lisa?", LOG, None),
]


@pytest.fixture
def gold(tmp_path: Path) -> EvalDataset:
    """Five questions, each about a passage that the set brings along; one has no answer."""
    rows = [
        {
            "id": identity,
            "title": "Gull Rock",
            "question": question,
            "context": context,
            "answers": [{"text": answer, "start": context.index(answer)}] if answer else [],
        }
        for identity, question, context, answer in ASKED
    ]
    path = tmp_path / "harbour.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return load_dataset(path)


def run(gold: EvalDataset, mode: Mode, assistant: Assistant) -> list[Row]:
    with open_system(gold, mode, assistant) as subject:
        return [row for row, _ in evaluate(subject, gold.questions)]


def test_open_questions_are_asked_of_all_passages(
    gold: EvalDataset, tmp_path: Path, open_assistant: Open
) -> None:
    rows = run(gold, "open", open_assistant(tmp_path / "index", reader="sentences"))
    assert not (tmp_path / "index").exists()
    figures = Figures.of(rows, [{"total": 1.0}] * len(rows))
    assert figures.headline()["recall@1"] == 1
    assert figures.values["citation_precision"] == 1
    assert figures.values["sentence_f1"] == 1
    assert (figures.n, figures.answerable) == (5, 4)
    cargo, lisa = rows[3:]
    assert cargo.right
    assert cargo.f1 == pytest.approx(2 * (1 / 11) / (1 / 11 + 1))  # 11 words without articles
    assert cargo.ranking is not None
    assert cargo.ranking.found[0] == 1
    assert (lisa.em, lisa.f1, lisa.sentence_f1, lisa.right) == (None, None, None, False)
    low, high = figures.intervals["f1"]
    assert low <= (figures.values["f1"] or 0) <= high


def test_a_question_is_read_in_its_own_passage_alone(
    gold: EvalDataset, tmp_path: Path, open_assistant: Open
) -> None:
    rows = run(gold, "reading", open_assistant(tmp_path / "index", reader="sentences"))
    contexts = gold.contexts or {}
    for row in rows:
        assert row.ranking is None
        assert {c.source for c in row.answer.citations} == {contexts[row.question.id]}
    assert Figures.of(rows, [{}] * len(rows)).values.get("recall@1") is None


def test_a_follow_up_is_asked_after_what_was_asked_before_it(
    gold: EvalDataset, tmp_path: Path, open_assistant: Open
) -> None:
    first, *_ = gold.questions
    follow_up = first.model_copy(
        update={
            "id": "follow-up",
            "history": ("What does the lamp on Gull Rock burn?", "Who lit it?"),
            "question": "And when was it lit?",
        }
    )
    alone = follow_up.model_copy(update={"id": "alone", "history": ()})
    asked = replace(gold, questions=(follow_up, alone))
    told, untold = run(asked, "open", open_assistant(tmp_path / "index"))
    assert told.answer.question == "And when was it lit?"
    assert told.answer.interpreted
    assert "it" not in told.answer.interpreted.split()
    assert told.ranking
    assert told.ranking.found[0] > 0
    assert untold.answer.interpreted is None


def test_what_is_withheld_is_nowhere_to_be_found(
    gold: EvalDataset, tmp_path: Path, open_assistant: Open
) -> None:
    half = gold.withhold(0.5)
    kept = {passage.source for passage in half.passages}
    assert 0 < len(kept) < 3
    rows = run(half, "open", open_assistant(tmp_path / "index", reader="sentences"))
    assert {c.source for row in rows for c in row.answer.citations} <= kept
    assert sum(row.question.answerable for row in rows) <= 2


def blamed(assistant: Assistant, question: str, source: str, quote: str, answer: str) -> str | None:
    evidence = (Evidence(source=source, quote=quote),)
    asked = EvalExample(id="q", question=question, answers=(answer,), evidence=evidence)
    (row,) = run(EvalDataset("gold", (asked,)), "corpus", assistant)
    return row.stage


def test_each_wrong_answer_is_put_down_to_a_stage(tmp_path: Path, open_assistant: Open) -> None:
    told = {"lit.txt": ROCK, "boats.txt": BOATS, "log.txt": LOG}
    documents = [
        Document(f"{number:064}", source, "text", source, text)
        for number, (source, text) in enumerate(told.items())
    ]
    lit = "When was the lighthouse on Gull Rock lit?"
    assistant = open_assistant(tmp_path / "index", reader="sentences", min_confidence=0.0)
    assistant.add(documents)
    # Two pieces of evidence: if any of it is in the documents, the run goes on.
    beside = EvalExample(
        id="r", question=lit, answers=("x",), evidence=(Evidence(source="lit.txt"),)
    )
    gone = EvalExample(
        id="q", question=lit, answers=("x",), evidence=(Evidence(source="lit.txt", quote="gone"),)
    )
    rows = run(EvalDataset("gold", (gone, beside)), "corpus", assistant)
    assert rows[0].stage == "not parsed"
    assert rows[0].ranking is not None
    assert rows[0].ranking.relevant == (1,)
    # The reader is given the right passage alone and still prefers its other sentence.
    assert blamed(assistant, lit, "lit.txt", "Its lamp burns rapeseed oil.", "x") == "span wrong"
    # The right passage, alone, gives the right answer; the reader preferred another's.
    assert blamed(assistant, lit, "boats.txt", BOATS, "x") == "ranked too low"
    # An answerable question that is answered rightly, but too timidly; and the reverse.
    timid = open_assistant(tmp_path / "index", min_confidence=1.0)
    assert blamed(timid, lit, "lit.txt", "lit in 1887", "1887") == "abstained wrongly"
    nothing = EvalDataset("gold", (EvalExample(id="q", question="Who painted the Mona Lisa?"),))
    assert run(nothing, "corpus", assistant)[0].stage == "answered wrongly"
    assert run(nothing, "corpus", timid)[0].stage is None


def passage(document_id: str, start: int, end: int) -> Chunk:
    return whole_chunk(Document(document_id, "a.txt", "text", "", "x" * end), Span(start, end))


@pytest.mark.parametrize(
    ("evidence", "hits", "oracle", "stage"),
    [
        ([], [0, 1], True, "not parsed"),
        # The evidence stands in the second passage.
        ([Span(12, 15)], [0], True, "not retrieved"),
        ([Span(12, 15)], [0, 1], True, "ranked too low"),
        ([Span(12, 15)], [0, 1], False, "span wrong"),
        ([Span(12, 15)], [0], False, "span wrong"),
        # It stands across the border of the two, and an uncut copy elsewhere would do.
        ([Span(8, 12)], [0, 1], True, "split by chunking"),
        ([Span(8, 12)], [0, 1], False, "span wrong"),
        ([Span(8, 12), Span(2, 4)], [0], True, "ranked too low"),
        # All of a document, which no passage holds.
        ([Span(0, 20)], [], True, "not retrieved"),
    ],
)
def test_the_first_stage_to_blame_if_an_oracle_mends_the_answer(
    evidence: list[Span],
    hits: list[int],
    oracle: bool,  # noqa: FBT001
    stage: str,
) -> None:
    passages = [passage("d", 0, 10), passage("d", 10, 20)]
    places = tuple(EvidencePlace("d", (span,), 1) for span in evidence)
    found = [ScoredChunk(passages[number], 1.0, 1.0) for number in hits]
    read: list[Span] = []

    def is_right_within(document_id: str, span: Span) -> bool:
        assert document_id == "d"
        read.append(span)
        return oracle

    located = Located(places, (), "text")
    assert failed_stage(located, found, lambda _: passages, is_right_within) == stage
    # What the oracle reads holds the evidence, or is nothing but evidence.
    assert all(span.holds(own) or own.holds(span) for span in read for own in evidence[-1:])


class KilledError(Exception):
    """What ends a run in the middle."""


class Interrupted(IndexSystem):
    """Answers three questions, then is killed."""

    asked = 0

    def ask(self, question: EvalExample) -> Answer:
        self.asked += 1
        if self.asked > 4:  # the first is asked twice, to load what is loaded once
            raise KilledError
        return super().ask(question)


def kept(folder: Path) -> list[str]:
    return [(folder / name).read_text("utf-8") for name in ("run.json", "rows.jsonl")]


def test_a_run_repeats_itself_goes_on_after_a_break_and_is_read_again(
    gold: EvalDataset, tmp_path: Path, open_assistant: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aiqa.evaluation.run_store._BATCH", 1)
    assistant = open_assistant(tmp_path / "index", reader="sentences")
    assistant.add([passage.document() for passage in gold.passages])
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    run = perform(gold, "corpus", 0.0, IndexSystem(assistant), whole)
    first = kept(whole)
    perform(gold, "corpus", 0.0, IndexSystem(assistant), whole)
    assert kept(whole) == first

    with pytest.raises(KilledError):
        perform(gold, "corpus", 0.0, Interrupted(assistant), broken)
    with pytest.raises(GoldError, match="not finished"):
        Run.load(broken)
    rows = (broken / "rows.jsonl").read_text("utf-8")
    assert len(rows.splitlines()) == 3
    (broken / "rows.jsonl").write_text(rows + '{"cut off', "utf-8")
    progress: list[int] = []
    perform(gold, "corpus", 0.0, IndexSystem(assistant), broken, progress.append)
    assert progress == [4, 5]
    assert kept(broken) == first

    loaded = Run.load(broken)
    assert loaded.rows == run.rows
    assert loaded.figures.values == run.figures.values
    assert loaded.figures.intervals == run.figures.intervals


def test_what_a_deadline_leaves_unread_is_neither_a_latency_nor_part_of_a_row(
    gold: EvalDataset, tmp_path: Path, open_assistant: Open
) -> None:
    with open_system(gold, "open", open_assistant(tmp_path / "index", deadline_ms=1)) as subject:
        rows, timings = zip(*evaluate(subject, gold.questions[:1]), strict=True)
        assert subject.ask(gold.questions[0]).unread
    assert rows[0].answer.unread == {}
    stages = {"interpretation", "retrieval", "reading", "answering", "total"}
    assert set(Figures.of(rows, timings).latency_ms) == stages


def test_a_broken_run_of_other_inputs_is_begun_anew(
    gold: EvalDataset, tmp_path: Path, open_assistant: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aiqa.evaluation.run_store._BATCH", 1)
    assistant = open_assistant(tmp_path / "index", reader="sentences")
    assistant.add([passage.document() for passage in gold.passages])
    with pytest.raises(KilledError):
        perform(gold, "corpus", 0.0, Interrupted(assistant), tmp_path / "run")
    other = open_assistant(tmp_path / "index", min_confidence=0.9)
    progress: list[int] = []
    perform(gold, "corpus", 0.0, IndexSystem(other), tmp_path / "run", progress.append)
    assert progress == [1, 2, 3, 4, 5]


def test_runs_that_are_not_there_are_explained(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match="no run in"):
        Run.load(tmp_path)
    (tmp_path / "run.json").write_text("{}", "utf-8")
    with pytest.raises(GoldError, match="no run that can be read"):
        Run.load(tmp_path)


def scored(run: Run, f1: dict[str, float]) -> Run:
    """``run`` as if these questions had been answered that well."""
    rows = tuple(
        row.model_copy(
            update={
                "f1": f1.get(row.question.id, row.f1),
                "stage": None if f1.get(row.question.id, 1) == 1 else "span wrong",
            }
        )
        for row in run.rows
    )
    return replace(run, rows=rows)


def test_two_runs_are_compared_question_by_question(
    gold: EvalDataset, tmp_path: Path, open_assistant: Open
) -> None:
    with open_system(
        gold, "reading", open_assistant(tmp_path / "index", reader="sentences")
    ) as subject:
        run = perform(gold, "reading", 0.0, subject, tmp_path / "run")
    names = [identity for identity, *_ in ASKED[:4]]
    right = scored(run, dict.fromkeys(names, 1.0))
    wrong = scored(run, {**dict.fromkeys(names, 1.0), "lit": 0.0, "cargo": 0.0})
    found = compare(right, wrong)
    f1 = found.differences["f1"]
    assert (f1.a, f1.b, f1.change) == (1.0, 0.5, -0.5)
    assert f1.interval[0] < -0.5 < f1.interval[1] <= 0
    assert [(flip.id, flip.got) for flip in found.flips] == [("lit", "worse"), ("cargo", "worse")]
    assert [flip.got for flip in compare(wrong, right).flips] == ["better", "better"]
    same = compare(run, run)
    assert not same.flips
    assert {(d.change, d.interval, d.p) for d in same.differences.values()} == {(0, (0, 0), 1)}
    part = replace(run, rows=run.rows[:2])
    assert (compare(part, run).questions, compare(part, run).only_b) == (2, 3)
    with pytest.raises(GoldError, match="no question in common"):
        compare(part, replace(run, rows=run.rows[2:]))


def test_figures_are_sliced_by_tag_format_and_question_word(
    gold: EvalDataset, tmp_path: Path, open_assistant: Open
) -> None:
    tagged = [q.model_copy(update={"tags": ("fact",)}) for q in gold.questions[:2]]
    some = replace(gold, questions=(*tagged, *gold.questions[2:]))
    rows = run(some, "reading", open_assistant(tmp_path / "index", reader="sentences"))
    slices = Figures.of(rows, [{}] * len(rows)).slices
    assert {name: part["n"] for name, part in slices["tag"].items()} == {"fact": 2}
    assert {name: part["n"] for name, part in slices["format"].items()} == {"text": 4, "none": 1}
    words = {name: part["n"] for name, part in slices["question word"].items()}
    assert words == {"what": 2, "when": 1, "who": 2}
    fact = [row.f1 or 0 for row in rows[:2]]
    assert slices["tag"]["fact"]["f1"] == pytest.approx(sum(fact) / 2)


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("How  many boats?", "how many"),
        ("In what year?", "what"),
        ("How is it lit?", "how"),
        ("To whom do they report?", "who"),
        ("Name the keepers.", "none"),
        ("Show somewhat more, whoever it is.", "none"),
    ],
)
def test_question_words(question: str, word: str) -> None:
    assert question_word(question) == word


def test_sets_without_passages_cannot_be_asked_openly(tmp_path: Path, open_assistant: Open) -> None:
    gold = EvalDataset("gold", (EvalExample(id="q", question="x"),))
    for mode in ("open", "reading"):
        with (
            pytest.raises(GoldError, match="brings no passages along"),
            open_system(gold, mode, open_assistant(tmp_path / "index", reader="sentences")),
        ):
            pass


def test_documents_that_are_text_already_are_added_and_replaced(
    tmp_path: Path, open_assistant: Open
) -> None:
    assistant = open_assistant(tmp_path / "index", reader="sentences")
    rock = Document("0" * 64, "rock", "text", "Gull Rock", ROCK)
    report = assistant.add([rock, Document("1" * 64, "log", "text", "", LOG)], collection="sea")
    assert (report.added, report.documents, report.failed) == (2, 2, ())
    assert assistant.status().collections == {"sea": 2}
    assert assistant.document("0" * 64).text == ROCK
    boats = Document("2" * 64, "rock", "text", "Boats", BOATS)
    report = assistant.add([boats, Document("1" * 64, "log", "text", "", LOG)])
    assert (report.added, report.updated, report.unchanged) == (0, 1, 1)
    assert {hit.chunk.text for hit in assistant.search("lighthouse")} == {BOATS, LOG}
    assert assistant.chunks("0" * 64) == []


def test_a_document_is_read_without_an_index(tmp_path: Path, open_assistant: Open) -> None:
    assistant = open_assistant(tmp_path / "index", reader="sentences")
    document = Document("0" * 64, "rock", "text", "Gull Rock", ROCK)
    answer = assistant.ask_document("What does the lamp burn?", document, min_confidence=0.0)
    (citation,) = answer.citations
    assert ROCK[citation.start : citation.end] == citation.quote == "Its lamp burns rapeseed oil."
    first = Span(0, ROCK.index(" Its"))
    inside = assistant.ask_document(
        "What does the lamp burn?", document, within=first, min_confidence=0.0
    )
    assert inside.text == ROCK[first.start : first.end]
    assert not (tmp_path / "index").exists()
