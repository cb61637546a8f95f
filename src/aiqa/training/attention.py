"""Attention as processors like it: whole products in half precision, and nothing more.

The fused kernel's way back takes two thirds of a training step on a processor; transformers' own
plain one copies the scores to single precision and back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

NAME = "aiqa_plain"
"""Under which ``register`` makes it known: ``from_pretrained(…, attn_implementation=NAME)``."""


def register() -> None:
    """Make the attention known to transformers."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import eager_mask

    AttentionInterface.register(NAME, _attention)
    AttentionMaskInterface.register(NAME, eager_mask)


def _attention(
    module: torch.nn.Module,  # noqa: ARG001  # the interface is transformers'
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float,
    **_: Any,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Softmax of scaled products, without dropout; all of shape ``(batch, heads, length, size)``.

    Vaswani et al., "Attention is all you need", 2017.
    """
    import torch

    scores = torch.matmul(query * scaling, key.transpose(2, 3))
    if attention_mask is not None:
        scores = scores + attention_mask.to(scores.dtype)
    with torch.autocast("cpu", enabled=False):
        weights = torch.softmax(scores, -1)
        mixed = torch.matmul(weights, value)
    return mixed.transpose(1, 2).contiguous(), weights
