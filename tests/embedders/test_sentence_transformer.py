"""Other models than the bundled one."""

from pathlib import Path

import numpy as np
import pytest

from aiqa.embedders import (
    BundledEmbedder,
    Embedder,
    SentenceTransformerEmbedder,
    bundled_path,
    open_embedder,
)
from aiqa.errors import DependencyError


@pytest.fixture(scope="module")
def reference() -> Embedder:
    """The bundled model as a user's own folder, which sentence-transformers loads."""
    return open_embedder(str(bundled_path()))


def test_a_model_folder_is_known_by_its_weights(reference: Embedder, embedder: Embedder) -> None:
    assert isinstance(reference, SentenceTransformerEmbedder)
    assert isinstance(embedder, BundledEmbedder)
    assert reference.identity == f"model@{embedder.identity.split('@')[1]}"


def test_the_bundled_embedder_gives_the_vectors_of_sentence_transformers(
    reference: Embedder, embedder: Embedder
) -> None:
    texts = [
        "", "A boat.", "a [SEP] b", "Naïve ÉTÉ, 中文 and 🎉", "word " * 253, "word " * 254,
        "The lighthouse keeper wrote a very long letter. " * 40, "x" * 2000,
    ]  # fmt: skip
    np.testing.assert_allclose(embedder.encode(texts), reference.encode(texts), atol=1e-6)
    assert [embedder.count_tokens(text) for text in texts] == [
        reference.count_tokens(text) for text in texts
    ]
    assert embedder.dimensions == reference.dimensions
    assert embedder.max_tokens == reference.max_tokens


def test_its_vectors_are_unit_length(reference: Embedder) -> None:
    vectors = reference.encode(["A boat.", "The lighthouse keeper wrote a very long letter."])
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_model_that_is_not_there_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(DependencyError, match="hf download"):
        open_embedder("no-such-model")
    with pytest.raises(DependencyError, match="cannot be loaded"):
        open_embedder(str(tmp_path))
