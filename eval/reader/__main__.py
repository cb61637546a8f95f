"""A trained model to the reader that aiqa ships: export, fit, measure, and write it all.

    python -m eval.reader [MODEL] --data DATA --work WORK

MODEL is a Hugging Face folder; without one, the weights that aiqa ships are fitted and measured
anew, and what 8-bit weights cost is taken over from the run that made them. DATA is the folder with
the public dev sets. What was done is kept in WORK, so that a run that was cut off goes on. The
figures go to `eval/results/reader.json`.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from eval.reader.embedded import Embedded
from eval.reader.explaining import (
    Explained,
    fit_sentence_calibration,
    fit_sentences,
    sentence_f1,
    sentence_f1_of_others,
    similarity_f1,
)
from eval.reader.fitting import (
    alone_figures,
    calibration_error,
    cross_fitted,
    figures,
    fit_calibration,
    rankings,
    reading_figures,
    with_risks,
)
from eval.reader.outcomes import Asked, Outcome, ask_alone, asked_twice, outcomes, whole
from eval.reader.progress import say
from eval.reader.ranking import fit_ranking
from eval.reader.recorded import recorded
from eval.reader.sets import Collection, rows, spread

from aiqa.answers.calibration import ALONE
from aiqa.checksums import sha256
from aiqa.embedders import Embedder, SentenceTransformerEmbedder
from aiqa.reader.factory import FITTED, FOLDER, Fitted
from aiqa.reader.qa_models import SpanModel
from aiqa.reader.sentence_selector import Explaining
from aiqa.reader.span_ranker import SpanRanker
from aiqa.reader.span_reader import SpanReader
from aiqa.training.model import load
from aiqa.training.onnx_export import quantise, to_onnx

_SQUAD, _NQ, _SQUAD_2 = "squad_v1_half", "nq_oracle_half", "squad_v2_half.jsonl.gz"
_CLAPNQ, _SELQA, _TATQA = "clapnq_dev", "selqa_dev_alone", "tatqa_textspan_dev"
_SOURCE = "SQuAD 1.1 and Natural Questions dev, half of each; half with the passage held back"
_RESULT = Path("eval/results/reader.json")


def main() -> None:
    """Do all that is not done yet."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("model", type=Path, nargs="?")
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--work", type=Path, default=Path("runs/reader"))
    arguments.add_argument("--questions", type=int, default=2000)
    given = arguments.parse_args()
    embedder = Embedded(SentenceTransformerEmbedder())

    small, full = _exported(given.model, given.work) if given.model else (FOLDER, None)
    model = recorded(small, given.work)
    say("exported")

    asked = []
    for name, most in ((_SQUAD, given.questions), (_NQ, 1292)):
        count = min(most, given.questions // 2)
        collection = Collection(
            name, rows(given.data / f"{name}.jsonl.gz"), given.work / name, embedder
        )
        say(f"{name}: {len(collection.cases)} questions indexed")
        asked += asked_twice(model, collection, spread(collection.cases, count))
    explained, unexplained = _explained(
        given.data, given.questions // 4, given.work, model, embedder
    )
    sentences = fit_sentences(explained[_CLAPNQ])
    say(f"sentences {sentences}")

    def reader(ranking: SpanRanker) -> SpanReader:
        return SpanReader(model, ranking, Explaining(embedder, sentences), embedder)

    ranking = fit_ranking([a for a in asked if not a.removed], embedder)
    say(f"ranking {ranking}")
    readers = [reader(each) for each in rankings(asked, embedder)]
    judged = cross_fitted(asked, readers)
    alone = _asked_alone(given.data, given.questions, model, embedder)
    alone_judged = cross_fitted(alone, readers)
    say("judged")
    sentence_calibration, sentence_figures = fit_sentence_calibration(
        [*explained[_CLAPNQ], *unexplained], sentences
    )
    # Natural Questions accept one answer of several that are right: they promise no risk.
    calibrations = {
        "span": with_risks(
            fit_calibration(outcomes(reader(ranking), asked), _SOURCE), _of(_SQUAD, judged)
        ),
        ALONE: with_risks(
            fit_calibration(outcomes(reader(ranking), alone), "SQuAD 2.0 dev, half of it"),
            alone_judged,
        ),
        "sentence": sentence_calibration,
    }
    fitted = Fitted(sha256(small / "reader.onnx"), ranking, sentences, calibrations)
    fitted.write(FOLDER / FITTED)
    if given.model:
        _ship(small, given.model)
    say(f"{FOLDER} written")

    report = {
        "open": {name: figures(_of(name, judged)) for name in (_SQUAD, _NQ)},
        "reading": {
            name: _read(rows(given.data / f"{name}.jsonl.gz", given.questions), model, readers)
            for name in (_SQUAD, _NQ, _TATQA)
        },
        "quantised": _quantised(given.data, given.questions, (model, full), readers)
        if full
        else json.loads(_RESULT.read_text("utf-8"))["quantised"],
        "alone": alone_figures(alone_judged),
        "ece": calibration_error(judged),
        "explanations": sentence_figures,
        "sentence_f1": {
            name: {
                "reader": sentence_f1_of_others(found, sentences)
                if name == _SELQA
                else sentence_f1(found, explained[_CLAPNQ]),
                "embedding": similarity_f1(found),
            }
            for name, found in explained.items()
        },
        "risks": [asdict(level) for level in calibrations["span"].risks],
        "bytes": (small / "reader.onnx").stat().st_size,
    }
    text = json.dumps(report, indent=1)
    _RESULT.write_text(text + "\n", "utf-8")
    print(text)


def _exported(model: Path, work: Path) -> tuple[Path, SpanModel]:
    """The folder of the model with 8-bit weights, and the model as it is."""
    place = work / sha256(model / "model.safetensors")[:12]
    exact, small = place / "exact", place / "int8"
    for folder in (exact, small):
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(model / "tokenizer.json", folder / "tokenizer.json")
    if not (exact / "reader.onnx").exists():
        to_onnx(load(model), exact / "reader.onnx")
    if not (small / "reader.onnx").exists():
        quantise(exact / "reader.onnx", small / "reader.onnx")
    return small, recorded(exact, work)


def _of(collection: str, found: Sequence[Outcome]) -> list[Outcome]:
    return [o for o in found if o.asked.collection == collection]


def _explained(
    data: Path, most: int, work: Path, model: SpanModel, embedder: Embedder
) -> tuple[dict[str, list[Explained]], list[Explained]]:
    """Long answers asked of all contexts of ClapNQ, and of the right context of two sets.

    And questions that none of the contexts of ClapNQ answers.
    """
    found: dict[str, list[Explained]] = {}
    every = rows(data / f"{_CLAPNQ}.jsonl.gz")
    collection = Collection(_CLAPNQ, every, work / _CLAPNQ, embedder)

    def explained(row: dict[str, Any]) -> Explained:
        case = collection.case(row)
        hits = collection.search(case, removed=False)
        return Explained(row, hits, case.source, model, embedder)

    answerable, others = (
        spread([r for r in every if r["is_impossible"] == impossible], most)
        for impossible in (False, True)
    )
    found[_CLAPNQ] = [explained(row) for row in answerable]
    unexplained = [explained(row) for row in others]
    say(f"{_CLAPNQ}: {len(answerable)} and {len(others)} asked")
    for name, some in (
        (f"{_CLAPNQ}_alone", answerable),
        (_SELQA, spread(rows(data / "selqa_dev.jsonl.gz"), most)),
    ):
        found[name] = []
        for row in some:
            text = row["context"].strip()
            dense = float(np.dot(*embedder.encode([row["question"], text])))
            found[name].append(Explained(row, [whole(text, dense)], "", model, embedder))
    return found, unexplained


def _asked_alone(data: Path, most: int, model: SpanModel, embedder: Embedder) -> list[Asked]:
    """Questions of SQuAD 2.0, with and without answer, each with its own context only."""
    found = []
    for row in rows(data / _SQUAD_2, most):
        dense = float(np.dot(*embedder.encode([row["question"], row["context"]])))
        found.append(ask_alone(_SQUAD_2, model, row, dense))
    return found


def _read(
    some: Sequence[dict[str, Any]], model: SpanModel, readers: Sequence[SpanReader]
) -> dict[str, float]:
    return reading_figures([ask_alone("", model, row) for row in some], readers)


def _quantised(
    data: Path, most: int, models: tuple[SpanModel, SpanModel], readers: Sequence[SpanReader]
) -> dict[str, float]:
    """What 8-bit weights cost on SQuAD."""
    some = rows(data / f"{_SQUAD}.jsonl.gz", most)
    small, full = (_read(some, model, readers)["f1"] for model in models)
    return {"questions": len(some), "int8_f1": small, "fp32_f1": full}


def _ship(small: Path, model: Path) -> None:
    """Put the weights, their tokeniser and their card where aiqa looks for them."""
    for name in ("reader.onnx", "tokenizer.json"):
        shutil.copy(small / name, FOLDER / name)
    card = model / "MODEL_CARD.md"
    if card.exists():
        shutil.copy(card, FOLDER / card.name)


if __name__ == "__main__":
    main()
