"""Examples that were tried before, kept in the index folder until anything changes the answers."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from aiqa.assistant import Assistant
from aiqa.server.overview import Overview


@dataclass(frozen=True, slots=True)
class ExampleQuestion:
    """A question that was answered from the document of its draft."""

    question: str
    document_id: str


@dataclass(frozen=True, slots=True)
class TriedExamples:
    """What was found of the documents; ``key`` is of all that the answers depend on."""

    key: str
    overview: Overview
    examples: Sequence[ExampleQuestion]


_SCHEMA = TypeAdapter(TriedExamples)


def examples_key(assistant: Assistant) -> str:
    """Return what changes whenever an answer may change.

    Raises:
        CatalogError: there is no usable index.
    """
    catalog = assistant.store.index.catalog
    parts = [
        version("aiqa"),
        catalog.stamp(catalog.generation),
        assistant.settings.model_dump(mode="json"),
        assistant.reader.identity,
        assistant.embedder.identity,
        assistant.calibration.as_dict(),
    ]
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def read_tried(folder: Path, key: str) -> TriedExamples | None:
    """Return what is kept in the index ``folder``; None if it is of another ``key``."""
    try:
        kept = _SCHEMA.validate_json(_file(folder).read_bytes())
    except (OSError, ValidationError):
        # It is only a copy of what can be found again.
        return None
    return kept if kept.key == key else None


def keep_tried(folder: Path, tried: TriedExamples) -> None:
    """Write ``tried`` to the index ``folder``, in place of what was kept before."""
    draft = folder / f".examples-{os.getpid()}.json"
    # In a folder that cannot be written they are tried again at each start.
    with suppress(OSError):
        draft.write_bytes(_SCHEMA.dump_json(tried))
        draft.replace(_file(folder))


def _file(folder: Path) -> Path:
    return folder / "examples.json"
