"""A process that ingests or asks until it is killed: ``child.py ingest|ask INDEX DOCS EMBEDDER``.

Prints "ready" when all is loaded. Then it ingests once a line is written to it and prints "done",
or asks and prints a line of JSON for every question.
"""

from __future__ import annotations

import json
import sys

from eval.benchmarks.hashing import HashEmbedder

from aiqa import Assistant, Settings
from aiqa.embedders import Embedder, open_embedder


def embedder_called(name: str) -> Embedder:
    """The bundled embedder, warm, or its stand-in."""
    if name == "hashing":
        return HashEmbedder()
    embedder = open_embedder()
    embedder.encode(["warm up"])
    return embedder


def main() -> None:
    """Do what is asked for."""
    what, index, docs, embedder = sys.argv[1:]
    with Assistant(index, Settings.load(), embedder_called(embedder)) as assistant:
        print("ready", flush=True)
        if what == "ingest":
            sys.stdin.readline()
            assistant.ingest(docs)
            print("done", flush=True)
            return
        while True:
            answer = assistant.ask("What does the gauge of the station show?", min_confidence=0)
            hits = assistant.search("gauge station", k=50)
            for citation in answer.citations:
                # The document may be gone by now, but while it is there the quote stands in it.
                assert citation.quote
            print(
                json.dumps([answer.citations[0].sentence, *(hit.chunk.text for hit in hits)]),
                flush=True,
            )


if __name__ == "__main__":
    main()
