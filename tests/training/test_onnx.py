"""Readers to ONNX and back: what is unpacked is what was trained, as far as the bits allow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from aiqa.errors import SettingsError
from aiqa.reader.windows import Windows, padded
from aiqa.training.model import Outputs, ReaderModel, save
from aiqa.training.onnx_export import OUTPUTS, export_reader, to_onnx
from aiqa.training.onnx_import import unpack
from aiqa.training.quantization import keep_rounded_weights, quantise_linears
from tests.training.samples import TEXT, tiny_model

Inputs = tuple[np.ndarray, np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def inputs(windows: Windows) -> Inputs:
    """Two windows, one of them padded."""
    return padded([*windows.cut("Who lit it?", TEXT, "Rock"), *windows.cut("When?", "In 1887.")])


def run(model: ReaderModel, inputs: Inputs) -> list[np.ndarray]:
    with torch.no_grad():
        out: Outputs = model.eval()(*map(torch.from_numpy, inputs))
    return [part.numpy() for part in out]


def run_file(path: Path, inputs: Inputs) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = ("input_ids", "attention_mask", "token_type_ids")
    wanted = {entry.name for entry in session.get_inputs()}
    assert [entry.name for entry in session.get_outputs()] == list(OUTPUTS)
    feed = {n: v for n, v in zip(names, inputs, strict=True) if n in wanted}
    found: list[np.ndarray] = session.run(None, feed)
    return found


def masked(outputs: list[np.ndarray], inputs: Inputs) -> np.ndarray:
    """All logits but those of padding, in one row."""
    mask = inputs[1].astype(bool)
    return np.concatenate(
        [part[mask] if part.shape == mask.shape else part.ravel() for part in outputs]
    )


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[ReaderModel, Path]]:
    """A model of each kind and its file: BERT in 8 bits, MPNet in the 4 that it settled in."""
    folder = tmp_path_factory.mktemp("packed")
    small, base = tiny_model("bert"), tiny_model("mpnet")
    quantise_linears(base.encoder)
    keep_rounded_weights(base.encoder)
    for model in (small, base):
        save(model, folder / model.kind)
        target = folder / f"{model.kind}.onnx"
        export_reader(folder / model.kind, target, four_bits=model is base)
    return {model.kind: (model, folder / f"{model.kind}.onnx") for model in (small, base)}


@pytest.mark.parametrize("kind", ["bert", "mpnet"])
def test_what_is_unpacked_reads_like_the_model_and_like_the_file(
    kind: str, packed: dict[str, tuple[ReaderModel, Path]], inputs: Inputs
) -> None:
    model, path = packed[kind]
    expected = masked(run(model, inputs), inputs)
    unpacked = unpack(path)
    assert unpacked.described() == model.described()
    found = masked(run(unpacked, inputs), inputs)
    run_there = masked(run_file(path, inputs), inputs)
    assert np.std(expected) > 0.1
    assert np.abs(found - expected).max() < 0.1 * np.std(expected)
    assert np.abs(found - run_there).max() < 0.1 * np.std(expected)


def test_four_bits_come_back_exactly_and_eight_nearly(
    packed: dict[str, tuple[ReaderModel, Path]],
) -> None:
    base, path = packed["mpnet"]
    unpacked = unpack(path).state_dict()
    matrices = [n for n, v in base.state_dict().items() if "layer" in n and v.dim() == 2]
    assert len(matrices) == 6
    for name in matrices:
        assert torch.equal(unpacked[name], base.state_dict()[name])
    small, path = packed["bert"]
    for name, value in unpack(path).state_dict().items():
        whole = small.state_dict()[name]
        assert (value - whole).abs().max() <= whole.abs().max() / 127
    assert path.stat().st_size < 0.3 * sum(v.numel() * 4 for v in small.state_dict().values())


def test_embeddings_may_stand_in_a_file_of_their_own(
    packed: dict[str, tuple[ReaderModel, Path]], tmp_path: Path, inputs: Inputs
) -> None:
    model, path = packed["mpnet"]
    target = tmp_path / "base.onnx"
    for _ in range(2):  # written again, it is the same
        export_reader(path.with_suffix(""), target, four_bits=True, split=True)
        sizes = {file.name: file.stat().st_size for file in tmp_path.iterdir()}
        assert sizes.keys() == {"base.onnx", "base.embeddings"}
        assert sizes["base.embeddings"] == model.encoder.embeddings.word_embeddings.weight.numel()
        assert sum(sizes.values()) == pytest.approx(path.stat().st_size, rel=0.01)
    whole, split = run(unpack(path), inputs), run(unpack(target), inputs)
    assert all(np.array_equal(a, b) for a, b in zip(whole, split, strict=True))
    assert np.array_equal(
        masked(run_file(target, inputs), inputs), masked(run_file(path, inputs), inputs)
    )


def test_an_exact_file_is_the_model(tmp_path: Path, inputs: Inputs) -> None:
    model = tiny_model("bert", seed=3)
    to_onnx(model, tmp_path / "exact.onnx")
    expected = run(model, inputs)
    for one, two in zip(run_file(tmp_path / "exact.onnx", inputs), expected, strict=True):
        assert np.allclose(one, two, atol=1e-5)
    again = unpack(tmp_path / "exact.onnx").state_dict()
    assert all(torch.equal(again[name], value) for name, value in model.state_dict().items())


def test_a_file_that_holds_no_reader_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.onnx"):
        unpack(tmp_path / "none.onnx")
    (tmp_path / "other.onnx").write_bytes(b"no model")
    with pytest.raises(SettingsError, match=r"other\.onnx"):
        unpack(tmp_path / "other.onnx")
