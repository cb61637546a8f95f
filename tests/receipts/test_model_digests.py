"""Digests of weights: they change when a file does."""

from __future__ import annotations

from pathlib import Path

from aiqa import Settings
from aiqa.receipts.model_digests import model_digests


def test_every_reader_has_its_own() -> None:
    names = ("aiqa-reader", "aiqa-reader-small", "sentences")
    digests = [model_digests(Settings.load(reader=name)) for name in names]
    assert len({one["reader"] for one in digests}) == 3
    assert len({one["embedder"] for one in digests}) == 1


def test_a_folder_has_one_of_all_its_files(tmp_path: Path) -> None:
    digests = []
    for name, weights, note in (("a", b"1", "x"), ("b", b"1", "y"), ("c", b"2", "x")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "model.safetensors").write_bytes(weights)
        (folder / "README.md").write_text(note, "utf-8")
        digests.append(model_digests(Settings.load(reader=str(folder)))["reader"])
    assert digests[0] == digests[1] != digests[2]
