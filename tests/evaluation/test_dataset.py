"""Gold sets: the formats they come in, whether they are sound, and how feedback adds to them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from aiqa.errors import GoldError
from aiqa.evaluation.dataset import WITHHELD, EvalDataset, EvalExample, Evidence
from aiqa.evaluation.from_feedback import append, feedback_questions, read_feedback
from aiqa.evaluation.loaders import load_dataset
from aiqa.evaluation.validation import validate_dataset
from aiqa.types import Document, Span

ROCK = "The lighthouse on Gull Rock was lit in 1887. Its lamp burns rapeseed oil."
BOATS = "Boats longer than twelve metres must report to the harbour master."


def lines(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def stated(gold: EvalDataset) -> dict[str, list[str]]:
    """For each question the words that its evidence stands for in the set's passages."""
    documents = {passage.source: passage.document() for passage in gold.passages}
    return {
        question.id: [
            documents[item.source].text[span.start : span.end]
            for item in question.evidence
            for span in item.locate(documents[item.source])
        ]
        for question in gold.questions
    }


def test_squad_brings_its_contexts_each_once(tmp_path: Path) -> None:
    def asked(identity: str, *answers: Any, **fields: Any) -> dict[str, Any]:
        return {"id": identity, "question": "What?", "answers": answers, **fields}

    year = {"text": "1887", "answer_start": ROCK.index("1887")}
    burns = {"text": "oil", "answer_start": ROCK.index("oil")}
    no_answer = asked("c", plausible_answers=[year], is_impossible=True)
    rock = {"context": ROCK, "qas": [asked("a", year, year), asked("b", burns)]}
    boats = {"context": BOATS, "qas": [no_answer]}
    again = {"context": ROCK, "qas": [asked("d", year)]}
    data = [
        {"title": "Gull_Rock", "paragraphs": [rock, boats]},
        {"title": "Gull_Rock", "paragraphs": [again]},
    ]
    path = tmp_path / "squad.json"
    path.write_text(json.dumps({"version": "v2.0", "data": data}), "utf-8")
    gold = load_dataset(path)
    assert stated(gold) == {"a": ["1887"], "b": ["oil"], "c": [], "d": ["1887"]}
    assert [question.answerable for question in gold.questions] == [True, True, False, True]
    assert gold.questions[0].answers == ("1887",)
    assert [(p.title, p.text) for p in gold.passages] == [("Gull Rock", ROCK), ("Gull Rock", BOATS)]
    contexts = gold.contexts or {}
    assert contexts["a"] == contexts["d"] != contexts["c"]


def test_research_rows_keep_the_place_of_an_answer_that_stands_twice(tmp_path: Path) -> None:
    context = "In 1887 the lamp was lit. It went out in 1887."
    second = context.rindex("1887")
    sentences = ["In 1887 the lamp was lit.", "It went out in 1887."]
    rows: list[dict[str, Any]] = [
        {"id": "a", "answers": [{"text": "1887", "start": second}]},
        {"id": "b", "answers": ["1887"], "answer_starts": [second]},
        {"id": "c", "answers": ["1887"]},
        {"id": "d", "answers": ["put together"]},
        {"id": "e", "answers": [""], "is_impossible": True},
        {"id": "f", "answers": ["x"], "sentences": sentences, "gold_sentences": [1]},
        {"id": "g", "answers": ["x"], "gold_sentences": [[sentences[0], "It went out"]]},
    ]
    whole = [{"question": "When?", "title": "Lamp", "context": context, **row} for row in rows]
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, whole)).encode()))
    gold = load_dataset(path)
    assert stated(gold) == {
        "a": ["1887"],
        "b": ["1887"],
        "c": ["1887", "1887"],
        "d": [context],
        "e": [],
        "f": ["It went out in 1887."],
        "g": ["In 1887 the lamp was lit.", "It went out"],
    }
    (passage,) = gold.passages
    (place,) = gold.questions[0].evidence
    assert place.locate(passage.document()) == [Span(second, second + 4)]


def test_ranking_sets_know_which_documents_are_relevant_and_how_much(tmp_path: Path) -> None:
    corpus = [{"id": "7", "title": "T", "text": ROCK}, {"id": "8", "title": "", "text": BOATS}]
    lines(tmp_path / "tide.corpus.jsonl", *({"doc_id": row["id"], **row} for row in corpus))
    judged = {"id": "q", "question": "x", "qrels": {"7": 2, "8": 0}}
    path = lines(tmp_path / "tide.jsonl", judged)
    ours = load_dataset(path)

    folder = tmp_path / "tide"
    (folder / "qrels").mkdir(parents=True)
    lines(folder / "corpus.jsonl", *({"_id": row["id"], **row} for row in corpus))
    lines(folder / "queries.jsonl", {"_id": "q", "text": "x"}, {"_id": "unjudged", "text": "y"})
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\t7\t2\nq\t8\t0\n")
    beir = load_dataset(folder)

    assert ours.questions == beir.questions
    assert ours.passages == beir.passages
    assert ours.questions[0].evidence == (Evidence(source="tide/7", grade=2),)
    assert stated(ours) == {"q": [ROCK]}


TABLE = [
    ["question", "answers", "source", "quote", "tags"],
    ["When was it lit?", "1887 | in 1887", "rock.txt", "lit in 1887", "fact, year"],
    ["When was it lit?", "", "log.txt", "1887", ""],
    ["Who painted it?", "", "", "", "off-topic"],
]


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_tables_gather_rows_of_one_question(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"gold.{suffix}"
    if suffix == "csv":
        path.write_text("\n".join(",".join(f'"{c}"' for c in row) for row in TABLE), "utf-8")
    else:
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            for number, row in enumerate(TABLE):
                sheet.write_row(number, 0, row)
            sheet.write_number(2, 3, 1887)
    lit, painted = load_dataset(path).questions
    assert lit.answers == ("1887", "in 1887")
    assert [(item.source, item.quote) for item in lit.evidence] == [
        ("rock.txt", "lit in 1887"),
        ("log.txt", "1887"),
    ]
    assert lit.tags == ("fact", "year")
    assert not painted.answerable


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("gold.docx", "", "no known format.*--format"),
        ("gold.csv", "frage\nWann?", "unknown columns frage.*question, answers"),
        ("gold.csv", "id\n1", "no column question"),
        ("gold.json", "{}", "SQuAD's format.*paragraphs"),
        ("gold.jsonl", '{"context": "x", "id": 1}', "line 1: This row has no usable 'answers'"),
        ("gold.jsonl", "[1]", "line 1: This is not a JSON object"),
        ("gold.jsonl.gz", "not packed", "cannot be read"),
        ("gold.xlsx", "no workbook", "no workbook that can be read"),
        (
            "gold.jsonl",
            '{"id": "a"}\n{"id": "b", "question": "x", "colour": 1}',
            "(?s)line 1: question.*line 2: colour",
        ),
    ],
)
def test_mistakes_in_gold_sets_are_explained(
    tmp_path: Path, name: str, text: str, says: str
) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    with pytest.raises(GoldError, match=says):
        load_dataset(path)


def asked(identity: str, source: str | None, **fields: Any) -> EvalExample:
    if source:
        fields = {"answers": ("x",), "evidence": (Evidence(source=source, quote="x"),), **fields}
    return EvalExample(id=identity, question=f"Question {identity}?", **fields)


def test_a_limit_takes_an_even_sample_and_keeps_the_passages(tmp_path: Path) -> None:
    rows = [
        {"id": f"{n}", "question": "?", "context": f"Text {n}.", "answers": []} for n in range(10)
    ]
    gold = load_dataset(lines(tmp_path / "rows.jsonl", *rows))
    assert [question.id for question in gold.limit(4).questions] == ["0", "2", "5", "7"]
    assert len(gold.limit(4).passages) == 10
    assert gold.limit(10) is gold


def test_withholding_makes_half_of_the_questions_unanswerable(tmp_path: Path) -> None:
    rows = [
        {"id": f"{n}", "question": "?", "context": f"Text {n // 2}.", "answers": ["Text"]}
        for n in range(40)
    ]
    gold = load_dataset(lines(tmp_path / "rows.jsonl", *rows)).withhold(0.5)
    withheld = [question for question in gold.questions if WITHHELD in question.tags]
    assert len(withheld) == 20
    assert len(gold.passages) == 10
    assert not any(question.answerable or question.answers for question in withheld)
    left = {passage.source for passage in gold.passages}
    for question in gold.questions:
        assert {item.source for item in question.evidence} <= left
        assert question.answerable == (question not in withheld)
    assert gold == load_dataset(tmp_path / "rows.jsonl").withhold(0.5)


def test_a_check_finds_missing_evidence_duplicates_and_leaks() -> None:
    def lit(identity: str, question: str, **fields: Any) -> EvalExample:
        evidence = (Evidence(source="rock.txt", quote="lit in 1887"),)
        given = {"answers": ("1887",), "evidence": evidence, **fields}
        return EvalExample(id=identity, question=question, **given)

    gold = EvalDataset(
        "gold",
        (
            lit("a", "When was the lighthouse on Gull Rock lit?"),
            lit("b", "when was the lighthouse on Gull Rock lit"),
            lit("c", "When was the lighthouse lit on the Gull Rock?", split="dev"),
            lit("d", "When was it lit?", history=("What is Gull Rock?",), split="dev"),
            lit("e", "When was it lit?", history=("What is the lamp?",), split="dev"),
            lit("f", "What burns?", evidence=(Evidence(source="rock.txt", quote="whale oil"),)),
            lit("g", "Who reports?", evidence=(Evidence(source="boats.txt"),)),
        ),
    )
    documents = [Document("1" * 64, "rock.txt", "text", "Gull Rock", ROCK)]
    found = [(finding.id, finding.kind) for finding in validate_dataset(gold, documents)]
    assert found == [
        ("b", "duplicate"),
        ("c", "leakage"),
        ("c", "leakage"),
        ("f", "evidence"),
        ("g", "evidence"),
    ]


def told(identity: str, verdict: str, text: str | None = "salt", **fields: Any) -> dict[str, Any]:
    citations = [{"source": "log.pdf", "quote": "salt", "start": 3, "end": 7}] if text else []
    return {
        "id": identity,
        "time": "2026-01-01T00:00:00+00:00",
        "question": f"Question {identity}?",
        "history": [],
        "filters": {"sources": [], "title": None, "formats": [], "collections": []},
        "answer": {"text": text, "citations": citations},
        "verdict": verdict,
        "correct": None,
        "comment": None,
        "settings": {},
        "generation": 3,
        **fields,
    }


def test_feedback_becomes_gold(tmp_path: Path) -> None:
    right = {"source": "log.pdf", "document_id": "0" * 64, "start": 9, "end": 14, "quote": "wheat"}
    feedback = lines(
        tmp_path / "feedback.jsonl",
        told("liked", "up"),
        told("refused", "up", None),
        told("mended", "down", correct=right, history=[{"question": "What came in?"}]),
        told("disliked", "down"),
        told("in part", "up", filters={"formats": ["pdf"]}),
        told("known", "up"),
        told("liked again", "down", question="Question liked? "),
    )
    gold = tmp_path / "gold.jsonl"
    gold.write_text('{"id": "k", "question": "question known?"}', "utf-8")
    made = feedback_questions(read_feedback(feedback), load_dataset(gold).questions)
    assert made.skipped == {
        "judged again later": 1,
        "in the gold set already": 1,
        "asked of a part of the documents": 1,
        "disliked without a right answer": 2,
    }
    append(gold, made.questions)
    known, refused, mended = load_dataset(gold).questions
    assert (known.id, refused.answers, refused.evidence) == ("k", (), ())
    assert (mended.answers, mended.history) == (("wheat",), ("What came in?",))
    assert mended.evidence == (Evidence(source="log.pdf", quote="wheat"),)
    again = feedback_questions(read_feedback(feedback), load_dataset(gold).questions)
    assert not again.questions

    (liked,) = feedback_questions(read_feedback(lines(feedback, told("liked", "up"))), ()).questions
    assert (liked.answers, liked.tags) == (("salt",), ("feedback",))
    assert liked.evidence == (Evidence(source="log.pdf", quote="salt"),)


def test_feedback_that_cannot_be_read_is_explained(tmp_path: Path) -> None:
    path = lines(tmp_path / "feedback.jsonl", {"id": "a"})
    with pytest.raises(GoldError, match=r"line 1 is no feedback: question"):
        list(read_feedback(path))
    with pytest.raises(GoldError, match="cannot be read"):
        list(read_feedback(tmp_path / "none.jsonl"))
