"""Filters as people and programs give them, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from aiqa.errors import SettingsError
from aiqa.types import Filters, Format


def read_filters(
    sources: Sequence[str] | None = None,
    title: str | None = None,
    formats: Sequence[str] | None = None,
    collections: Sequence[str] | None = None,
) -> Filters:
    """The filters with these fields; what is None or empty does not restrict.

    Raises:
        SettingsError: there is no such format.
    """
    known: tuple[Format, ...] = get_args(Format)
    for name in formats or ():
        if name not in known:
            raise SettingsError(
                f"There is no format {name!r}.", f"Choose among {', '.join(known)}."
            )
    chosen = tuple(name for name in known if name in (formats or ()))
    return Filters(tuple(sources or ()), title, chosen, tuple(collections or ()))
