"""Embedders: texts to unit vectors."""

from aiqa.embedders.base import Embedder, Vectors
from aiqa.embedders.bundled import BUNDLED, BundledEmbedder, bundled_path
from aiqa.embedders.sentence_transformer import SentenceTransformerEmbedder

__all__ = [
    "BUNDLED",
    "BundledEmbedder",
    "Embedder",
    "SentenceTransformerEmbedder",
    "Vectors",
    "bundled_path",
    "open_embedder",
]


def open_embedder(name: str = BUNDLED) -> Embedder:
    """Return the bundled embedder, or the sentence-transformers model ``name`` of this machine.

    Raises:
        DependencyError: there is no such model, or its weights were altered.
    """
    return BundledEmbedder() if name == BUNDLED else SentenceTransformerEmbedder(name)
