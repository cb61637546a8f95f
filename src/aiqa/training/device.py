"""What training runs on: an accelerator where there is one, half precision where it is faster."""

from __future__ import annotations

import ctypes
import sys
from contextlib import AbstractContextManager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

# From malloc.h of the GNU C library.
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX, _M_ARENA_MAX = -1, -2, -4, -8
_NEVER = 2**31 - 1
_GROWTH = 256 << 20


@cache
def device() -> torch.device:
    """Return where models and batches go: a CUDA device if PyTorch finds one, else the CPU."""
    import torch

    # cuDNN plans attention anew for every length of a batch, for longer than a step takes.
    torch.backends.cuda.enable_cudnn_sdp(enabled=False)
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def mixed_precision() -> AbstractContextManager[object]:
    """Compute products in bfloat16 where they are faster, everything else in float32."""
    import torch

    return torch.autocast(device().type, torch.bfloat16, enabled=_is_faster())


@cache
def _is_faster() -> bool:
    """Whether it is an accelerator, multiplies tiles of bfloat16, or is AMD's with AVX-512's.

    With the last a step took an EPYC 0.58 of the time that float32 takes, and a Xeon 1.5 times as
    long; with none bfloat16 is emulated.
    """
    import torch

    able = torch.cpu.get_capabilities()
    products = able.get("avx512_bf16", False) and "AMD" in able.get("cpu_name", "")
    return device().type == "cuda" or bool(able.get("amx_tile", False) or products)


def keep_freed_memory() -> bool:
    """Let this process keep freed memory for reuse; return whether the C library can.

    To be called before threads are started. glibc hands every large block back to the kernel at
    once, which costs a third of the time of a training step; elsewhere nothing need be done.
    """
    if sys.platform != "linux":
        return False
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallopt") or not hasattr(library, "gnu_get_libc_version"):
        return False
    options = (
        (_M_MMAP_MAX, 0),
        (_M_TRIM_THRESHOLD, _NEVER),
        (_M_TOP_PAD, _GROWTH),
        (_M_ARENA_MAX, 1),
    )
    results = [library.mallopt(option, value) for option, value in options]
    return all(results)
