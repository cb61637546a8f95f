"""Haystack: in-memory store and retriever, top_k 10, and its extractive reader as by default."""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path

from eval.benchmarks.peers.measuring import measured
from haystack import Document, Pipeline
from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)
from haystack_integrations.components.readers.transformers import TransformersExtractiveReader

if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    pipeline = Pipeline()
    pipeline.add_component(
        "embedder", SentenceTransformersTextEmbedder(model=given["embedder"], progress_bar=False)
    )
    pipeline.add_component("retriever", InMemoryEmbeddingRetriever(store, top_k=10))
    pipeline.add_component("reader", TransformersExtractiveReader(model=given["reader"]))
    pipeline.connect("embedder.embedding", "retriever.query_embedding")
    pipeline.connect("retriever.documents", "reader.documents")

    def ingest(passages: list[str]) -> None:
        """Embed and store."""
        embedder = SentenceTransformersDocumentEmbedder(model=given["embedder"], progress_bar=False)
        embedder.warm_up()
        documents = [Document(content=text) for text in passages]
        store.write_documents(embedder.run(documents)["documents"])

    def answer(question: str) -> str:
        """The best answer that has words: the reader also offers one without."""
        inputs = {"embedder": {"text": question}, "reader": {"query": question}}
        found = pipeline.run(inputs)["reader"]["answers"]
        return next((one.data for one in found if one.data), "")

    names = ("haystack-ai", "sentence-transformers-haystack", "transformers-haystack", "torch")
    measured(ingest, answer, {name: version(name) for name in names})
