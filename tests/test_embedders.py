from pathlib import Path

import numpy as np
import pytest

from aiqa.embedders import SentenceTransformerEmbedder, bundled_path
from aiqa.errors import DependencyError


def test_vectors_are_unit_length_and_do_not_depend_on_their_company(
    embedder: SentenceTransformerEmbedder,
) -> None:
    texts = ["A boat.", "The lighthouse keeper wrote a very long letter to the harbour office."]
    together = embedder.encode(texts)
    assert together.shape == (2, embedder.dimensions)
    assert together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(together[0], embedder.encode(texts[:1])[0], atol=1e-5)


def test_near_meanings_are_nearer(embedder: SentenceTransformerEmbedder) -> None:
    cat, kitten, tax = embedder.encode(["a cat", "a kitten", "income tax law"])
    assert cat @ kitten > cat @ tax


def test_nothing_encodes_to_an_empty_array(embedder: SentenceTransformerEmbedder) -> None:
    assert embedder.encode([]).shape == (0, 384)


def test_any_model_folder_can_be_used_and_is_known_by_its_weights(
    embedder: SentenceTransformerEmbedder,
) -> None:
    other = SentenceTransformerEmbedder(str(bundled_path()))
    assert other.identity.split("@")[1] == embedder.identity.split("@")[1]


def test_a_model_that_is_not_there_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(DependencyError, match="hf download"):
        SentenceTransformerEmbedder("no-such-model")
    with pytest.raises(DependencyError, match="cannot be loaded"):
        SentenceTransformerEmbedder(str(tmp_path))
