"""JSON lines: aiqa's own gold format, and research sets whose rows bring their context along.

What the first row has tells which it is: ``context`` (reading comprehension), ``qrels`` (ranking,
its corpus in a file of the same name that ends in ``.corpus.jsonl``), or neither (our own).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from aiqa.errors import GoldError
from aiqa.evaluation.dataset import EvalDataset, EvalExample, EvalPassage, Split
from aiqa.evaluation.loaders.contexts import Passages, title_of
from aiqa.evaluation.loaders.io import name_of, objects, parsed

Rows = Iterable[tuple[str, dict[str, Any]]]


def read(path: Path, split: Split | None) -> EvalDataset:  # noqa: ARG001
    """The set in ``path``, whichever of the three it is."""
    rows = objects(path)
    first = next(rows, None)
    if first is None:
        return EvalDataset(name_of(path), ())
    everything = chain([first], rows)
    if "context" in first[1]:
        return _reading(path, everything)
    if {"status", "example"} <= first[1].keys():
        raise GoldError(
            f"{path} has proposals, which nobody has accepted yet.",
            f"Review them: `aiqa gold review {path} --gold FILE`.",
        )
    if "qrels" in first[1]:
        return _ranking(path, everything)
    return EvalDataset(name_of(path), _own(everything))


def _own(rows: Rows) -> tuple[EvalExample, ...]:
    """Rows in our own format; all that is wrong with them is told at once."""
    questions, complaints = [], []
    for place, row in rows:
        try:
            questions.append(parsed(row, place))
        except GoldError as error:
            complaints.append(error.message)
    if complaints:
        raise GoldError(
            "\n".join(complaints), "The page Evaluation of the documentation describes the format."
        )
    return tuple(questions)


def _reading(path: Path, rows: Rows) -> EvalDataset:
    """Rows of ``question``, ``context`` and ``answers``, in SQuAD's manner.

    Answers are strings, with ``answer_starts`` beside them, or objects of ``text`` and ``start``.
    ``gold_sentences`` are, for each annotator, the sentences that answer together, or numbers of
    ``sentences`` if there is one annotator.
    """
    passages = Passages(name_of(path))
    questions = []
    for place, row in rows:
        try:
            context = str(row["context"])
            source = passages.add(title_of(row.get("title")), context)
            answers = _answers(row)
            fields = {
                "id": str(row["id"]),
                "question": row["question"],
                "answers": [text for text, _ in answers],
                "evidence": [
                    {"source": source, **item} for item in _evidence(row, context, answers)
                ],
            }
        except (KeyError, TypeError, IndexError) as error:
            raise GoldError(f"{place}: This row has no usable {error}.") from error
        questions.append(parsed(fields, place))
        passages.asked(questions[-1].id, source)
    return passages.gold(questions)


def _answers(row: dict[str, Any]) -> list[tuple[str, int | None]]:
    """Distinct wordings, each with the first place that is told."""
    if row.get("is_impossible"):
        return []
    starts = row.get("answer_starts", ())
    starts_by_text: dict[str, int | None] = {}
    for number, answer in enumerate(row["answers"]):
        if isinstance(answer, str):
            starts_by_text.setdefault(answer, starts[number] if number < len(starts) else None)
        else:
            starts_by_text.setdefault(answer["text"], answer.get("start"))
    return list(starts_by_text.items())


def _evidence(
    row: dict[str, Any], context: str, answers: Sequence[tuple[str, int | None]]
) -> list[dict[str, Any]]:
    if not answers:
        return []
    gold = row.get("gold_sentences")
    if gold:
        pieces = gold if isinstance(gold[0], list) else [[row["sentences"][i] for i in gold]]
        return [{"quote": sentences} if sentences else {} for sentences in pieces]
    # An answer put together of several places has no place of its own: its whole context counts.
    return [{"quote": text, "start": start} if text in context else {} for text, start in answers]


def _ranking(path: Path, rows: Rows) -> EvalDataset:
    """Rows of ``question`` and ``qrels``, which map ids of documents to grades."""
    name = name_of(path)
    corpus = path.with_name(path.name.replace(".jsonl", ".corpus.jsonl"))
    questions = [
        parsed(
            {
                "id": str(row["id"]),
                "question": row["question"],
                "evidence": [
                    {"source": f"{name}/{document}", "grade": grade}
                    for document, grade in row["qrels"].items()
                    if grade > 0
                ],
            },
            place,
        )
        for place, row in rows
    ]
    passages = tuple(
        EvalPassage(f"{name}/{row['doc_id']}", row.get("title", ""), row["text"])
        for _, row in objects(corpus)
    )
    return EvalDataset(name, tuple(questions), passages)
