"""Signs of life of loaders whose work takes long for good reasons, such as OCR of many pages."""

from __future__ import annotations

from collections.abc import Callable

_listeners: list[Callable[[], None]] = []


def listen(listener: Callable[[], None]) -> None:
    """Have ``listener`` called after each step of a loader."""
    _listeners.append(listener)


def step_done() -> None:
    """Tell that a loader is getting on."""
    for listener in _listeners:
        listener()
