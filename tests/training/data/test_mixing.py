"""The mixture is the same for the same seed, and has what the recipe says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from aiqa.embedders import Embedder
from aiqa.errors import GoldError
from aiqa.training.data.examples import Example
from aiqa.training.data.mixing import mixed
from aiqa.training.recipe import DataSource, Recipe, Stage
from tests.training.samples import write_rows

STAGE = Stage(name="a", rate=1e-4)


def made(data: Path, embedder: Embedder, seed: int = 0, **source: object) -> Sequence[Example]:
    wanted = DataSource.model_validate({"file": "lamps.jsonl.gz", **source})
    recipe = Recipe(about="x", seed=seed, sources=(wanted,), stages=(STAGE,))
    return mixed(recipe, data, embedder.encode)


def test_the_same_seed_mixes_the_same(data: Path, embedder: Embedder) -> None:
    wanted: dict[str, Any] = {
        "limit": 6,
        "near_misses": 0.5,
        "company": 2,
        "mined": 1,
        "digest": 0.3,
    }
    assert made(data, embedder, **wanted) == made(data, embedder, **wanted)
    assert made(data, embedder, **wanted) != made(data, embedder, seed=1, **wanted)
    plain = [e for e in made(data, embedder, **wanted) if not e.id.endswith(".near")]
    assert len(plain) == 6


def test_every_answer_has_its_evidence_and_every_heading_its_blanks(
    data: Path, embedder: Embedder
) -> None:
    found = made(data, embedder, company=3, mined=2)
    alone = {e.id: e for e in made(data, embedder)}
    assert [e.wordings for e in found] == [alone[e.id].wordings for e in found]
    assert all(alone[e.id].passages[0].text in e.passages[0].text for e in found)
    assert any(len(e.passages[0].text) > 150 for e in found)
    assert all(e.passages[0].evidence for e in found)
    assert {e.heading for e in found} == {"Gull Rock", "North Head", "Salt Point", "Mole End"}
    assert {e.heading for e in made(data, embedder, headings=False)} == {""}


def test_mined_passages_are_near_and_hold_no_answer(data: Path, embedder: Embedder) -> None:
    for example in made(data, embedder, mined=2):
        first, *others = example.passages
        assert first.answers
        assert len(others) == 2
        assert not any(p.answers or example.wordings[0] in p.text for p in others)
    digests = made(data, embedder, mined=2, digest=1.0)
    assert all(len(example.passages) == 1 for example in digests)
    assert sum(len(e.passages[0].text) > 150 for e in digests) > 6


def test_repetitions_have_other_negatives(data: Path, embedder: Embedder) -> None:
    found = made(data, embedder, mined=1, repeat=2)
    assert len(found) == 24
    assert found[:12] != found[12:]
    assert [e.id for e in found[:12]] == [e.id for e in found[12:]]


def test_tables_are_written_out_and_asked_for_cells(tmp_path: Path, embedder: Embedder) -> None:
    text = "Keeper | Years\nAda Moor | 23\nTom Reed | 11"
    answers = [{"text": "Ada Moor", "start": text.index("Ada Moor")}]
    row = {"id": "t", "question": "Who kept it longest?", "context": text, "answers": answers}
    write_rows(tmp_path / "lamps.jsonl.gz", [row])
    whole, lookup = made(tmp_path, embedder, written_out=1.0, lookups=True)
    assert whole.passages[0].text == "Keeper: Ada Moor; Years: 23\nKeeper: Tom Reed; Years: 11"
    assert whole.wordings == ["Ada Moor"]
    assert lookup.id == "lookup0"
    assert lookup.passages[0].text == whole.passages[0].text


def test_a_missing_file_is_named(tmp_path: Path, embedder: Embedder) -> None:
    with pytest.raises(GoldError, match=r"lamps\.jsonl\.gz"):
        made(tmp_path, embedder)
