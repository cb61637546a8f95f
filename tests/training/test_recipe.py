"""Recipes: read strictly, mixed alike for the same seed, carried out stage by stage."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from typer.testing import CliRunner

from aiqa import Assistant
from aiqa.checksums import sha256
from aiqa.cli.main import app
from aiqa.errors import GoldError, SettingsError
from aiqa.reader.factory import FOLDER
from aiqa.reader.qa_models import OnnxModel, TransformersModel
from aiqa.text.sentences import sentences
from aiqa.training import model as models
from aiqa.training.examples import Example
from aiqa.training.mixing import mixed
from aiqa.training.packaged import unpack
from aiqa.training.recipe import Ingredient, Recipe, Stage
from aiqa.training.run import MODEL

PLACES = {
    "Gull Rock": ("Ada Moor", "1887", "oil"),
    "North Head": ("Tom Reed", "1902", "gas"),
    "Salt Point": ("Jane Park", "1911", "paraffin"),
    "Mole End": ("Ivo Lund", "1924", "electricity"),
}


SHORT = """[[stages]]
name = "a"
rate = 1e-4
ingredients = [{file = "lamps.jsonl.gz", limit = 3}]
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    rows = []
    for place, (keeper, year, fuel) in PLACES.items():
        text = f"The lamp on {place} was lit in {year} by {keeper}. It burned {fuel} for years."
        for kind, question, answer in (
            ("who", f"Who lit the lamp on {place}?", keeper),
            ("when", f"When was the lamp on {place} lit?", year),
            ("what", f"What did the lamp on {place} burn?", fuel),
        ):
            rows.append({
                "id": f"{place}-{kind}", "question": question, "context": text,
                "answers": [{"text": answer, "start": text.index(answer)}],
            })  # fmt: skip
    with gzip.open(folder / "lamps.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    return folder


def stage(**ingredient: object) -> Stage:
    made = Ingredient.model_validate({"file": "lamps.jsonl.gz", **ingredient})
    return Stage(name="lamps", rate=1e-4, ingredients=(made,))


@pytest.fixture(scope="module")
def packaged() -> OnnxModel:
    weights = FOLDER / "reader.onnx"
    return OnnxModel("packaged", weights, sha256(weights))


def test_the_same_seed_mixes_the_same(data: Path, tmp_path: Path, packaged: OnnxModel) -> None:
    def made(stage: Stage) -> list[Example]:
        return mixed(stage, data, tmp_path, packaged)

    wanted = stage(limit=6, strangers=0.5, near_misses=0.5, company=2)
    assert made(wanted) == made(wanted)
    assert made(wanted.model_copy(update={"seed": 1})) != made(wanted)
    assert sum(".near" not in example.id for example in made(wanted)) == 6


def test_answers_stay_where_they_are_in_company(
    data: Path, tmp_path: Path, packaged: OnnxModel
) -> None:
    alone = {e.id: e for e in mixed(stage(), data, tmp_path, packaged)}
    together = mixed(stage(company=3), data, tmp_path, packaged)
    assert [e.wordings for e in together] == [alone[e.id].wordings for e in together]
    assert all(alone[e.id].passages[0].text in e.passages[0].text for e in together)
    assert any(len(e.passages[0].text) > 150 for e in together)


def test_mined_passages_are_those_that_search_finds_and_are_kept(
    data: Path, tmp_path: Path, packaged: OnnxModel
) -> None:
    examples = mixed(stage(mined=2), data, tmp_path, packaged)
    for example in examples:
        first, *others = example.passages
        assert first.answers
        assert len(others) == 2
        assert not any(p.answers or example.wordings[0] in p.text for p in others)
    (kept,) = tmp_path.iterdir()
    before = kept.stat().st_mtime_ns
    assert mixed(stage(mined=2), data, tmp_path, packaged) == examples
    digested = mixed(stage(mined=2, digest=1.0), data, tmp_path, packaged)
    assert [len(example.passages) for example in digested] == [1] * len(examples)
    assert all("on North Head" in e.passages[0].text for e in digested)
    assert kept.stat().st_mtime_ns == before


def test_what_the_reader_mistakes_for_answers_is_kept(
    data: Path, tmp_path: Path, packaged: OnnxModel
) -> None:
    wanted = stage(mined=2, digest=1.0, digest_by="reader")
    digested = mixed(wanted, data, tmp_path, packaged)
    assert [len(example.passages) for example in digested] == [1] * len(digested)
    others = [e for e in digested if len(sentences(e.passages[0].text)) > 1]
    assert len(others) == len(digested)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert len(before) == 2  # what search finds, and what of it seems to answer
    assert mixed(wanted, data, tmp_path, packaged) == digested
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("about = ", "cannot be read"),
        ('about = "x"\nstages = []', "stages"),
        ('about = "x"\n[[stages]]\nname = "a"\nrate = -1\ningredients = []', "rate"),
        ('about = "x"\nspeed = 3', "speed"),
        (f'about = "x"\nresult = ["b"]\n{SHORT}', "there is no stage b"),
        (f'about = "x"\n{SHORT}start = ["a"]', "a cannot start from a"),
        (f'about = "x"\n{SHORT}teacher = "a"', "a cannot be taught by a"),
        (f'about = "x"\n{SHORT}taught = 0.5', "a needs both a teacher and a share taught"),
        (f'about = "x"\n{SHORT.replace("limit = 3", "digest = 0.5")}', "that are mined for"),
        (
            'about = "x"\n' + SHORT.replace("limit = 3", 'mined = 1, digest_by = "reader"'),
            "how the digests are made",
        ),
        (f'about = "x"\nresult = ["a"]\n{SHORT}encoder = "some/encoder"', "there is no stage a"),
    ],
)
def test_a_recipe_that_cannot_be_used_says_why(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=complaint):
        Recipe.read(path)


def test_the_recipes_of_the_project_can_be_read() -> None:
    root = Path(__file__).parents[2]
    paths = [*root.glob("eval/recipes/*.toml"), *root.glob("src/aiqa/training/recipes/*.toml")]
    assert len(paths) > 10
    assert all(Recipe.read(path).stages for path in paths)


def test_train_makes_a_model_and_its_report_and_goes_on_from_finished_stages(
    data: Path, tmp_path: Path
) -> None:
    recipe = tmp_path / "short.toml"
    recipe.write_text(
        'about = "Two short stages"\n'
        '[[stages]]\nname = "gaps"\nrate = 1e-4\n'
        '[[stages.ingredients]]\nfile = "lamps.jsonl.gz"\nlimit = 3\n'
        '[[stages]]\nname = "lamps"\nrate = 1e-4\nshared = 1.0\n'
        '[[stages.ingredients]]\nfile = "lamps.jsonl.gz"\nlimit = 3\nmined = 1\n',
        "utf-8",
    )
    file = data / "lamps.jsonl.gz"
    out = tmp_path / "out"
    command = ["train", "reader", str(recipe), "--data", str(data), "--out", str(out)]
    options = ["--validate", str(file), "--limit", "4"]
    first = CliRunner().invoke(app, [*command, *options], catch_exceptions=False)
    assert first.exit_code == 0
    report = json.loads((out / "report.json").read_text("utf-8"))
    assert report["recipe"] == "short"
    assert report["figures"]["lamps"]["n"] == 4
    assert 0 <= report["figures"]["lamps"]["em"] <= report["figures"]["lamps"]["f1"] <= 1
    weights = (out / MODEL / "model.safetensors").read_bytes()
    again = CliRunner().invoke(app, command, catch_exceptions=False)
    assert '{"stage"' not in again.stdout
    assert (out / MODEL / "model.safetensors").read_bytes() == weights


def test_a_recipe_averages_stages_that_part_ways_and_may_stop_one_early(
    data: Path, tmp_path: Path
) -> None:
    recipe = tmp_path / "forked.toml"
    ingredients = 'word_pieces = 60\ningredients = [{file = "lamps.jsonl.gz", limit = 4}]\n'
    recipe.write_text(
        'about = "A stage, and two that go on from it"\nresult = ["left", "right"]\n'
        f'[[stages]]\nname = "first"\nrate = 1e-4\n{ingredients}'
        f'[[stages]]\nname = "left"\nrate = 1e-4\nstop = 0.5\n{ingredients}'
        f'[[stages]]\nname = "right"\nstart = ["first"]\nrate = 1e-4\n{ingredients}',
        "utf-8",
    )
    out = tmp_path / "out"
    command = ["train", "reader", str(recipe), "--data", str(data), "--out", str(out)]
    done = CliRunner().invoke(app, command, catch_exceptions=False)
    last = {row["stage"]: row for row in map(json.loads, done.stdout.splitlines()[:-1])}
    assert last["right"]["step"] == last["right"]["steps"] > 1
    assert last["left"]["step"] == round(last["left"]["steps"] / 2)
    weights = {
        name: load_file(out / name / MODEL / "model.safetensors")
        for name in ("2-left", "3-right", "")
    }
    for name, mean in weights[""].items():
        assert torch.allclose(mean, (weights["2-left"][name] + weights["3-right"][name]) / 2)
    assert not torch.equal(
        weights["2-left"]["qa_outputs.weight"], weights["3-right"]["qa_outputs.weight"]
    )


def test_a_stage_is_taught_by_a_model_of_another_kind(
    data: Path, tmp_path: Path, encoder: Path
) -> None:
    recipe = tmp_path / "taught.toml"
    ingredients = 'ingredients = [{file = "lamps.jsonl.gz", limit = 6}]\n'
    recipe.write_text(
        'about = "A larger model, and one that learns from it"\n'
        f'[[stages]]\nname = "large"\nencoder = "some/encoder"\nrate = 1e-3\n{ingredients}'
        f'[[stages]]\nname = "small"\nteacher = "large"\ntaught = 1.0\nrate = 1e-3\n{ingredients}',
        "utf-8",
    )
    out = tmp_path / "out"
    command = ["train", "reader", str(recipe), "--data", str(data), "--out", str(out)]
    done = CliRunner().invoke(app, [*command, "--encoder", str(encoder)], catch_exceptions=False)
    assert [json.loads(line).get("stage") for line in done.stdout.splitlines()] == [
        "large", "small", None,
    ]  # fmt: skip
    assert (
        json.loads((out / "1-large" / MODEL / "config.json").read_text())["model_type"] == "mpnet"
    )
    assert json.loads((out / MODEL / "config.json").read_text())["model_type"] == "bert"
    TransformersModel(out / MODEL)


def test_a_reader_learns_from_a_gold_set_what_is_wanted(
    harbour: Path, tmp_path: Path, open_assistant: Callable[..., Assistant]
) -> None:
    assistant = open_assistant(tmp_path / "index")
    assistant.ingest(harbour)
    question, wanted = "What did the schooner Petrel come in with?", "with a broken mast"
    first = assistant.ask(question, min_confidence=0.0)
    assert first.statements[0].text != wanted
    row = {
        "id": "mast",
        "question": question,
        "answers": [wanted],
        "evidence": [{"source": "docs/log.pdf", "quote": wanted}],
        "split": "dev",
    }
    gold = tmp_path / "gold.jsonl"
    gold.write_text(json.dumps(row), "utf-8")
    options = ["--index", str(tmp_path / "index"), "--out", str(tmp_path / "own")]
    command = ["train", "gold", str(gold), *options, "--passes", "8", "--rate", "1e-4"]
    done = CliRunner().invoke(app, command, catch_exceptions=False)
    assert done.exit_code == 0
    taught = open_assistant(tmp_path / "index", reader=str(tmp_path / "own" / MODEL))
    assert taught.ask(question, min_confidence=0.0).statements[0].text == wanted

    row["evidence"] = [{"source": "docs/other.txt", "quote": wanted}]
    gold.write_text(json.dumps(row), "utf-8")
    with pytest.raises(GoldError, match="nothing to learn from"):
        CliRunner().invoke(app, command, catch_exceptions=False)


def test_the_packaged_reader_reads_alike_as_a_folder(tmp_path: Path, packaged: OnnxModel) -> None:
    unpack(tmp_path / "reader")
    folder = TransformersModel(tmp_path / "reader")
    text = "The lamp on Gull Rock was lit in 1887 by Ada Moor. It burned rapeseed oil for years."
    for question in ("Who lit the lamp?", "When was it lit?", "What did the lamp burn?"):
        (starts, ends), (others, last) = (
            model.logits(model.windows.cut(question, text))[0] for model in (packaged, folder)
        )
        assert starts.argmax() == others.argmax()
        assert ends.argmax() == last.argmax()
        assert abs(starts - others).max() < 1


def test_averaged_weights_are_the_mean(tmp_path: Path) -> None:
    one, two = models.load(None, seed=1), models.load(None, seed=2)
    models.save(one, tmp_path / "one")
    models.save(two, tmp_path / "two")
    mean = models.averaged([tmp_path / "one", tmp_path / "two"])
    for name in ("qa_outputs.weight", "bert.embeddings.word_embeddings.weight"):
        expected = (one.state_dict()[name] + two.state_dict()[name]) / 2
        assert torch.allclose(mean.state_dict()[name], expected)
    assert not torch.equal(
        one.state_dict()["qa_outputs.weight"], mean.state_dict()["qa_outputs.weight"]
    )


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=str(tmp_path)):
        models.load(tmp_path)
