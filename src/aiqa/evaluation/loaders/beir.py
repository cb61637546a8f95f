"""BEIR folders: Thakur et al., "BEIR: a heterogeneous benchmark", NeurIPS Datasets 2021.

``corpus.jsonl`` and ``queries.jsonl`` have ``_id`` and ``text``; ``qrels/SPLIT.tsv`` has a head and
lines of query, document and grade.
"""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

from aiqa.errors import GoldError
from aiqa.evaluation.dataset import EvalDataset, EvalExample, EvalPassage, Split
from aiqa.evaluation.loaders.io import objects, parsed, text_of


def read(path: Path, split: Split | None) -> EvalDataset:
    """Return the set in the folder ``path``; ``split`` is ``test`` by default."""
    part = split or "test"
    judged: dict[str, dict[str, int]] = {}
    lines = csv.reader(StringIO(text_of(path / "qrels" / f"{part}.tsv")), delimiter="\t")
    next(lines, None)
    try:
        for query, document, grade in lines:
            judged.setdefault(query, {})[document] = int(grade)
        questions = [
            _question(path, row["_id"], row["text"], judged[row["_id"]], part)
            for _, row in objects(path / "queries.jsonl")
            if row["_id"] in judged
        ]
        passages = tuple(
            EvalPassage(f"{path.name}/{row['_id']}", row.get("title", ""), row["text"])
            for _, row in objects(path / "corpus.jsonl")
        )
    except (KeyError, ValueError) as error:
        raise GoldError(
            f"{path} does not follow BEIR's format ({type(error).__name__}: {error})."
        ) from error
    return EvalDataset(path.name, tuple(questions), passages)


def _question(
    path: Path, identity: str, text: str, grades: dict[str, int], split: Split
) -> EvalExample:
    evidence = [
        {"source": f"{path.name}/{document}", "grade": grade}
        for document, grade in grades.items()
        if grade > 0
    ]
    fields = {"id": identity, "question": text, "evidence": evidence, "split": split}
    return parsed(fields, f"{path}, query {identity}")
