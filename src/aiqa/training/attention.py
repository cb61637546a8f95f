"""Attention that trains fast: plain products on a processor, the fused kernel on an accelerator.

PyTorch's fused kernel takes two thirds of a training step's way back on a processor, and
transformers' own plain attention copies the scores to single precision and back. On an accelerator
the fused kernel is the faster, but transformers has none for MPNet.
"""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from aiqa.training.model import ReaderModel

_PLAIN = "aiqa_plain"
"""The name under which transformers knows ``_plain``."""


def set_attention(model: ReaderModel, device: torch.device) -> None:
    """Let ``model`` use the attention that trains fastest on ``device``; its weights stay.

    The relative positions of MPNet are not trained on an accelerator: the fused kernels give
    biases no gradient.
    """
    if model.kind == "bert" and device.type == "cpu":
        _register()
        model.encoder.set_attn_implementation(_PLAIN)
    elif model.kind == "mpnet" and device.type == "cuda":
        fuse_attention(model)


def fuse_attention(model: ReaderModel) -> None:
    """Let an MPNet encoder use PyTorch's fused attention, and keep its relative positions."""
    model.encoder.encoder.relative_attention_bias.weight.requires_grad_(requires_grad=False)
    for layer in model.encoder.encoder.layer:
        attention = layer.attention.attn
        attention.forward = types.MethodType(_fused, attention)


def _fused(
    self: Any,
    hidden_states: torch.Tensor,
    attention_mask: None = None,  # noqa: ARG001  # the bias holds it
    position_bias: Any = None,
    **_: Any,
) -> tuple[torch.Tensor]:
    shape = (*hidden_states.shape[:-1], -1, self.attention_head_size)
    query, key, value = (
        part(hidden_states).view(shape).transpose(1, 2) for part in (self.q, self.k, self.v)
    )
    mixed = torch.nn.functional.scaled_dot_product_attention(
        query, key, value, attn_mask=position_bias.to(query.dtype)
    )
    return (self.o(mixed.transpose(1, 2).reshape(hidden_states.shape)),)


def _register() -> None:
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import eager_mask

    AttentionInterface.register(_PLAIN, _plain)
    AttentionMaskInterface.register(_PLAIN, eager_mask)


def _plain(
    module: torch.nn.Module,  # noqa: ARG001  # the interface is transformers'
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float,
    **_: Any,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the values mixed by softmax of scaled products, without dropout, and the weights.

    All of shape ``(batch, heads, length, size)``. Vaswani et al., "Attention is all you need",
    NeurIPS 2017.
    """
    scores = torch.matmul(query * scaling, key.transpose(2, 3))
    if attention_mask is not None:
        scores = scores + attention_mask.to(scores.dtype)
    with torch.autocast("cpu", enabled=False):
        weights = torch.softmax(scores, -1)
        mixed = torch.matmul(weights, value)
    return mixed.transpose(1, 2).contiguous(), weights
