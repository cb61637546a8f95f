"""What an answer came from: documents, settings, models and software."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from aiqa.document_store import DocumentStore
from aiqa.receipts.index_tree import IndexTree
from aiqa.receipts.model_digests import canonical_digest, model_digests, software
from aiqa.types import ChatTurn, Filters


@dataclass(frozen=True, slots=True)
class Asked:
    """How a question was asked: the arguments of ``QuestionAnswering.ask`` beside the question."""

    history: Sequence[ChatTurn] = ()
    filters: Filters | None = None
    min_confidence: float | None = None
    max_risk: float | None = None

    def arguments(self) -> dict[str, Any]:
        """Return the arguments by name."""
        return {name: getattr(self, name) for name in self.__slots__}

    def as_dict(self) -> dict[str, Any]:
        """Return a dictionary for JSON, which ``of`` reads."""
        return {
            "history": [{**asdict(turn), "titles": [*turn.titles]} for turn in self.history],
            "filters": {
                name: [*value] if isinstance(value, tuple) else value
                for name, value in asdict(self.filters or Filters()).items()
                if value
            },
            "min_confidence": self.min_confidence,
            "max_risk": self.max_risk,
        }

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Asked:
        """Create one from the dictionary of ``as_dict``."""
        filters: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in data["filters"].items()
        }
        history = [
            ChatTurn(**{**turn, "titles": tuple(turn["titles"])}) for turn in data["history"]
        ]
        return cls(
            history,
            Filters(**filters) if filters else None,
            data["min_confidence"],
            data["max_risk"],
        )


@dataclass(frozen=True, slots=True)
class Models:
    """Identities of reader and embedder, and the calibrations in use, as JSON values."""

    reader: str
    embedder: str
    calibrations: Sequence[Any]


class Provenance:
    """Tells what answers from ``store`` come from; ``models`` returns the models in use.

    Raises:
        CatalogError: there is no usable index, or the text of a document is damaged; from any
            method.
    """

    def __init__(self, store: DocumentStore, models: Callable[[], Models]) -> None:
        self.store = store
        self._models = models
        self._tree: IndexTree | None = None

    @property
    def tree(self) -> IndexTree:
        """The tree over the documents of the present generation."""
        tree = self._tree
        if tree is None or tree.generation != self.store.generation:
            tree = self._tree = IndexTree(self.store.index.catalog, self.store.folder)
        return tree

    def settings(self, asked: Asked) -> dict[str, Any]:
        """Return the settings in effect for a question."""
        settings = self.store.settings.model_dump()
        if asked.min_confidence is None and asked.max_risk is None:
            return settings
        own = {"min_confidence": asked.min_confidence or 0.0, "max_risk": asked.max_risk}
        return {**settings, **own}

    def as_dict(self, asked: Asked) -> dict[str, Any]:
        """Return index, models and software, with a digest for each that has one."""
        models, digests = self._models(), model_digests(self.store.settings)
        return {
            "index": self.tree.as_dict(),
            "settings": canonical_digest(self.settings(asked)),
            "reader": {"name": models.reader, "sha256": digests["reader"]},
            "embedder": {"name": models.embedder, "sha256": digests["embedder"]},
            "calibration": canonical_digest(models.calibrations),
            "software": software(),
        }
