"""What is being done, for whoever waits."""

from __future__ import annotations

import time

_CLOCK = time.monotonic()


def say(words: str) -> None:
    """A line with the seconds since the start."""
    print(f"{time.monotonic() - _CLOCK:6.0f} s  {words}", flush=True)
