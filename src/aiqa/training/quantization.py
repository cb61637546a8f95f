"""Weights of four bits in training: what is learned is what fits (quantisation-aware training).

Jacob et al., "Quantization and training of neural networks for efficient integer-arithmetic-only
inference", CVPR 2018; gradients pass straight through the rounding (Bengio et al., 2013). The
format is that of ONNX Runtime's ``MatMulNBits``: blocks along the inputs, a scale for each, codes
from 0 to 15 of which 8 stands for zero.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils import parametrize

BLOCK = 64
_LOWEST, _HIGHEST = -8, 7


class FourBits(nn.Module):
    """The weight as four bits give it back; its gradient is the rounded weight's."""

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        """Return the rounded weight, ``(outputs, inputs)``."""
        codes, scale = encode_blocks(weight.detach())
        return weight + (decode_blocks(codes, scale, weight.shape) - weight).detach()


def encode_blocks(weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return codes from -8 to 7, ``(outputs, blocks, BLOCK)``, and scales ``(outputs, blocks)``.

    The largest weight of a block by magnitude is -8 times its scale, which may be negative.
    """
    blocks = weight.float().reshape(weight.shape[0], -1, BLOCK)
    largest = blocks.gather(2, blocks.abs().argmax(2, keepdim=True))[..., 0]
    scale = largest / _LOWEST
    scale = torch.where(scale == 0, torch.ones_like(scale), scale)
    codes = (blocks / scale[..., None]).round().clamp(_LOWEST, _HIGHEST)
    return codes, scale


def decode_blocks(codes: torch.Tensor, scale: torch.Tensor, shape: torch.Size) -> torch.Tensor:
    """Return the weights that ``codes`` and ``scale`` stand for."""
    return (codes * scale[..., None]).reshape(shape)


def quantise_linears(encoder: nn.Module) -> None:
    """Train the matrices of ``encoder``'s layers as four bits from now on."""
    for module in encoder.modules():
        if isinstance(module, nn.Linear) and not parametrize.is_parametrized(module):
            parametrize.register_parametrization(module, "weight", FourBits())


def keep_rounded_weights(encoder: nn.Module) -> None:
    """End it: weights become what four bits give back."""
    for module in encoder.modules():
        if isinstance(module, nn.Linear) and parametrize.is_parametrized(module):
            parametrize.remove_parametrizations(module, "weight", leave_parametrized=True)
