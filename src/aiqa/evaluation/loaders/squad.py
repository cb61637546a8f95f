"""SQuAD 1.1 and 2.0: Rajpurkar et al., EMNLP 2016; Rajpurkar, Jia & Liang, ACL 2018."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from aiqa.errors import GoldError
from aiqa.evaluation.dataset import EvalDataset, Split
from aiqa.evaluation.loaders.contexts import Passages, title_of
from aiqa.evaluation.loaders.io import name_of, parsed, text_of


def read(path: Path, split: Split | None) -> EvalDataset:  # noqa: ARG001
    """The set in ``path``; questions that are marked impossible have no answers."""
    passages = Passages(name_of(path))
    questions = []
    try:
        for article in json.loads(text_of(path))["data"]:
            for paragraph in article["paragraphs"]:
                source = passages.add(title_of(article.get("title")), paragraph["context"])
                for row in paragraph["qas"]:
                    questions.append(parsed(_question(row, source), f"{path}, {row['id']}"))
                    passages.asked(questions[-1].id, source)
    except (ValueError, KeyError, TypeError) as error:
        raise GoldError(
            f"{path} does not follow SQuAD's format ({type(error).__name__}: {error}).",
            'It has an object with "data", "paragraphs", "context" and "qas" in one another.',
        ) from error
    return passages.gold(questions)


def _question(row: dict[str, Any], source: str) -> dict[str, Any]:
    spans = [] if row.get("is_impossible") else row["answers"]
    answers = {answer["text"]: answer["answer_start"] for answer in reversed(spans)}
    return {
        "id": row["id"],
        "question": row["question"],
        "answers": list(answers),
        "evidence": [
            {"source": source, "quote": text, "start": start} for text, start in answers.items()
        ],
    }
