"""Fit the classifier that tells follow-ups from complete questions.

``python -m eval.fit_dependence TRAIN_DIR`` writes ``src/aiqa/query_rewriting/dependence.json``.

TRAIN_DIR has the question sets of ``SETS`` as gzipped JSON lines. Their questions, in random order
as one conversation, are complete; follow-ups are made of them by replacing a phrase by a pronoun
or by leaving all else out, after another question on the same title. The dev halves of the
dialogues of this folder are follow-ups, too.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from aiqa import ChatTurn
from aiqa.evaluation import load_dataset
from aiqa.query_rewriting.dependence import dependence_features
from aiqa.query_rewriting.noun_phrases import Phrase, phrases

HERE = Path(__file__).parent
MODEL = HERE.parent / "src" / "aiqa" / "query_rewriting" / "dependence.json"
SETS = {
    "tydiqa_en": 900, "qed_nq_train": 600, "boolq": 400, "bioasq_golden": 200, "medquad": 150,
    "sleepqa": 200, "aws_docs_qa": 37,
}  # fmt: skip
TOPICS = ("qed_nq_train", "tydiqa_en")
FOLLOW_UPS = 500
REPEATED = 4
"""Weight of a follow-up that a person wrote against one that was made."""

TOUCHED = 0.004
"""Share of complete questions, cross-validated, above the least score of a follow-up."""

SHORT = ("why?", "when?", "where?", "since when?", "how many?", "who?", "how long?", "why not?")
FORMS = {
    "they": ("them", "their"), "he": ("him", "his"), "she": ("her", "her"), "it": ("it", "its"),
}  # fmt: skip
Asked = tuple[str, list[ChatTurn]]


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("train", type=Path)
    folder = parser.parse_args().train
    chance = random.Random(11)  # noqa: S311
    rows = {name: _rows(folder / f"{name}.jsonl.gz") for name in SETS}
    complete = _complete(rows, chance)
    follow_ups = [*_made(rows, chance), *_written()]
    features = [dependence_features(*asked) for asked in (*complete, *follow_ups)]
    names = sorted({name for row in features for name in row} - {"constant"})
    matrix = np.array([[row.get(name, 0.0) for name in names] for row in features])
    target = np.arange(len(features)) >= len(complete)
    model = LogisticRegression(C=0.3, max_iter=3000)
    scores = cross_val_predict(model, matrix, target, cv=5, method="decision_function")
    least = float(np.quantile(scores[~target], 1 - TOUCHED))
    model.fit(matrix, target)
    weights = dict(zip(names, model.coef_[0].round(3).tolist(), strict=True))
    weights["constant"] = round(float(model.intercept_[0]), 3)
    MODEL.write_text(json.dumps({"weights": weights, "least": round(least, 2)}, indent=1) + "\n")
    print(f"least score {least:.2f}; follow-ups found {(scores[target] >= least).mean():.3f}")


def _rows(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _turn(row: dict[str, Any], wording: str) -> ChatTurn:
    first = next(iter(row.get("answers") or ()), None)
    answer = first["text"] if isinstance(first, dict) else first
    title = row.get("title")
    return ChatTurn(wording, answer and str(answer)[:200], (title,) if title else ())


def _complete(rows: dict[str, list[dict[str, Any]]], chance: random.Random) -> list[Asked]:
    sampled = []
    for name, most in SETS.items():
        fit = [row for row in rows[name] if 3 <= len(row["question"].split()) <= 30]  # noqa: PLR2004
        sampled += chance.sample(fit, min(most, len(fit)))
    chance.shuffle(sampled)
    asked: list[Asked] = []
    history: list[ChatTurn] = []
    for row in sampled:
        wording = row["question"]
        if chance.random() < 0.3:  # noqa: PLR2004
            wording = wording.lower()
        if chance.random() < 0.3:  # noqa: PLR2004
            wording = wording.rstrip("?. ")
        if history:
            asked.append((wording, history))
        history = [*history, _turn(row, wording)][-4:]
    return asked


def _made(rows: dict[str, list[dict[str, Any]]], chance: random.Random) -> list[Asked]:
    topics: dict[str, list[dict[str, Any]]] = {}
    for name in TOPICS:
        for row in rows[name]:
            topics.setdefault(row["title"], []).append(row)
    several = [group for group in topics.values() if len(group) > 1]
    chance.shuffle(several)
    made: list[Asked] = []
    for before, row, *_ in several[:FOLLOW_UPS]:
        named = [phrase for phrase in phrases(row["question"]) if phrase.says_something]
        if named:
            wording = _shortened(row["question"], chance.choice(named), chance)
            made.append((wording, [_turn(before, before["question"])]))
    return made


def _shortened(question: str, phrase: Phrase, chance: random.Random) -> str:
    """Return ``question`` as a follow-up that leaves ``phrase`` or everything else to be known."""
    start = phrase.determiner.start if phrase.determiner else phrase.start
    pronoun = "they" if phrase.is_plural else chance.choice(("it", "it", "he", "she"))
    before, after = question[:start], question[phrase.end :]
    forms = [
        before + (pronoun if chance.random() < 0.5 else FORMS[pronoun][0]) + after,  # noqa: PLR2004
        f"{before}{chance.choice(('this', 'that'))} {phrase.head.text}{after}",
        f"{chance.choice(('and', 'what about', 'how about'))} {question[start : phrase.end]}?",
        chance.choice(SHORT),
        f"{chance.choice(('and', 'so', 'but'))} {before}{FORMS[pronoun][0]}{after}",
    ]
    if after.startswith(("'s", "’s")):
        return before + FORMS[pronoun][1] + after[2:]
    return chance.choices(forms, weights=(50, 15, 15, 10, 10))[0]


def _written() -> list[Asked]:
    files = (HERE / "dialogues.jsonl", HERE / "followups" / "dialogues.jsonl")
    return [
        (row.question, [ChatTurn(said) for said in row.history])
        for file in files
        for row in load_dataset(file, "dev").questions
        if "stands-alone" not in row.tags
    ] * REPEATED


if __name__ == "__main__":
    main()
