"""Weights of four bits: what is learned is exactly what they can give."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from aiqa.training.quantization import (
    BLOCK,
    decode_blocks,
    encode_blocks,
    keep_rounded_weights,
    quantise_linears,
)


@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 3))
def test_rounded_weights_are_encoded_and_decoded_exactly(seed: int, rows: int, blocks: int) -> None:
    chance = torch.Generator().manual_seed(seed)
    weight = torch.randn(rows, blocks * BLOCK, generator=chance) * 10.0 ** (seed % 7 - 3)
    codes, scale = encode_blocks(weight)
    assert codes.shape == (rows, blocks, BLOCK)
    assert scale.shape == (rows, blocks)
    assert -8 <= int(codes.min()) <= int(codes.max()) <= 7
    rounded = decode_blocks(codes, scale, weight.shape)
    again, same = encode_blocks(rounded)
    assert torch.equal(again, codes)
    assert torch.equal(decode_blocks(again, same, weight.shape), rounded)


def test_the_largest_weight_of_a_block_is_exact_and_others_are_near() -> None:
    weight = torch.zeros(1, BLOCK)
    weight[0, :4] = torch.tensor([4.0, -1.0, 0.3, -3.9])
    codes, scale = encode_blocks(weight)
    assert float(scale) == -0.5
    assert codes[0, 0, :4].tolist() == [-8, 2, -1, 7]  # -3.9 would be 8, which there is not
    assert decode_blocks(codes, scale, weight.shape)[0, :4].tolist() == [4.0, -1.0, 0.5, -3.5]
    nothing = torch.zeros(2, BLOCK)
    assert torch.equal(decode_blocks(*encode_blocks(nothing), nothing.shape), nothing)


def test_training_goes_through_the_rounding_and_settling_ends_it() -> None:
    torch.manual_seed(0)
    first = nn.Linear(BLOCK, 8)
    layer = nn.Sequential(first, nn.LayerNorm(8))
    whole = first.weight
    inputs, before = torch.randn(3, BLOCK), first.weight.detach().clone()
    quantise_linears(layer)
    assert torch.equal(first.weight, decode_blocks(*encode_blocks(before), before.shape))
    layer(inputs).pow(2)[:, 0].sum().backward()
    assert whole.grad is not None  # the weights that an optimiser holds are still trained
    with torch.no_grad():
        whole -= 0.1 * whole.grad
    expected = layer(inputs)
    keep_rounded_weights(layer)
    assert torch.equal(layer(inputs), expected)
    weight = first.weight.detach()
    assert torch.equal(decode_blocks(*encode_blocks(weight), weight.shape), weight)
    assert not torch.equal(weight, before)
    assert {*dict(layer.named_parameters())} == {"0.weight", "0.bias", "1.weight", "1.bias"}
