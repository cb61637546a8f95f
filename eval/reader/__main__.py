"""A trained model to the reader that aiqa ships: export, fit, measure, and write it all.

    python -m eval.reader MODEL --data DATA --work WORK

MODEL is a Hugging Face folder, DATA the folder with the public dev sets. What was done is kept in
WORK, so that a run that was cut off goes on. The figures go to `eval/results/reader.json`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from eval.reader.explaining import (
    Explained,
    fit_sentence_calibration,
    fit_sentences,
    sentence_f1,
    similarity_f1,
    with_least,
)
from eval.reader.fitting import (
    alone_figures,
    calibration_error,
    figures,
    fit_calibration,
    is_fitted_on,
)
from eval.reader.outcomes import Asked, Outcome, ask, outcomes, read_alone, whole
from eval.reader.ranking import fit_ranking
from eval.reader.recorded import Recorded
from eval.reader.sets import Case, Collection, rows, spread

from aiqa.calibration import ALONE
from aiqa.embedding import Embedder, SentenceTransformerEmbedder
from aiqa.evaluation.metrics import exact_match, token_f1
from aiqa.fingerprint import sha256
from aiqa.reading.candidates import candidates, read_windows
from aiqa.reading.explanations import Explaining
from aiqa.reading.models import OnnxModel, SpanModel
from aiqa.reading.opening import BUNDLED, FITTED, FOLDER, Fitted
from aiqa.reading.spans import SpanReader
from aiqa.training.export import quantise, to_onnx

_SQUAD, _NQ, _SQUAD_2 = "squad_v1_half", "nq_oracle_half", "squad_v2_half.jsonl.gz"
_CLAPNQ = "clapnq_dev"
_SOURCE = "SQuAD 1.1 and Natural Questions dev, a part of each; half with the passage held back"
_CLOCK = time.monotonic()


def main() -> None:
    """Do all that is not done yet."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("model", type=Path)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--work", type=Path, default=Path("runs/reader"))
    arguments.add_argument("--questions", type=int, default=2000)
    given = arguments.parse_args()
    embedder = SentenceTransformerEmbedder()

    place = given.work / sha256(given.model / "model.safetensors")[:12]
    exact, small = place / "exact", place / "int8"
    for folder in (exact, small):
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(given.model / "tokenizer.json", folder / "tokenizer.json")
    if not (exact / "reader.onnx").exists():
        to_onnx(given.model, exact / "reader.onnx")
    if not (small / "reader.onnx").exists():
        quantise(exact / "reader.onnx", small / "reader.onnx")
    model, full = _model(small), _model(exact)
    say("exported")

    asked = []
    for name, most in ((_SQUAD, given.questions), (_NQ, 1292)):
        count = min(most, given.questions // 2)
        collection = Collection(
            name, rows(given.data / f"{name}.jsonl.gz"), given.work / name, embedder
        )
        say(f"{name}: {len(collection.cases)} questions indexed")
        asked += _asked(model, collection, spread(collection.cases, count))
    ranking = fit_ranking([a for a in asked if not a.removed and is_fitted_on(a)])
    say(f"ranking {ranking}")
    explained = _explained(given.data, given.questions // 4, given.work, model, embedder)
    sentences = fit_sentences(explained[_CLAPNQ][::2])
    say(f"sentences {sentences}")

    reader = SpanReader(model, ranking, Explaining(embedder, sentences))
    done = outcomes(reader, asked)
    held_out = [o for o in done if not is_fitted_on(o.asked)]
    # Natural Questions accept one answer of several that are right: they promise no risk.
    calibration = fit_calibration(
        [o for o in done if is_fitted_on(o.asked)],
        [o for o in held_out if o.asked.collection == _SQUAD],
        _SOURCE,
    )
    by_set = {
        name: figures([o for o in held_out if o.asked.collection == name], calibration)
        for name in (_SQUAD, _NQ)
    }
    alone: dict[bool, list[Outcome]] = {True: [], False: []}
    for outcome in outcomes(reader, _asked_alone(given.data, given.questions * 2, model, embedder)):
        alone[is_fitted_on(outcome.asked)].append(outcome)
    say("calibrated")
    calibrations = {
        "span": calibration,
        ALONE: fit_calibration(alone[True], alone[False], "SQuAD 2.0 dev, a part of it"),
        "sentence": fit_sentence_calibration(
            explained[_CLAPNQ][::2], explained[_CLAPNQ][1::2], sentences
        ),
    }
    _write(
        small, Fitted(sha256(small / "reader.onnx"), ranking, sentences, calibrations), given.model
    )
    say(f"{FOLDER} written")

    report = {
        "open": by_set,
        "reading": _reading(given.data, given.questions, model, full),
        "alone": alone_figures(alone[False], calibrations[ALONE]),
        "ece": calibration_error(held_out, calibration),
        "sentence_f1": {
            name: {
                "reader": sentence_f1(found[1::2], with_least(found[::2], sentences)),
                "embedding": similarity_f1(found[::2], found[1::2]),
            }
            for name, found in explained.items()
        },
        "risks": [
            {"risk": r.risk, "min_confidence": r.min_confidence, "coverage": r.coverage}
            for r in calibration.risks
        ],
        "bytes": (small / "reader.onnx").stat().st_size,
    }
    text = json.dumps(report, indent=1)
    Path("eval/results/reader.json").write_text(text + "\n", "utf-8")
    print(text)


def say(words: str) -> None:
    """A line with the seconds since the start."""
    print(f"{time.monotonic() - _CLOCK:6.0f} s  {words}", flush=True)


def _model(folder: Path) -> SpanModel:
    weights = folder / "reader.onnx"
    return Recorded(OnnxModel(BUNDLED, weights, sha256(weights)), folder / "said.sqlite3")


def _asked(model: SpanModel, collection: Collection, cases: Sequence[Case]) -> list[Asked]:
    """Each question, with its passage there and with it held back."""
    found = []
    for number, case in enumerate(cases, 1):
        found += [ask(model, collection, case, removed=removed) for removed in (False, True)]
        if number % 250 == 0:
            say(f"{collection.name}: {number} asked")
    return found


def _explained(
    data: Path, most: int, work: Path, model: SpanModel, embedder: Embedder
) -> dict[str, list[Explained]]:
    """Long answers asked of all contexts of ClapNQ, and of the right context of two sets."""
    found: dict[str, list[Explained]] = {}
    every = rows(data / f"{_CLAPNQ}.jsonl.gz")
    collection = Collection(_CLAPNQ, every, work / _CLAPNQ, embedder)
    answerable = spread([r for r in every if not r["is_impossible"]], most)
    found[_CLAPNQ] = [
        Explained(r, collection.search(case, removed=False), case.source, model, embedder)
        for r, case in ((r, collection.case(r)) for r in answerable)
    ]
    say(f"{_CLAPNQ}: {len(answerable)} asked")
    for name, some in (
        (f"{_CLAPNQ}_alone", answerable),
        ("selqa_dev_alone", spread(rows(data / "selqa_dev.jsonl.gz"), most)),
    ):
        found[name] = []
        for row in some:
            text = row["context"].strip()
            dense = float(np.dot(*embedder.encode([row["question"], text])))
            found[name].append(Explained(row, [whole(text, dense)], "", model, embedder))
    return found


def _reading(data: Path, most: int, model: SpanModel, full: SpanModel) -> dict[str, Any]:
    """EM and F1 with the right passage given; of SQuAD also what the 8-bit weights cost."""
    found: dict[str, Any] = {}
    for name in (_SQUAD, _NQ, "tatqa_textspan_dev"):
        some = rows(data / f"{name}.jsonl.gz", most)
        found[name] = _scores(some, model)
    some = rows(data / f"{_SQUAD}.jsonl.gz", most)
    found["int8_f1"], found["fp32_f1"] = (_scores(some, m)["f1"] for m in (model, full))
    return found


def _scores(some: Sequence[dict[str, Any]], model: SpanModel) -> dict[str, float]:
    em, f1 = [], []
    for row in some:
        best = read_alone(model, row["question"], row["context"])
        gold = [a if isinstance(a, str) else a["text"] for a in row["answers"]]
        text = best.text if best else ""
        em.append(exact_match(text, gold))
        f1.append(token_f1(text, gold))
    return {"questions": len(some), "em": float(np.mean(em)), "f1": float(np.mean(f1))}


def _asked_alone(data: Path, most: int, model: SpanModel, embedder: Embedder) -> list[Asked]:
    """Questions of SQuAD 2.0, with and without answer, each with its own context only."""
    found = []
    for row in rows(data / _SQUAD_2, most):
        dense = float(np.dot(*embedder.encode([row["question"], row["context"]])))
        hits = [whole(row["context"], dense)]
        answers = tuple(answer["text"] for answer in row["answers"])
        case = Case(row["question"], answers, "", row["context"], row["title"])
        read = candidates(read_windows(model, row["question"], hits))
        found.append(Asked(_SQUAD_2, case, removed=False, hits=hits, found=read))
    return found


def _write(small: Path, fitted: Fitted, model: Path) -> None:
    FOLDER.mkdir(exist_ok=True)
    for name in ("reader.onnx", "tokenizer.json"):
        shutil.copy(small / name, FOLDER / name)
    card = model / "MODEL_CARD.md"
    if card.exists():
        shutil.copy(card, FOLDER / card.name)
    fitted.write(FOLDER / FITTED)


if __name__ == "__main__":
    main()
