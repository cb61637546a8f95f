"""Properties that are computed once, by one thread while the others wait."""

from __future__ import annotations

from functools import cached_property
from threading import RLock
from typing import Any, Self, TypeVar, overload

T = TypeVar("T")


class SharedProperty(cached_property[T]):
    """A ``cached_property`` for objects that several threads use; since Python 3.12 it is none."""

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> T: ...
    def __get__(self, instance: object, owner: type[Any] | None = None) -> Self | T:
        """Return the value, which is computed if it was not before."""
        if instance is None:
            return self
        with instance.__dict__.setdefault(f"lock of {self.attrname}", RLock()):
            return super().__get__(instance, owner)
