"""Half precision where it is faster."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache


def mixed_precision() -> AbstractContextManager[object]:
    """Products in bfloat16 where the processor has instructions for it, else everything in float32.

    Elsewhere bfloat16 is emulated, which is slower than float32.
    """
    import torch

    return torch.autocast("cpu", torch.bfloat16, enabled=_has_bfloat16())


@cache
def _has_bfloat16() -> bool:
    import torch

    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())  # noqa: SLF001
