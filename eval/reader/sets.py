"""Public question sets as collections of documents that aiqa indexes and is asked about."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from aiqa import Assistant
from aiqa.config import Settings
from aiqa.embedders import Embedder
from aiqa.retrieval.retriever import Retriever
from aiqa.types import ScoredChunk

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Case:
    """A question, its accepted answers, and the source that holds its passage."""

    question: str
    answers: tuple[str, ...]
    source: str
    context: str
    article: str

    @classmethod
    def of(cls, row: dict[str, Any], source: str) -> Self:
        """The question of a row, whose context is in ``source``."""
        return cls(
            row["question"],
            tuple(a if isinstance(a, str) else a["text"] for a in row["answers"]),
            source,
            row["context"],
            row.get("title", row["context"]),
        )


class Collection:
    """All contexts of a set as one index, made in ``work`` at the first time."""

    def __init__(
        self, name: str, rows: Sequence[dict[str, Any]], work: Path, embedder: Embedder
    ) -> None:
        self.name = name
        contexts = list(dict.fromkeys(row["context"] for row in rows))
        self._names = {text: f"docs/{number:05d}.txt" for number, text in enumerate(contexts)}
        folder = work / "docs"
        folder.mkdir(parents=True, exist_ok=True)
        for text, source in self._names.items():
            path = work / source
            if not path.exists():
                path.write_text(text, "utf-8")
        self.cases = [self.case(row) for row in rows]
        settings = Settings.load()
        assistant = Assistant(work / "index", settings, embedder=embedder)
        assistant.ingest(folder)
        index = assistant.store.index
        self._retriever = Retriever(
            index,
            embedder,
            settings.candidates,
            (settings.dense_weight, settings.lexical_weight),
        )
        self._k = settings.read_chunks
        catalog = index.catalog
        self._keys: dict[str, list[int]] = {}
        for chunk in catalog.chunks_by_document(catalog.keys()):
            self._keys.setdefault(chunk.source, []).append(chunk.key)

    def case(self, row: dict[str, Any]) -> Case:
        """The question of a row, whose context is in this collection."""
        return Case.of(row, self._names[row["context"]])

    def search(self, case: Case, *, removed: bool) -> list[ScoredChunk]:
        """What retrieval finds; ``removed``: as if the case's own passage were not there."""
        without = self._keys[case.source] if removed else []
        return self._retriever.search(case.question, self._k, without=without)


def rows(path: Path, most: int | None = None) -> list[dict[str, Any]]:
    """The rows of a gzipped JSONL file, or ``most`` of them, evenly spread."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    return spread(found, most)


def spread(items: Sequence[Row], most: int | None) -> list[Row]:
    """``most`` of the items, evenly spread, or all."""
    if most is None or most >= len(items):
        return list(items)
    return [items[i * len(items) // most] for i in range(most)]
