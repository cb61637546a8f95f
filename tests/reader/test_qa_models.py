"""Models of question answering: batches, threads, other people's models, and altered weights."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tokenizers import Tokenizer

from aiqa.errors import DependencyError
from aiqa.onnx_session import session
from aiqa.reader.factory import BASE, EMBEDDINGS, FITTED, FOLDER, SMALL
from aiqa.reader.integer_matrices import PROBE, SCALES, graph_files, graph_path, is_exact
from aiqa.reader.qa_models import (
    Batch,
    Logits,
    OnnxModel,
    TransformersModel,
    _heads,
    in_batches,
    read_tokenizer,
)
from aiqa.reader.windows import Ids, Windows, padded
from aiqa.training.reader_graph import write_graph, write_probe

LENGTH = 6


def checksums() -> dict[str, str]:
    told: dict[str, str] = json.loads((FOLDER / FITTED).read_text("utf-8"))["checksums"]
    return told


def test_no_answer_is_what_the_first_word_piece_says() -> None:
    starts, ends = np.array([1.5, 9], np.float32), np.array([0.25, 9], np.float32)
    assert Logits(starts, ends, starts, 0.0).null == 1.75


def test_windows_are_run_in_batches_of_like_length_and_come_back_in_order(
    tokenizer: Tokenizer,
) -> None:
    cut = Windows(tokenizer).cut
    windows = [*cut("Who?", "a b c"), *cut("Who?", "oil " * 300), *cut("Who?", "a")] * 4
    shapes = []

    def run(ids: Ids, mask: Ids, segments: Ids) -> Batch:
        shapes.append(ids.shape)
        starts, ends, evidence = (x.astype(np.float32) for x in (ids, mask, segments))
        return starts, ends, evidence, ids.sum(1).astype(np.float32)

    found = in_batches(windows, run)
    for window, logits in zip(windows, found, strict=True):
        assert logits.starts.astype(int).tolist() == list(window.ids)
        assert logits.ends.shape == logits.evidence.shape == (len(window.ids),)
        assert logits.answering == sum(window.ids)
    assert all(rows == 1 or rows * length <= 2048 for rows, length in shapes)
    assert all(before >= after for (_, before), (_, after) in pairwise(shapes))
    assert in_batches([], run) == []


@pytest.mark.parametrize("weights", [SMALL, BASE])
def test_a_bundled_model_scores_a_window_the_same_beside_another(weights: str) -> None:
    model = OnnxModel("aiqa-reader", FOLDER, weights, checksums())
    assert model.identity == f"aiqa-reader@{checksums()[weights][:12]}"
    (short,) = model.windows.cut("Who lit it?", "Ada Moor lit it.")
    (long,) = model.windows.cut("Who lit it?", "Tom Reed never lit the lamp of Gull Rock himself.")
    (alone,) = model.logits([short])
    beside = model.logits([long, short])[1]
    assert alone.starts.shape == alone.ends.shape == alone.evidence.shape == (len(short.ids),)
    assert int(alone.starts[short.first :].argmax()) == 0  # at "Ada"
    with ThreadPoolExecutor(4) as callers:
        together = [both[1] for both in callers.map(model.logits, [[long, short]] * 4)]
    for other in (beside, *together):
        for name in ("starts", "ends", "evidence", "answering"):
            np.testing.assert_array_equal(getattr(alone, name), getattr(other, name), name)


@pytest.mark.parametrize("weights", [SMALL, BASE])
def test_integer_products_score_like_the_products_of_the_file(weights: str) -> None:
    model = OnnxModel("aiqa-reader", FOLDER, weights, checksums())
    windows = model.windows.cut("Who lit the lamp?", "The lamp is old. Ada Moor lit it. " * 10)
    (found,) = model.logits(windows)
    names = ("input_ids", "attention_mask", "token_type_ids")
    inputs = dict(zip(names, padded(windows), strict=True))
    own = session(FOLDER / weights)
    taken = {entry.name for entry in own.get_inputs()}
    starts, ends, answering = own.run(
        ["starts", "ends", "answering"], {n: v for n, v in inputs.items() if n in taken}
    )
    assert np.abs(found.starts - starts[0]).max() < 0.1 * np.ptp(starts)
    assert np.abs(found.ends - ends[0]).max() < 0.1 * np.ptp(ends)
    assert found.answering == pytest.approx(answering[0], abs=0.5)


def test_the_shipped_graphs_are_the_ones_that_are_built(tmp_path: Path) -> None:
    # ONNX Runtime follows no links.
    for name in checksums():
        shutil.copy(FOLDER / name, tmp_path)
    for name in (SMALL, BASE):
        write_graph(tmp_path / name)
        for suffix in (".onnx", ".json", SCALES):
            shipped = graph_path(FOLDER / name).with_suffix(suffix)
            assert (tmp_path / shipped.name).read_bytes() == shipped.read_bytes()


def test_weights_without_a_graph_are_run_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in (*FOLDER.glob("small*"), FOLDER / "tokenizer.json"):
        shutil.copy(file, tmp_path)
    model = OnnxModel("small", tmp_path, SMALL, {SMALL: checksums()[SMALL]})
    (window,) = model.windows.cut("Who lit it?", "Ada Moor lit it.")
    (expected,) = model.logits([window])
    (by_graph,) = OnnxModel("small", tmp_path, SMALL, checksums()).logits([window])
    assert not np.array_equal(by_graph.starts, expected.starts)
    monkeypatch.setattr("aiqa.reader.qa_models.is_exact", lambda: False)
    (found,) = OnnxModel("small", tmp_path, SMALL, checksums()).logits([window])
    np.testing.assert_array_equal(found.starts, expected.starts)


def test_the_probe_tells_an_exact_processor_from_one_that_saturates(tmp_path: Path) -> None:
    write_probe(tmp_path / PROBE.name)
    assert (tmp_path / PROBE.name).read_bytes() == PROBE.read_bytes()
    exact = 255 * 127 * 256
    (row,) = session(PROBE).run(None, {"codes": np.full((1, 256), 255, np.uint8)})
    assert is_exact() == (row.tolist() == [[exact] * 16])


@pytest.mark.parametrize(
    ("weights", "altered"),
    [(SMALL, SMALL), (BASE, BASE), (BASE, EMBEDDINGS), (SMALL, "small-integer.scales")],
)
def test_altered_weights_are_refused(tmp_path: Path, weights: str, altered: str) -> None:
    for name in ("tokenizer.json", *checksums()):
        (tmp_path / name).symlink_to(FOLDER / name)
    whole = bytearray((FOLDER / altered).read_bytes())
    whole[len(whole) // 2] ^= 1
    (tmp_path / altered).unlink()
    (tmp_path / altered).write_bytes(whole)
    with pytest.raises(DependencyError, match=rf"{altered} is not the one aiqa was made with"):
        OnnxModel("aiqa-reader", tmp_path, weights, checksums())
    (tmp_path / altered).unlink()
    with pytest.raises(DependencyError, match=rf"{altered} is missing"):
        OnnxModel("aiqa-reader", tmp_path, weights, checksums())


def test_a_small_model_does_not_need_the_weights_of_the_large_one(tmp_path: Path) -> None:
    for name in ("tokenizer.json", SMALL, *(file.name for file in graph_files(FOLDER / SMALL))):
        (tmp_path / name).symlink_to(FOLDER / name)
    assert OnnxModel("small", tmp_path, SMALL, checksums()).windows.cut("Who?", "Ada.")
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(DependencyError, match=r"tokenizer\.json is missing"):
        OnnxModel("small", tmp_path, SMALL, checksums())


def test_a_model_of_pickles_is_not_loaded(hub_model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pickled"
    shutil.copytree(hub_model, folder)
    (folder / "model.safetensors").unlink()
    torch.save({}, folder / "pytorch_model.bin")
    with pytest.raises(DependencyError, match=r"model\.safetensors"):
        TransformersModel(folder)


def test_a_model_without_heads_for_them_has_evidence_and_answering_estimated(
    hub_model: Path,
) -> None:
    model = TransformersModel(hub_model)
    windows = model.windows.cut("Who lit the lamp?", "Ada Moor lit it. " * 100)
    assert len(windows) > 1
    for window, logits in zip(windows, model.logits(windows), strict=True):
        assert logits.evidence.shape == (len(window.ids),)
        assert np.isfinite([*logits.starts, *logits.ends, *logits.evidence]).all()
        inside = slice(window.first, window.first + len(window.places))
        best = logits.starts[inside].max() + logits.ends[inside].max()
        assert logits.answering == pytest.approx(best - logits.null, abs=1e-5)


def estimated(starts: list[float], ends: list[float]) -> tuple[np.ndarray, float]:
    """The heads of a window of six: [CLS] who [SEP] and a passage of two, and then [SEP]."""
    mask = np.ones((1, LENGTH), np.int64)
    segments = np.array([[0, 0, 0, 1, 1, 1]])
    rows = np.array([starts, ends], np.float32)
    evidence, answering = _heads(rows[:1], rows[1:], mask, segments)
    return evidence[0], float(answering[0])


def test_the_estimates_are_these() -> None:
    # An answer starts with a probability of 3/5, 1/5 and 1/5, and ends with 1/4, 1/2 and 1/4.
    starts = [0.5, 9, 9, *np.log([3, 1, 1])]
    ends = [0.25, 9, 9, *np.log([1, 2, 1])]
    evidence, answering = estimated(starts, ends)
    within = np.array([3 / 5 * 1, 4 / 5 * 3 / 4, 1 * 1 / 4])
    assert evidence[3:] == pytest.approx(np.log(within / (1 - within)), abs=1e-5)
    assert answering == pytest.approx(np.log(3) + np.log(2) - 0.75, abs=1e-5)
    # The question is no evidence: the least that is given is a probability of one in a million.
    assert evidence[:3] == pytest.approx([np.log(1e-6 / (1 - 1e-6))] * 3, abs=1e-3)


LOGITS = arrays(np.float64, LENGTH, elements=st.floats(-40, 40, width=32))


@given(starts=LOGITS, ends=LOGITS, at=st.integers(3, LENGTH - 1), more=st.floats(0, 20))
def test_the_estimates_are_finite_and_rise_with_what_speaks_for_an_answer(
    starts: np.ndarray, ends: np.ndarray, at: int, more: float
) -> None:
    evidence, answering = estimated(list(starts), list(ends))
    assert np.isfinite([*evidence, answering]).all()
    starts[at] += more
    ends[at] += more
    after, answering_after = estimated(list(starts), list(ends))
    assert answering_after >= answering - 1e-4
    assert after[at] >= evidence[at] - 1e-2
    starts[0] += more  # more speaks for "no answer"
    assert estimated(list(starts), list(ends))[1] <= answering_after + 1e-4


def test_the_tokenizer_of_the_readers_cuts_and_pads_nothing() -> None:
    tokenizer = read_tokenizer(FOLDER / "tokenizer.json")
    assert len(tokenizer.encode("oil " * 2000, add_special_tokens=False).ids) == 2000
    assert tokenizer.padding is None
