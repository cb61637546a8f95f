"""txtai: embeddings with content, and its pipeline over the extractive Questions, as by default."""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path

from eval.benchmarks.peers.measuring import measured
from txtai import Embeddings
from txtai.pipeline import RAG

if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    embeddings = Embeddings(path=given["embedder"], content=True)
    rag = RAG(embeddings, given["reader"])

    def answer(question: str) -> str:
        """The best answer; there is none where the pipeline gives it a score below 0.05."""
        try:
            return rag(question)["answer"] or ""
        except TypeError:  # its best span begins or ends at a token that is no word
            return ""

    measured(
        embeddings.index,
        answer,
        {name: version(name) for name in ("txtai", "torch", "transformers")},
    )
