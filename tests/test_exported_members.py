"""What ``aiqa`` exports: everything that a user of ``Assistant`` may want to name."""

import dataclasses
import inspect
from collections.abc import Iterator
from types import GenericAlias
from typing import Any, get_args, get_type_hints

import pytest

import aiqa


def classes(hint: Any) -> Iterator[type]:
    """The classes of aiqa in a type, those in its arguments and in fields of dataclasses too."""
    parts = [*get_args(hint)]
    for part in [part for part in parts if isinstance(part, list)]:
        parts += part
    if isinstance(hint, type) and not isinstance(hint, GenericAlias):
        if hint.__module__.split(".")[0] == "aiqa":
            yield hint
        if dataclasses.is_dataclass(hint):
            parts += get_type_hints(hint).values()
    for part in parts:
        yield from classes(part)


def public_methods() -> Iterator[tuple[str, Any]]:
    """The constructors, methods and properties of the assistant, as functions."""
    for name, member in inspect.getmembers_static(aiqa.Assistant):
        if name == "__init__" or not name.startswith("_"):
            yield (
                name,
                getattr(member, "fget", None)
                or getattr(member, "func", getattr(member, "__func__", member)),
            )


@pytest.mark.parametrize(("name", "method"), list(public_methods()))
def test_every_type_that_the_assistant_takes_or_returns_is_exported(name: str, method: Any) -> None:
    used = {cls for hint in get_type_hints(method).values() for cls in classes(hint)}
    exported = {getattr(aiqa, name) for name in aiqa.__all__}
    assert used <= exported, name


def test_the_public_names_are_in_order_and_documented() -> None:
    assert aiqa.__all__ == sorted(aiqa.__all__)
    for name in aiqa.__all__:
        member = getattr(aiqa, name)
        assert not isinstance(member, type) or member.__doc__, name
