"""Which reader is opened by its name or folder, and with which calibrations."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aiqa import Assistant
from aiqa.checksums import sha256
from aiqa.cli.main import app
from aiqa.embedders import Embedder
from aiqa.errors import DependencyError
from aiqa.reader import factory
from aiqa.reader.factory import (
    BUNDLED,
    BUNDLED_SMALL,
    FITTED,
    FOLDER,
    SENTENCES,
    Fitted,
    open_reader,
)
from aiqa.reader.qa_models import TOKENIZER
from aiqa.reader.span_features import CONFIDENCE
from aiqa.reader.span_reader import SpanReader
from tests.reader.fakes import TEXT, hit


def test_what_is_fitted_to_the_bundled_readers_goes_with_their_weights() -> None:
    fitted = Fitted.read(FOLDER / FITTED)
    assert {name: sha256(FOLDER / name) for name in fitted.checksums} == fitted.checksums
    assert set(fitted.readers) == {BUNDLED, BUNDLED_SMALL}
    for one in fitted.readers.values():
        assert one.confidence.names == one.stated.names == CONFIDENCE
        assert one.confidence.risks
        assert one.confidence.source
        assert one.weights.spans.weights["score"] + one.weights.spans.weights["beats_null"] > 0
        assert one.weights.chunks.weights["first_answering"] > 0


def test_what_is_fitted_survives_its_file(tmp_path: Path) -> None:
    fitted = Fitted.read(FOLDER / FITTED)
    fitted.write(tmp_path / "own.json")
    assert Fitted.read(tmp_path / "own.json") == fitted


def test_the_bundled_readers_need_their_own_tokenizer(
    embedder: Embedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in FOLDER.iterdir():
        (tmp_path / file.name).symlink_to(file)
    whole = (FOLDER / TOKENIZER).read_text("utf-8")
    (tmp_path / TOKENIZER).unlink()
    (tmp_path / TOKENIZER).write_text(whole.replace('"harbour"', '"harbor-"'), "utf-8")
    monkeypatch.setattr(factory, "FOLDER", tmp_path)
    with pytest.raises(DependencyError, match=r"tokenizer\.json is not the one aiqa was made with"):
        open_reader(BUNDLED_SMALL, lambda: embedder)


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"checksums": {}, "readers": {"a": {}}}'])
def test_a_file_of_something_else_is_named(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / FITTED
    if text is not None:
        path.write_text(text, "utf-8")
    with pytest.raises(DependencyError, match=r"calibration\.json cannot be used"):
        Fitted.read(path)


def test_the_small_reader_works_alone_in_the_same_seat(
    embedder: Embedder, harbour: Path, open_assistant: Callable[..., Assistant]
) -> None:
    opened = open_reader(BUNDLED_SMALL, lambda: embedder)
    assert isinstance(opened.reader, SpanReader)
    assert opened.reader.identity.startswith(f"{BUNDLED_SMALL}@")
    assert "+" not in opened.reader.identity
    assert "+aiqa-reader-base@" in open_reader(BUNDLED, lambda: embedder).reader.identity
    (best,) = opened.reader.read("When was the lamp lit?", [hit(TEXT, start=7)]).answer
    assert (best.text, best.span.start) == ("1887", 7 + TEXT.index("1887"))
    assert not opened.is_borrowed
    assistant = open_assistant(harbour.parent / "index", reader=BUNDLED_SMALL)
    assistant.ingest(harbour)
    answer = assistant.ask("When was the lighthouse lit?", min_confidence=0)
    assert answer.text == "1887"
    assert answer.citations[0].source == "docs/lighthouse.md"
    assert 0 < answer.confidence < 1


def test_the_sentence_reader_tells_nothing_of_what_is_stated(
    embedder: Embedder,
) -> None:
    opened = open_reader(SENTENCES, lambda: embedder)
    assert opened.stated is None
    assert not opened.is_borrowed


def test_a_hub_model_takes_the_same_seat_by_its_folder(hub_model: Path, embedder: Embedder) -> None:
    reader, confidence, stated, is_borrowed, _ = open_reader(str(hub_model), lambda: embedder)
    assert is_borrowed
    assert stated is not None
    reading = reader.read("Who lit the lamp?", [hit(TEXT)])
    assert reader.identity.startswith("tiny-qa@")
    assert reading.answer[0].text in TEXT
    for calibration in (confidence, stated):
        assert 0 <= calibration.confidence(reading.answer[0].evidence) <= 1
    again = open_reader(str(hub_model), lambda: embedder)
    assert again.reader.read("Who lit the lamp?", [hit(TEXT)]) == reading


def test_a_folder_as_train_gold_writes_it_is_read_by_its_onnx_file(
    tmp_path: Path, embedder: Embedder
) -> None:
    for path in (*FOLDER.glob("small*"), FOLDER / "tokenizer.json"):
        shutil.copy(path, tmp_path)
    reader, _, stated, is_borrowed, _ = open_reader(str(tmp_path), lambda: embedder)
    assert is_borrowed
    assert stated is not None
    bundled = open_reader(BUNDLED_SMALL, lambda: embedder).reader
    assert reader.identity.partition("@")[2] == bundled.identity.partition("@")[2]
    assert reader.read("Who lit the lamp?", [hit(TEXT)]) == bundled.read(
        "Who lit the lamp?", [hit(TEXT)]
    )


def test_a_folder_may_bring_a_calibration_of_its_own(
    hub_model: Path, tmp_path: Path, embedder: Embedder
) -> None:
    folder = tmp_path / "own-qa"
    shutil.copytree(hub_model, folder)
    fitted = Fitted.read(FOLDER / FITTED)
    small = fitted.readers[BUNDLED_SMALL]
    own = replace(small, confidence=replace(small.confidence, source="own"))
    Fitted({}, {BUNDLED_SMALL: own}).write(folder / FITTED)
    opened = open_reader(str(folder), lambda: embedder)
    assert not opened.is_borrowed
    assert opened.confidence.source == "own"
    Fitted({}, {"other": own}).write(folder / FITTED)
    with pytest.raises(DependencyError, match="nothing fitted to 'aiqa-reader-small'"):
        open_reader(str(folder), lambda: embedder)
    names = ("other", *own.stated.names[1:])
    older = replace(own, stated=replace(own.stated, names=names))
    Fitted({}, {BUNDLED_SMALL: older}).write(folder / FITTED)
    with pytest.raises(DependencyError, match="fitted by another version of aiqa"):
        open_reader(str(folder), lambda: embedder)


def test_borrowed_confidence_is_said_to_be(
    hub_model: Path,
    harbour: Path,
    open_assistant: Callable[..., Assistant],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index = harbour.parent / "index"
    open_assistant(index).ingest(harbour)
    command = ["ask", "Who lit the lamp?", "--index", str(index)]
    assert "not fitted" not in CliRunner().invoke(app, command).stderr
    monkeypatch.setenv("AIQA_READER", str(hub_model))
    assert "confidence was not fitted to the reader" in CliRunner().invoke(app, command).stderr
    assistant = open_assistant(index, reader=str(hub_model))
    assert not assistant.is_calibrated
    assistant.keep_calibration(assistant.reader_calibration)
    assert assistant.is_calibrated


def test_a_reader_that_is_not_there_is_named(embedder: Embedder) -> None:
    with pytest.raises(DependencyError, match="deepset/roberta"):
        open_reader("deepset/roberta-base-squad2", lambda: embedder)
