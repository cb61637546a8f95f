"""The reader in use with its calibration, which may have been fitted to this index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiqa.answers.builder import outcome
from aiqa.answers.calibration import Calibration, Strictness
from aiqa.config import Settings
from aiqa.document_store import DocumentStore
from aiqa.embedders import Embedder
from aiqa.errors import CatalogError
from aiqa.reader import Reader
from aiqa.reader.deadline import Deadline
from aiqa.reader.factory import LoadedReader
from aiqa.reader.span_reader import SpanReader
from aiqa.types import Answer, Outcome, Reading, ScoredChunk

_NOTE = "calibrations"
"""Name of the note in the catalog that holds the calibrations fitted to the index, by ``_key``."""


class CalibratedReader:
    """Holds a reader, its own calibration, and the one that was fitted to an index, if any."""

    def __init__(
        self, loaded: LoadedReader, store: DocumentStore, settings: Settings, embedder: Embedder
    ) -> None:
        self._loaded = loaded
        self._store = store
        self._settings = settings
        self._embedder = embedder

    @property
    def reader(self) -> Reader:
        """The reader."""
        return self._loaded.reader

    def read(
        self, question: str, chunks: Sequence[ScoredChunk], deadline: Deadline | None
    ) -> Reading:
        """Return what the reader makes of ``chunks``; not every reader can keep a ``deadline``."""
        if deadline and isinstance(self.reader, SpanReader):
            return self.reader.read(question, chunks, deadline)
        return self.reader.read(question, chunks)

    def after(self, deadline: Deadline | None) -> tuple[Calibration, Calibration | None]:
        """Return the calibrations, of confidence and of ``stated``, of what was read in time."""
        alone = self._loaded.alone
        if deadline and deadline.first_only and alone:
            return alone.confidence, alone.stated
        return self.calibration, self.stated

    @property
    def stated(self) -> Calibration | None:
        """The calibration of whether the documents state an answer; None if the reader has none."""
        return self._loaded.stated

    @property
    def own_calibration(self) -> Calibration:
        """The calibration that belongs to the reader."""
        return self._loaded.confidence

    @property
    def calibration(self) -> Calibration:
        """The calibration in use: the one fitted to this index, otherwise the reader's own."""
        data = self._fitted_to_index()
        try:
            return Calibration.of(data) if data else self.own_calibration
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            raise _damaged() from error

    @property
    def is_calibrated(self) -> bool:
        """Whether the calibration in use was fitted to this reader, not to another model."""
        return not self._loaded.is_borrowed or bool(self._fitted_to_index())

    def keep_calibration(self, calibration: Calibration) -> None:
        """Store ``calibration`` in the index, for use with this reader and embedder.

        Raises:
            CatalogError: there is no usable index, or it cannot be written.
        """
        index = self._store.index
        with index.writing(), index.catalog.transaction(visible=False) as changes:
            stored = index.catalog.note(_NOTE) or {}
            changes.note(_NOTE, {**stored, self._key: calibration.as_dict()})

    def threshold(self, min_confidence: float | None, max_risk: float | None) -> float:
        """Return the least confidence of an answer that is shown.

        Args:
            min_confidence: overrides the settings unless it and ``max_risk`` are None.
            max_risk: likewise; it has precedence over ``min_confidence``.
        """
        if min_confidence is None and max_risk is None:
            strictness = Strictness(self._settings.min_confidence, self._settings.max_risk)
        else:
            strictness = Strictness(min_confidence or 0.0, max_risk)
        return strictness.least(self.calibration)

    def outcome_of(self, answer: Answer) -> Outcome:
        """Return the outcome of ``answer`` under the settings, whatever threshold gave it."""
        if answer.abstained:
            return answer.outcome
        return outcome(answer.confidence, answer.stated, self.threshold(None, None))

    def _fitted_to_index(self) -> dict[str, Any] | None:
        """Return the stored calibration, as ``Calibration.as_dict`` gives it."""
        stored = self._store.index.catalog.note(_NOTE) if self._store.has_index else None
        if not isinstance(stored, dict | None):
            raise _damaged()
        data: dict[str, Any] | None = (stored or {}).get(self._key)
        return data

    @property
    def _key(self) -> str:
        """What a calibration depends on: reader, embedder, and the names of the evidence."""
        names = self.own_calibration.names
        return " ".join((self.reader.identity, self._embedder.identity, *names))


def _damaged() -> CatalogError:
    return CatalogError(
        "The calibration in the index is damaged.", "Fit it again with `aiqa calibrate`."
    )
