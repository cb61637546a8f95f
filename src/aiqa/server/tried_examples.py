"""Examples that were tried before, kept in the index folder until anything changes the answers.

They are the first to be tried when something has changed. For the documents that come with aiqa
there are some to begin with, in ``bundled_examples.json``: a question, the document's id, and the
words of it that answer.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from aiqa.assistant import Assistant
from aiqa.drafting.question_drafts import Draft
from aiqa.server.overview import Overview
from aiqa.types import Span


@dataclass(frozen=True, slots=True)
class TriedExamples:
    """What was found of the documents; ``key`` is of all that the answers depend on.

    Each of the ``examples`` was answered from its own place.
    """

    key: str
    overview: Overview
    examples: Sequence[Draft]


_MOST_KEPT = 4
"""Most examples that are taken over when the documents have changed."""

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
    kept = _read(folder)
    return kept if kept and kept.key == key else None


def known_drafts(assistant: Assistant) -> Iterator[Draft]:
    """Yield drafts that were answered before: of this index, else of the bundled documents.

    Those of documents that are not in the index are left out, and a few of the others, so that
    documents that came meanwhile have their turn.
    """
    kept = _read(assistant.folder)
    # An index that was opened empty keeps that there are none.
    if kept and kept.examples:
        for draft in kept.examples[:_MOST_KEPT]:
            if assistant.find(draft.document_id):
                yield draft
        return
    bundled = json.loads(files("aiqa.server").joinpath("bundled_examples.json").read_text("utf-8"))
    for one in bundled:
        document = assistant.find(one["document_id"])
        start = document.text.find(one["quote"]) if document else -1
        if start >= 0:
            place = Span(start, start + len(one["quote"]))
            yield Draft(one["question"], "fact", one["document_id"], place)


def _read(folder: Path) -> TriedExamples | None:
    try:
        return _SCHEMA.validate_json(_file(folder).read_bytes())
    except (OSError, ValidationError):
        # It is only a copy of what can be found again.
        return None


def keep_tried(folder: Path, tried: TriedExamples) -> None:
    """Write ``tried`` to the index ``folder``, in place of what was kept before."""
    draft = folder / f".examples-{os.getpid()}.json"
    # In a folder that cannot be written they are tried again at each start.
    with suppress(OSError):
        draft.write_bytes(_SCHEMA.dump_json(tried))
        draft.replace(_file(folder))


def _file(folder: Path) -> Path:
    return folder / "examples.json"
