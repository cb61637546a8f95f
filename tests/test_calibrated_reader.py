"""The reader with the calibration of its index or its own: what is shown by it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiqa import Assistant, Settings
from aiqa.answers.calibration import (
    RISKS,
    Calibration,
)
from aiqa.calibrated_reader import CalibratedReader
from aiqa.embedders import Vectors
from aiqa.errors import CatalogError
from aiqa.reader.factory import LoadedReader
from aiqa.types import Document, Reading, RiskLevel, ScoredChunk, ScoredSpan
from tests.conftest import Open


def test_one_document_read_alone_has_the_same_calibration_as_all(
    harbour: Path, open_assistant: Open
) -> None:
    assistant = open_assistant(harbour.parent / "index")
    assistant.ingest(harbour)
    known = assistant.reader_calibration
    document = assistant.document_at("docs/lighthouse.md")
    assert document
    question = "When was the lighthouse lit?"
    for offset, confidence in ((1000.0, 1), (-1000.0, 0)):
        assistant.keep_calibration(replace(known, offset=offset))
        alone = assistant.ask_document(question, document, min_confidence=0)
        assert alone.text == "1887"
        every = assistant.ask(question, min_confidence=0)
        assert alone.confidence == pytest.approx(confidence, abs=1e-6)
        assert every.confidence == pytest.approx(confidence, abs=1e-6)


@pytest.mark.parametrize("note", ["[1]", '"x"', '{"KEY": {"names": 3}}', '{"KEY": [1]}'])
def test_a_calibration_that_is_none_is_an_error_that_says_what_to_do(
    assistant: Assistant, note: str
) -> None:
    assistant.keep_calibration(assistant.reader_calibration)
    catalog = assistant.store.index.catalog
    (key,) = catalog.note("calibrations")
    with catalog.transaction(visible=False) as changes:
        changes.note("calibrations", json.loads(note.replace("KEY", key)))
    with pytest.raises(CatalogError, match=r"calibration.*damaged.*`aiqa calibrate`"):
        assistant.ask("What was the Petrel carrying?")


@given(
    confidence=st.one_of(st.floats(0, 1), st.sampled_from([level / 10 for level in range(11)])),
    min_confidence=st.sampled_from([0.0, 0.3, 0.5, 1.0]),
    max_risk=st.one_of(st.none(), st.sampled_from([0.001, *RISKS])),
)
def test_what_would_be_shown_is_what_is_answered(
    tmp_path_factory: pytest.TempPathFactory,
    confidence: float,
    min_confidence: float,
    max_risk: float | None,
) -> None:
    levels = tuple(RiskLevel(risk, 1 - 3 * risk, 0.5) for risk in RISKS)
    # So that its confidence is this one, or all but.
    inside = min(max(confidence, 1e-12), 1 - 1e-12)
    evidence = float(np.log(inside) - np.log1p(-inside))
    calibration = Calibration(("a",), (0.0,), (1.0,), (1.0,), 0.0, levels)
    settings = Settings.load(min_confidence=min_confidence, max_risk=max_risk)
    assistant = Assistant(tmp_path_factory.getbasetemp() / "none", settings, Told((evidence,)))
    loaded = LoadedReader(Told((evidence,)), calibration, None, is_borrowed=False)
    assistant.__dict__["_reader"] = CalibratedReader(
        loaded, assistant.store, settings, assistant.embedder
    )
    document = Document("d", "d.txt", "text", "Lamp", "It was lit in 1887.")
    shown = assistant.ask_document("When?", document)
    asked_anyway = assistant.ask_document("When?", document, min_confidence=0)
    assert asked_anyway.confidence == shown.confidence == calibration.confidence((evidence,))
    assert assistant.outcome_of(asked_anyway) == shown.outcome
    assert assistant.outcome_of(shown) == shown.outcome


class Told:
    """A reader that finds the whole chunk, with this evidence; and an embedder."""

    identity, dimensions, max_tokens = "told", 2, 256

    def __init__(self, evidence: tuple[float, ...]) -> None:
        self._evidence = evidence

    def read(self, question: str, chunks: Sequence[ScoredChunk]) -> Reading:  # noqa: ARG002
        chunk = chunks[0].chunk
        return Reading((ScoredSpan(chunk, chunk.span, 0.0, "sentence", self._evidence),))

    def rerank(self, question: str, chunks: Sequence[ScoredChunk]) -> list[ScoredChunk]:  # noqa: ARG002
        return list(chunks)

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def encode(
        self,
        texts: Sequence[str],
        on_progress: Callable[[int], None] | None = None,  # noqa: ARG002
    ) -> Vectors:
        return np.tile(np.array([1, 0], np.float32), (len(texts), 1))
