"""How well passages are ranked: dense search, word search, both fused, and reranked by the reader.

``python -m eval.benchmarks.retrieval SET… [--limit N] [--out FILE]``

A SET is a BEIR folder, or rows of ``qrels`` with a ``.corpus`` file beside them. Documents are
ranked by their best passage; nDCG@10 is over all judged ones, as BEIR has it. For SciFact its
authors report 0.679 for BM25 (Thakur et al. 2021, with Elasticsearch, ours is another tokeniser).
The table is kept in eval/results/retrieval.json.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiqa import Assistant, Settings
from aiqa.embedders import Embedder, open_embedder
from aiqa.evaluation.dataset import EvalDataset
from aiqa.evaluation.evidence import EvidenceMap
from aiqa.evaluation.loaders import load_dataset
from aiqa.evaluation.metrics.aggregate import Ratio
from aiqa.evaluation.metrics.bootstrap import draws, interval
from aiqa.evaluation.metrics.retrieval import RankedGrades, measure, rank
from aiqa.evaluation.systems import IndexSystem
from aiqa.types import ScoredChunk

RESULT = Path(__file__).parents[1] / "results" / "retrieval.json"

_DEFAULT = Settings.load()
_METHODS = {
    "dense": (1.0, 0.0),
    "lexical": (0.0, 1.0),
    "fused": (_DEFAULT.dense_weight, _DEFAULT.lexical_weight),
}
"""Weights of the dense and of the lexical ranking."""
_CANDIDATES = 100


def ranked(path: Path, limit: int | None, embedder: Embedder) -> dict[str, Any]:
    """Measures of each method on one set."""
    gold = load_dataset(path)
    if limit:
        gold = gold.limit(limit)
    documents = [passage.document() for passage in gold.passages]
    evidence = EvidenceMap(documents)
    located = {question.id: evidence.locate(question) for question in gold.questions}
    table: dict[str, Any] = {"queries": len(gold.questions), "documents": len(documents)}
    with TemporaryDirectory() as folder:
        with Assistant(Path(folder), Settings.load(), embedder) as assistant:
            table["chunks"] = assistant.add(documents).chunks
        for method, (dense, lexical) in _METHODS.items():
            settings = Settings.load(
                candidates=_CANDIDATES, dense_weight=dense, lexical_weight=lexical
            )
            with Assistant(Path(folder), settings, embedder) as assistant:
                collection = IndexSystem(assistant)
                orders = {method: _found(assistant, gold, rerank=False)}
                if method == "fused":
                    orders["reranked"] = _found(assistant, gold, rerank=True)
                for name, hits in orders.items():
                    table[name] = _measured(
                        {
                            q.id: rank(q, hits[q.id], located[q.id], collection.chunks)
                            for q in gold.questions
                        }
                    )
    return table


def _found(
    assistant: Assistant, gold: EvalDataset, *, rerank: bool
) -> dict[str, list[ScoredChunk]]:
    return {
        q.id: assistant.search(q.question, k=_CANDIDATES, rerank=rerank) for q in gold.questions
    }


def _measured(rankings: dict[str, RankedGrades]) -> dict[str, Any]:
    ratios = {name: Ratio.mean(values) for name, values in measure(rankings).items()}
    ndcg = [ratios["ndcg@10"].take(indices).value or 0.0 for indices in draws(len(rankings))]
    return {
        **{name: round(ratio.value or 0.0, 4) for name, ratio in ratios.items()},
        "ndcg@10_interval": [round(bound, 4) for bound in interval(ndcg)],
    }


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", type=Path, nargs="+")
    parser.add_argument("--limit", type=int, help="queries of each set, evenly chosen")
    parser.add_argument("--out", type=Path, default=RESULT)
    options = parser.parse_args()
    embedder = open_embedder()
    table = {}
    for path in options.sets:
        name = path.name.split(".")[0]
        table[name] = ranked(path, options.limit, embedder)
        print(name, json.dumps(table[name], indent=1), flush=True)
    options.out.write_text(json.dumps({"limit": options.limit, "sets": table}, indent=1) + "\n")


if __name__ == "__main__":
    main()
