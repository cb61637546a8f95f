"""Methods of a class that call those of one of its parts."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

Whole = TypeVar("Whole")
Part = TypeVar("Part")
Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def delegate(
    part: Callable[[Whole], Part], method: Callable[Concatenate[Part, Arguments], Result]
) -> Callable[Concatenate[Whole, Arguments], Result]:
    """Make a method with the arguments, result and documentation of ``method``, which it calls.

    Args:
        part: gives the part of an instance that ``method`` is called on.
        method: a method of the part's class.
    """

    @wraps(method)
    def call(whole: Whole, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        return method(part(whole), *args, **kwargs)

    return call
