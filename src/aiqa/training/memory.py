"""A heap that keeps what it has: given back after every step, memory costs a third of the time."""

from __future__ import annotations

import ctypes
import sys

# From malloc.h of the GNU C library.
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX, _M_ARENA_MAX = -1, -2, -4, -8
_NEVER = 2**31 - 1
_GROWTH = 256 << 20


def keep_memory() -> bool:
    """Let this process keep freed memory for reuse; whether the C library knows how.

    To be called before threads are started. Elsewhere than with glibc, whose default hands every
    large block back to the kernel at once, nothing need be done.
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
