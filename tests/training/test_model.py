"""Readers of both kinds: made from encoders, kept in folders, averaged, with fast attention."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer
from transformers import MPNetModel

from aiqa.embedders import bundled_path
from aiqa.errors import SettingsError
from aiqa.reader.windows import Windows, padded
from aiqa.training.attention import fuse_attention, set_attention
from aiqa.training.model import ReaderModel, averaged, from_encoder, load, save
from tests.training.samples import TEXT, tiny_model

KINDS = ["bert", "mpnet"]
Inputs = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


@pytest.fixture(scope="module")
def inputs(windows: Windows) -> Inputs:
    """Two windows, one of them padded."""
    cut = [*windows.cut("Who lit it?", TEXT, "Gull Rock"), *windows.cut("When?", "In 1887.")]
    ids, mask, segments = map(torch.from_numpy, padded(cut))
    return ids, mask, segments


@pytest.mark.parametrize("kind", KINDS)
def test_outputs_have_their_shapes_and_padding_changes_nothing(kind: str, inputs: Inputs) -> None:
    model = tiny_model(kind).eval()
    with torch.no_grad():
        out = model(*inputs)
        length = int(inputs[1][1].sum())
        alone = model(*(part[1:, :length] for part in inputs))
    windows, longest = inputs[0].shape
    assert out.starts.shape == out.ends.shape == out.evidence.shape == (windows, longest)
    assert out.answering.shape == (windows,)
    assert out.polarity.shape == (windows, 3)
    assert torch.allclose(alone.starts[0], out.starts[1, :length], atol=1e-5)
    assert torch.allclose(alone.polarity[0], out.polarity[1], atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_attention_that_trains_fast_gives_the_same(kind: str, inputs: Inputs) -> None:
    plain, fast = tiny_model(kind).eval(), tiny_model(kind).eval()
    set_attention(fast, torch.device("cpu"))
    if kind == "mpnet":
        fuse_attention(fast)
        bias = fast.encoder.encoder.relative_attention_bias.weight
        assert not bias.requires_grad
    for model in (plain, fast):
        out = model(*inputs)
        (out.starts.square().sum() + out.answering.sum()).backward()
    for expected, found in zip(plain(*inputs), fast(*inputs), strict=True):
        assert torch.allclose(found, expected, atol=1e-5)
    names = dict(plain.named_parameters())
    for name, value in fast.named_parameters():
        if value.grad is not None:
            expected_grad = names[name].grad
            assert expected_grad is not None
            assert torch.allclose(value.grad, expected_grad, atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_is_kept_whole(kind: str, tmp_path: Path, inputs: Inputs) -> None:
    model = tiny_model(kind).eval()
    save(tiny_model(kind, seed=1), tmp_path / "model")
    save(model, tmp_path / "model")
    files = {path.name for path in (tmp_path / "model").iterdir()}
    assert files == {"config.json", "model.safetensors", "tokenizer.json"}
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    kept = load(tmp_path / "model").eval()
    with torch.no_grad():
        for expected, found in zip(model(*inputs), kept(*inputs), strict=True):
            assert torch.equal(found, expected)


def test_an_encoder_of_other_numbers_reads_the_same_word_pieces(
    encoder: Path, tokenizer: Tokenizer
) -> None:
    reader = from_encoder(encoder).eval()
    theirs: Any = MPNetModel.from_pretrained(encoder, add_pooling_layer=False)
    known = json.loads((encoder / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    encoded = tokenizer.encode("Who lit it?", "Ada Moor lit the lamp.")
    special = {"[CLS]": "<s>", "[SEP]": "</s>"}
    ids = torch.tensor([[known[special.get(piece, piece)] for piece in encoded.tokens]])
    ours = torch.tensor([encoded.ids])
    mask = torch.ones_like(ours)
    with torch.no_grad():
        expected = theirs.eval()(input_ids=ids, attention_mask=mask).last_hidden_state
        found = reader(ours, mask, mask)
    assert torch.allclose(found.starts, reader.tokens(expected)[..., 0], atol=1e-5)
    assert torch.allclose(found.polarity, reader.window(expected[:, 0])[:, 1:], atol=1e-5)


def test_the_bundled_encoder_becomes_a_reader_with_heads_by_the_seed() -> None:
    one, two = from_encoder(bundled_path(), seed=1), from_encoder(bundled_path(), seed=2)
    assert one.kind == "bert"
    assert torch.equal(
        one.encoder.embeddings.word_embeddings.weight, two.encoder.embeddings.word_embeddings.weight
    )
    assert not torch.equal(one.tokens.weight, two.tokens.weight)


def test_an_encoder_that_lacks_word_pieces_or_weights_is_refused(
    encoder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "encoder"
    shutil.copytree(encoder, folder)
    path = folder / "tokenizer.json"
    described = json.loads(path.read_text("utf-8"))
    number = described["model"]["vocab"].pop("lamp")
    described["model"]["vocab"]["lantern-jawed"] = number
    path.write_text(json.dumps(described), "utf-8")
    with pytest.raises(SettingsError, match=r"1 of the reader's word pieces, 'lamp'"):
        from_encoder(folder)
    shutil.copy(encoder / "tokenizer.json", path)
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, "num_hidden_layers": 2}), "utf-8")
    with pytest.raises(SettingsError, match=r"lacks encoder\.layer\.1"):
        from_encoder(folder)


@pytest.mark.parametrize("make", [load, from_encoder])
def test_a_folder_without_a_model_is_named(make: object, tmp_path: Path) -> None:
    assert callable(make)
    with pytest.raises(SettingsError, match=str(tmp_path)):
        make(tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "bert"}', "utf-8")
    (tmp_path / "tokenizer.json").write_text('{"model": {"vocab": {}}}', "utf-8")
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    with pytest.raises(SettingsError, match=str(tmp_path)):
        make(tmp_path)


def test_another_kind_of_encoder_is_refused() -> None:
    with pytest.raises(SettingsError, match="'roberta' cannot become a reader"):
        ReaderModel({"model_type": "roberta"})


def test_averaged_weights_are_the_mean(tmp_path: Path) -> None:
    one, two = tiny_model(seed=1), tiny_model(seed=2)
    save(one, tmp_path / "one")
    save(two, tmp_path / "two")
    mean = averaged([tmp_path / "one", tmp_path / "two", tmp_path / "two"]).state_dict()
    assert not torch.equal(one.tokens.weight, two.tokens.weight)
    for name, value in one.state_dict().items():
        expected = (value + 2 * two.state_dict()[name]) / 3
        assert torch.allclose(mean[name], expected, atol=1e-6)
    save(tiny_model("mpnet"), tmp_path / "other")
    with pytest.raises(SettingsError, match="other is of another size"):
        averaged([tmp_path / "one", tmp_path / "other"])
