"""The assistant that a component asks: named by folder and settings, so that it can be stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from aiqa.assistant import Assistant
from aiqa.config import Settings
from aiqa.errors import SettingsError
from aiqa.types import Filters

IndexSource = str | Path | Assistant
"""An index folder, or an assistant that is open already."""


def open_index(index: IndexSource, settings: Mapping[str, Any] | None = None) -> Assistant:
    """Return the assistant for ``index``; ``settings`` override those of files and environment.

    Components that name the same folder and settings share one, with its models, until the
    program ends. An assistant that is given is used as it is, and its owner closes it.

    Raises:
        SettingsError: a setting is unknown or out of range.
    """
    if isinstance(index, Assistant):
        return index
    return _shared(Path(index).absolute(), Settings.load(**(settings or {})))


def stored_form(index: IndexSource, settings: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return ``index`` and ``settings`` as JSON values, from which ``open_index`` opens both."""
    if isinstance(index, Assistant):
        return {"index": str(index.folder), "settings": index.settings.model_dump(mode="json")}
    return {"index": str(index), "settings": dict(settings) if settings else None}


def read_filters(given: Filters | Mapping[str, Any] | None) -> Filters | None:
    """Return the filters that ``given`` has, by the names of the fields of ``Filters``.

    Raises:
        SettingsError: there is no such field, or its value is of the wrong type.
    """
    if given is None or isinstance(given, Filters):
        return given
    from pydantic import TypeAdapter, ValidationError

    known = [field.name for field in fields(Filters)]
    if unknown := sorted(given.keys() - set(known)):
        raise SettingsError(
            f"There is no filter {unknown[0]!r}.", f"Choose among {', '.join(known)}."
        )
    try:
        return TypeAdapter(Filters).validate_python(dict(given))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise SettingsError(
            f"The filter {first['loc'][0]} cannot be used: {first['msg']}.", "Correct its value."
        ) from error


@cache
def _shared(folder: Path, settings: Settings) -> Assistant:
    return Assistant(folder, settings)
