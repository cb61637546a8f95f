"""Split an iterable into lists of limited length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(items: Iterable[T], most: int) -> Iterator[list[T]]:
    """Yield ``items`` in lists of ``most``, the last of which may be shorter."""
    left = iter(items)
    while some := list(islice(left, most)):
        yield some
