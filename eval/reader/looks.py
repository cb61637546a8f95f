"""What the second look gives: SQuAD asked with it and without, by the reader that aiqa ships.

    python -m eval.reader.looks --data DATA --work WORK

Ranking and calibration are fitted for each by itself, on these questions alone, so that figures are
a little below those of `eval.reader`. WORK is that of `eval.reader`, which spares what was read
there. The figures go to `eval/results/looks.json`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from eval.reader.embedded import Embedded
from eval.reader.fitting import cross_fitted, figures, rankings, reading_figures
from eval.reader.outcomes import Asked, ask_alone, asked_twice
from eval.reader.progress import say
from eval.reader.recorded import recorded
from eval.reader.sets import Collection, rows, spread

from aiqa.embedders import SentenceTransformerEmbedder
from aiqa.reader.factory import FITTED, FOLDER, Fitted
from aiqa.reader.sentence_selector import Explaining
from aiqa.reader.span_reader import SpanReader

_SQUAD = "squad_v1_half"
_RESULT = Path("eval/results/looks.json")


def main() -> None:
    """Ask, and print the figures of both."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--work", type=Path, default=Path("runs/reader"))
    arguments.add_argument("--questions", type=int, default=2000)
    given = arguments.parse_args()
    embedder = Embedded(SentenceTransformerEmbedder())
    explaining = Explaining(embedder, Fitted.read(FOLDER / FITTED).sentences)
    model = recorded(FOLDER, given.work)
    path = given.data / f"{_SQUAD}.jsonl.gz"
    collection = Collection(_SQUAD, rows(path), given.work / _SQUAD, embedder)
    asked = asked_twice(model, collection, spread(collection.cases, given.questions))
    alone = [ask_alone("", model, row) for row in rows(path, given.questions)]
    say("asked")

    def told(asked: Sequence[Asked], alone: Sequence[Asked]) -> dict[str, Any]:
        readers = [
            SpanReader(model, ranking, explaining, embedder)
            for ranking in rankings(asked, embedder)
        ]
        return {
            "open": figures(cross_fitted(asked, readers)),
            "reading": reading_figures(alone, readers),
        }

    report = {
        "two_looks": told(asked, alone),
        "one_look": told(_seen_once(asked), _seen_once(alone)),
    }
    text = json.dumps(report, indent=1)
    _RESULT.write_text(text + "\n", "utf-8")
    print(text)


def _seen_once(asked: Sequence[Asked]) -> list[Asked]:
    return [
        replace(a, found=[replace(c, again=c.score, again_null=c.null) for c in a.found])
        for a in asked
    ]


if __name__ == "__main__":
    main()
