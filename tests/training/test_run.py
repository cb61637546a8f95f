"""`aiqa train …` from end to end, with small models: recipes, averages, ONNX."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from aiqa.cli.main import app
from aiqa.errors import SettingsError
from aiqa.training.model import load, save
from aiqa.training.onnx_import import unpack
from aiqa.training.quantization import encode_blocks
from aiqa.training.recipe import Recipe
from aiqa.training.run import DATASET, MODEL, train_stages
from tests.training.samples import asked, tiny_model

RECIPE = """
about = "A larger model, and one that learns from it"
seed = 7
[[sources]]
file = "lamps.jsonl.gz"
mined = 1
near_misses = 0.3
[[stages]]
name = "base"
encoder = "some/encoder"
rate = 1e-3
word_pieces = 300
four_bits = 0.5
[[stages]]
name = "small"
teacher = "base"
taught = 0.5
rate = 1e-4
passes = 0.5
word_pieces = 300
"""


def run(*command: object) -> list[dict[str, Any]]:
    """The JSON lines that the command prints."""
    done = CliRunner().invoke(app, ["train", *map(str, command)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recipe") / "tiny.toml"
    path.write_text(RECIPE, "utf-8")
    return path


@pytest.fixture(scope="module")
def trained(
    recipe: Path, data: Path, encoder: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[dict[str, Any]]]:
    """What `aiqa train reader` leaves of the tiny recipe, and what it says."""
    out = tmp_path_factory.mktemp("out")
    validate = ["--validate", data / "lamps.jsonl.gz", "--questions", 4]
    said = run(
        "reader", recipe, "--data", data, "--out", out, "--encoder", encoder, "--threads", 1,
        *validate,
    )  # fmt: skip
    return out, said


def test_a_recipe_makes_both_sizes_and_a_report(
    trained: tuple[Path, list[dict[str, Any]]],
) -> None:
    out, said = trained
    assert said[0] == {"examples": said[0]["examples"]}
    assert [line["stage"] for line in said[1:-1]] == ["base", "small"]
    assert {path.name for path in out.iterdir()} == {
        DATASET, "mixture.json", "base", "small", "report.json",
    }  # fmt: skip
    assert [path.name for path in (out / "base").iterdir()] == [MODEL]  # no checkpoint is left
    base, small = load(out / "base" / MODEL), load(out / "small" / MODEL)
    assert (base.kind, small.kind) == ("mpnet", "bert")
    weight = base.encoder.encoder.layer[0].output.dense.weight.detach()
    codes, scale = encode_blocks(weight)
    assert ((codes * scale[..., None]).reshape(weight.shape) == weight).all()
    report = json.loads((out / "report.json").read_text("utf-8"))
    assert report == said[-1]
    assert report["recipe"] == "tiny"
    assert report["figures"].keys() == {"base", "small"}
    figures = report["figures"]["small"]["lamps"]
    assert figures["n"] == 4
    assert 0 <= figures["em"] <= figures["f1"] <= 1


def test_what_is_done_is_not_done_again_and_the_data_set_suffices(
    trained: tuple[Path, list[dict[str, Any]]], recipe: Path, encoder: Path, tmp_path: Path
) -> None:
    out, said = trained
    again = run("reader", recipe, "--out", out)
    assert [line for line in again if "stage" in line] == []
    for name in (DATASET, "mixture.json"):
        shutil.copy(out / name, tmp_path / name)
    # Another machine, which has the training set only.
    carried = run("reader", recipe, "--out", tmp_path, "--encoder", encoder, "--threads", 1)
    assert carried[0] == said[0]
    for stage in ("base", "small"):
        weights = [folder / stage / MODEL / "model.safetensors" for folder in (out, tmp_path)]
        assert weights[0].read_bytes() == weights[1].read_bytes()


def test_a_changed_mixture_needs_its_data(
    trained: tuple[Path, list[dict[str, Any]]], recipe: Path, tmp_path: Path
) -> None:
    out, _ = trained
    changed = tmp_path / "changed.toml"
    changed.write_text(recipe.read_text("utf-8").replace("seed = 7", "seed = 8"), "utf-8")
    with pytest.raises(SettingsError, match="no training set of this recipe"):
        run("reader", changed, "--out", out)


def test_an_encoder_that_is_named_is_asked_for(recipe: Path, data: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="base starts from the encoder some/encoder"):
        run("reader", recipe, "--data", data, "--out", tmp_path)


def test_a_trial_takes_some_of_the_examples(
    recipe: Path, data: Path, encoder: Path, tmp_path: Path
) -> None:
    said = run(
        "reader", recipe, "--data", data, "--out", tmp_path, "--encoder", encoder, "--limit", 4,
        "--threads", 1, "--at-once", 100,
    )  # fmt: skip
    assert [line["steps"] for line in said if line.get("stage") == "base"] == [1]


def test_a_stage_may_go_on_from_the_packaged_reader(tmp_path: Path) -> None:
    save(tiny_model(seed=4), tmp_path / "packaged")
    run("export", tmp_path / "packaged", "--out", tmp_path / "small.onnx")
    source = {"file": "none.jsonl"}
    stage = {"name": "on", "encoder": "packaged", "rate": 1e-7}
    recipe = Recipe.model_validate({"about": "x", "sources": [source], "stages": [stage]})
    examples = [asked("Who lit it?", "Ada Moor lit it.", "Ada Moor")]
    made = train_stages(recipe, examples, tmp_path, packaged=tmp_path / "small.onnx")
    before, after = unpack(tmp_path / "small.onnx").state_dict(), load(made["on"]).state_dict()
    assert all((after[name] - value).abs().max() < 1e-5 for name, value in before.items())
    assert any((after[name] != value).any() for name, value in before.items())


def test_models_are_averaged_and_exported(
    trained: tuple[Path, list[dict[str, Any]]], data: Path, tmp_path: Path
) -> None:
    models = [trained[0] / "base" / MODEL] * 2
    (said,) = run(
        "average", *models, "--out", tmp_path, "--validate", data / "lamps.jsonl.gz",
        "--questions", 3, "--threads", 1,
    )  # fmt: skip
    assert said["averaged"] == [str(path) for path in models]
    assert said["figures"]["average"]["lamps"]["n"] == 3
    target = tmp_path / "base.onnx"
    (written,) = run("export", tmp_path / MODEL, "--out", target, "--four-bits")
    assert written == {"written": str(target), "bytes": target.stat().st_size}
    assert unpack(target).kind == "mpnet"
